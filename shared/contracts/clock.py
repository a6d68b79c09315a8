"""What every service says when its work at one stop of a test clock is done."""

from pydantic import AwareDatetime, Field
from typing_extensions import override

from shared.contracts.event import Change, EventContract, State


class ClockSettledState(State):
    """What a service had done for a partner at one moment; it says so when it has come to rest, and
    again whenever that has changed since.

    The counters are by topic and only rise. `reads` are the topics of ours that the service reads;
    `open` names a few of its open effects, `stuck` what will not go on without a person.
    """

    clock_id: str
    service: str
    step: int
    phase: int
    round: int
    next_due_at: AwareDatetime | None = None
    sent: dict[str, int]
    handled: dict[str, int]
    reads: list[str]
    open_effects: int
    open: list[str] = Field(default_factory=list)
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
