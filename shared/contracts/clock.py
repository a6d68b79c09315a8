"""What every service says when its work at one stop of a test clock is done."""

from pydantic import AwareDatetime
from typing_extensions import override

from shared.contracts.event import Change, EventContract, State


class ClockSettledState(State):
    """Counters only rise: equal in two rounds, nothing is in flight (Mattern's four counters)."""

    clock_id: str
    service: str
    step: int
    phase: int
    round: int
    next_due_at: AwareDatetime | None = None
    sent: dict[str, int]
    handled: dict[str, int]
    open_effects: int
    stuck: list[str]

    @property
    @override
    def key(self) -> str:
        return self.clock_id


class ClockSettled(EventContract):
    type = "clock.settled"
    state = "settled"
    settled: ClockSettledState
    change: Change
