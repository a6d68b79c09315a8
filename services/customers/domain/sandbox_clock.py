"""A sandbox partner's clock: it stands still until it is advanced, and never goes back."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple, NewType, TypeAlias

from shared.errors import Conflict, Invalid, NotFound, Stale
from shared.ids import PartnerId

SandboxClockId = NewType("SandboxClockId", str)
# Beyond these, adding a period to a date may leave the calendar.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)


class SandboxClockKey(NamedTuple):
    partner_id: PartnerId
    id: SandboxClockId


class ClockStatus(StrEnum):
    READY = "ready"
    ADVANCING = "advancing"
    FAILED = "failed"


class SandboxClockNotFound(NotFound):
    code = "test_clock_not_found"


class SandboxClockStale(Stale):
    code = "test_clock_stale"


class ClockAdvancing(Conflict):
    code = "clock_advancing"


class ClockNeverGoesBack(Invalid):
    code = "clock_never_goes_back"


class BeyondClock(Invalid):
    code = "beyond_clock"


class NoSandbox(Invalid):
    code = "no_sandbox"


@dataclass(frozen=True, slots=True)
class ClockStepped:
    """`at` is the new time: the clock's own word is already spoken at it."""

    clock: "SandboxClock"

    @property
    def at(self) -> datetime:
        return self.clock.now


@dataclass(slots=True, kw_only=True)
class SandboxClock:
    """`step` counts its stops, `phase` the services within one, `round` the questions asked.

    `target` is where it was told to go last.
    """

    id: SandboxClockId
    partner_id: PartnerId
    version: int
    status: ClockStatus
    step: int
    phase: int
    round: int
    now: datetime
    target: datetime

    @classmethod
    def frozen(
        cls, key: SandboxClockKey, at: datetime
    ) -> tuple["SandboxClock", list[ClockStepped]]:
        at = _within_reach(at, "frozen_time")
        clock = cls(
            id=key.id,
            partner_id=key.partner_id,
            version=1,
            status=ClockStatus.READY,
            step=0,
            phase=0,
            round=0,
            now=at,
            target=at,
        )
        return clock, [ClockStepped(replace(clock))]

    @property
    def key(self) -> SandboxClockKey:
        return SandboxClockKey(self.partner_id, self.id)

    def advance(self, to: datetime) -> list[ClockStepped]:
        """One stop, at `to`; to where it stands already is no stop at all."""
        if self.status is ClockStatus.ADVANCING:
            raise ClockAdvancing(
                f"the clock is on its way to {self.target.isoformat()}",
                way_out="Wait until its status is ready.",
            )
        to = _within_reach(to, "to")
        if to < self.now:
            raise ClockNeverGoesBack(
                f"it is {self.now.isoformat()} already",
                field="to",
                way_out="Give a later time, or open a new sandbox partner for an earlier one.",
            )
        self.target = to
        if to == self.now:
            return []
        self.now = to
        self.step += 1
        self.phase = self.round = 0
        self.version += 1
        return [ClockStepped(replace(self))]


SandboxClockEvent: TypeAlias = ClockStepped


def _within_reach(at: datetime, field: str) -> datetime:
    if not EARLIEST <= at <= LATEST:
        raise BeyondClock(
            f"{at.isoformat()} is out of reach",
            field=field,
            way_out=f"Give a time from {EARLIEST.year} to {LATEST.year}.",
        )
    return at.astimezone(UTC)
