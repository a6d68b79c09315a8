"""The stand-ins that the tests of this folder share; each test takes names of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.standins.listening import Listener
from tests.standins.running import StandIn


def _one(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    standin = StandIn.started(name, tmp_path_factory.mktemp(name) / "ledger")
    yield standin
    standin.kill()


@pytest.fixture(scope="session")
def shared_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    yield from _one("gateway", tmp_path_factory)


@pytest.fixture(scope="session")
def shared_panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    yield from _one("panel", tmp_path_factory)


@pytest.fixture(scope="session")
def shared_mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    yield from _one("mailbox", tmp_path_factory)


@pytest.fixture
def gateway(shared_gateway: StandIn) -> StandIn:
    return _without_rules(shared_gateway)


@pytest.fixture
def panel(shared_panel: StandIn) -> StandIn:
    return _without_rules(shared_panel)


@pytest.fixture
def mailbox(shared_mailbox: StandIn) -> StandIn:
    return _without_rules(shared_mailbox)


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


def _without_rules(standin: StandIn) -> StandIn:
    standin.http.delete("/control/rules").raise_for_status()
    return standin
