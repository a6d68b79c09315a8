"""The embedded PostgreSQL is waited for, however long its recovery takes."""

from pathlib import Path

import pytest

from deploy import postgres
from deploy.postgres import EmbeddedPostgres


class Recovering:
    """A server that is not ready at the first look, as after a crash on a busy machine."""

    def __init__(self, directory: Path) -> None:
        self.pgdata = directory
        self.started = 0

    def ensure_pgdata_inited(self) -> None:
        (self.pgdata / "postgresql.conf").touch()

    def start(self) -> None:
        self.started += 1
        assert self.started > 1, "its status is not 'ready'"


def test_a_server_that_still_recovers_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Recovering(tmp_path)
    monkeypatch.setattr(postgres, "get_server", lambda *_, **__: server)

    EmbeddedPostgres(tmp_path).start()

    assert server.started == 2
