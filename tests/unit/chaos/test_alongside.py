"""Work beside a run ends with it, and does not die in silence."""

import time
from pathlib import Path
from threading import Event
from typing import Any

import orjson

from deploy.processes import Processes
from tests.chaos.alongside import alongside
from tests.chaos.journal import Journal
from tests.chaos.restarts import Restarts


def test_it_works_until_the_block_ends() -> None:
    failures: list[str] = []
    rounds: list[int] = []
    begun = Event()

    def work(over: Event) -> None:
        begun.set()
        over.wait()
        rounds.append(1)

    with alongside(work, failures):
        begun.wait()
        assert not rounds

    assert rounds == [1]
    assert failures == []


def test_work_that_died_is_told_of() -> None:
    failures: list[str] = []

    def work(over: Event) -> None:
        del over
        raise TimeoutError("nobody answered")

    with alongside(work, failures):
        pass

    [failure] = failures
    assert "nobody answered" in failure


def test_whoever_is_started_again_is_noted_with_the_time_before(tmp_path: Path) -> None:
    processes, journal = Processes(tmp_path / "run"), Journal(tmp_path / "client.jsonl")

    with alongside(Restarts(processes, journal).run, []):
        processes.restarts["billing"] = 1
        _wait_for_lines(tmp_path, 1)
        processes.restarts["notifier"] = 1
        lines = _wait_for_lines(tmp_path, 2)
    journal.close()

    assert [(each["service"], each["cuts_mail"]) for each in lines] == [
        ("billing", False),
        ("notifier", True),
    ]
    assert all(each["since"] < each["until"] for each in lines)


def _wait_for_lines(directory: Path, n: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        lines = (directory / "client.jsonl").read_text().splitlines()
        if len(lines) >= n:
            return [orjson.loads(each) for each in lines]
        time.sleep(0.05)
    raise TimeoutError
