"""The last line of a test run: whether what was tested was tested on a real Kafka."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

NO_KAFKA = "no Kafka: "


@dataclass
class Proof:
    """What a run has seen of Kafka."""

    brokers: set[str] = field(default_factory=set)
    skipped: list[str] = field(default_factory=list)
    failed: bool = False

    def line(self) -> str:
        if self.skipped:
            reasons = "; ".join(sorted(set(self.skipped)))
            tests = "1 test" if len(self.skipped) == 1 else f"{len(self.skipped)} tests"
            return f"NOT PROVEN ON KAFKA: {tests} skipped: {reasons}"
        brokers = ", ".join(sorted(self.brokers))
        if self.failed:
            return f"NOT PROVEN ON KAFKA: this run failed (its broker: {brokers or 'none'})"
        if not brokers:
            return "NOT PROVEN ON KAFKA: 0 tests skipped: no test of this run needs a broker"
        return f"PROVEN ON KAFKA {brokers}"


PROOF = pytest.StashKey[Proof]()


class ProofKeeper:
    """Hears of every test, also of those that run side by side, and has the last word."""

    def __init__(self, proof: Proof) -> None:
        self._proof = proof

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._proof.brokers |= set(getattr(node, "workeroutput", {}).get("brokers", ()))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            _, said, reason = report.longrepr[2].partition(NO_KAFKA)
            if said:
                self._proof.skipped.append(reason)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if (told := getattr(session.config, "workeroutput", None)) is not None:
            told["brokers"] = sorted(self._proof.brokers)
        self._proof.failed = exitstatus not in {
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        }


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    config.stash[PROOF] = Proof()
    config.pluginmanager.register(ProofKeeper(config.stash[PROOF]), "perennial-proof")


@pytest.hookimpl(wrapper=True)
def pytest_unconfigure(config: pytest.Config) -> Iterator[None]:
    """Pytest closes with its count; only what comes after it is the last line."""
    yield
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if PROOF in config.stash and reporter and not config.option.collectonly:
        reporter.write_line(config.stash[PROOF].line())
