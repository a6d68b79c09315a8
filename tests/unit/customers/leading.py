"""A clock that advances, and services that say just what the story tells."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.customers.domain.clock_answer import Answer
from services.customers.domain.sandbox_clock import (
    ClockStepped,
    SandboxClock,
    SandboxClockId,
    SandboxClockKey,
)
from shared.ids import PartnerId
from tests.unit.customers.stories import NOW

KEY = SandboxClockKey(PartnerId("ptn_test_acme"), SandboxClockId("clk_1"))
FOLLOWERS = ("customers", "billing", "notifier")
DAY = timedelta(days=1)
TOMORROW = NOW + DAY
REAL = datetime(2026, 6, 1, tzinfo=UTC)


def a_clock() -> SandboxClock:
    clock, _ = SandboxClock.frozen(KEY, NOW, REAL)
    return clock


@dataclass
class Leading:
    """A clock that advances, with services that have nothing to say but what the story tells."""

    clock: SandboxClock = field(default_factory=a_clock)
    version: int = 0
    turns: list[tuple[str, datetime]] = field(default_factory=list)

    def advance(self, to: datetime) -> None:
        self._note(self.clock.advance(to, REAL))

    def says(
        self,
        service: str,
        *,
        due: datetime | None = None,
        sent: dict[str, int] | None = None,
        handled: dict[str, int] | None = None,
        open_effects: tuple[str, ...] = (),
        stuck: tuple[str, ...] = (),
    ) -> Answer:
        self.version += 1
        answer = Answer(
            service=service,
            version=self.version,
            place=self.clock.place,
            next_due_at=due,
            sent=sent or {},
            handled=handled or {},
            reads=("payment.succeeded",) if service == "notifier" else (),
            open_effects=len(open_effects),
            open=open_effects,
            stuck=stuck,
        )
        self.hears(answer)
        return answer

    def hears(self, answer: Answer, real: datetime = REAL) -> None:
        self._note(self.clock.hear(answer, FOLLOWERS, real))

    def all_say(self, **due: datetime | None) -> None:
        for service in FOLLOWERS:
            self.says(service, due=due.get(service))

    def _note(self, events: list[ClockStepped]) -> None:
        self.turns += [(each.clock.turn, each.clock.now) for each in events]
