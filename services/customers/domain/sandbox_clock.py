"""A sandbox partner's clock: it leads all services through time, one stop after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, NewType, TypeAlias

from services.customers.domain.clock_answer import Answer, Obstacle, Place, unhandled
from shared.errors import Conflict, Invalid, NotFound, Stale
from shared.ids import PartnerId

SandboxClockId = NewType("SandboxClockId", str)
# Beyond these, adding a period to a date may leave the calendar.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
# Who follows the clocks, in the order in which their timers of one instant fire.
FOLLOWERS: Final = ("customers", "subscriptions", "billing", "notifier")
EVERYBODY: Final = "everybody"
NOBODY: Final = "nobody"
# In real time, without anything new from anybody.
PATIENCE: Final = timedelta(seconds=30)


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
    """It stops wherever a timer of the partner is due. At a stop one service after the other has its
    `turn` to fire, and the next one has it when all is quiet again.

    Phase 0 of a stop is nobody's turn: all services answer, so it begins and ends an advance.
    `target` is where the clock was told to go last; `moved_at` is when, in real time, anything was
    last heard of it.
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
    turn: str
    moved_at: datetime
    answers: dict[str, Answer] = field(default_factory=dict)
    failure: Obstacle | None = None

    @classmethod
    def frozen(
        cls, key: SandboxClockKey, at: datetime, real: datetime
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
            turn=EVERYBODY,
            moved_at=real,
        )
        return clock, [ClockStepped(replace(clock))]

    @property
    def key(self) -> SandboxClockKey:
        return SandboxClockKey(self.partner_id, self.id)

    @property
    def place(self) -> Place:
        return Place(self.step, self.phase, self.round)

    def advance(self, to: datetime, real: datetime) -> list[ClockStepped]:
        """Begin at the present instant, whose work must be done first; to advance no further than
        there means just that. A clock that failed goes on in the same way.
        """
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
        self.status, self.failure = ClockStatus.ADVANCING, None
        self.target, self.moved_at = to, real
        self.round += 1
        self.answers = {}
        return self._stop(self.now, 0, NOBODY)

    def hear(self, answer: Answer, followers: Sequence[str], real: datetime) -> list[ClockStepped]:
        """Only what is newer than the last word of that service, and of this advance, counts."""
        known = self.answers.get(answer.service)
        is_news = known is None or answer.version > known.version
        if answer.service not in followers or answer.place.round != self.round or not is_news:
            return []
        self.answers[answer.service] = answer
        self.moved_at = real
        if self.status is not ClockStatus.ADVANCING:
            return []
        if answer.stuck:
            self._fail(Obstacle(answer.service, answer.stuck))
            return []
        return [] if self._obstacles(followers) else self._go_on(followers)

    def give_up(self, followers: Sequence[str], real: datetime) -> None:
        """Nothing was heard for too long: say for whom we wait."""
        if self.status is not ClockStatus.ADVANCING or real - self.moved_at < PATIENCE:
            return
        for obstacle in self._obstacles(followers)[:1]:
            self._fail(obstacle)

    def _fail(self, obstacle: Obstacle) -> None:
        self.status, self.failure = ClockStatus.FAILED, obstacle

    def _obstacles(self, followers: Sequence[str]) -> list[Obstacle]:
        """What must end before the next turn: empty when all is quiet."""
        found = []
        for service in followers:
            answer = self.answers.get(service)
            if answer is None or (
                self.turn in {service, NOBODY} and answer.place[:2] != self.place[:2]
            ):
                found.append(Obstacle(service, [f"no answer at {self.now.isoformat()}"]))
            elif answer.open_effects:
                found.append(Obstacle(service, answer.open))
            elif self.turn == service and _is_due(answer, self.now):
                found.append(Obstacle(service, ["timers that are due have not fired"]))
        return found or unhandled(self.answers)

    def _go_on(self, followers: Sequence[str]) -> list[ClockStepped]:
        for phase, service in enumerate(followers, 1):
            if phase > self.phase and _is_due(self.answers[service], self.now):
                return self._take_turn(phase, service)
        due = [each.next_due_at for each in self.answers.values() if each.next_due_at]
        instant = max(min(due), self.now) if due else None
        if instant is not None and instant <= self.target:
            first = next(each for each in followers if _is_due(self.answers[each], instant))
            return self._stop(instant, followers.index(first) + 1, first)
        if (self.phase, self.now) != (0, self.target):
            return self._stop(self.target, 0, NOBODY)
        self.status, self.answers = ClockStatus.READY, {}
        return self._take_turn(len(followers) + 1, EVERYBODY)

    def _stop(self, instant: datetime, phase: int, turn: str) -> list[ClockStepped]:
        self.step += 1
        self.now = instant
        return self._take_turn(phase, turn)

    def _take_turn(self, phase: int, turn: str) -> list[ClockStepped]:
        self.phase, self.turn = phase, turn
        self.version += 1
        return [ClockStepped(replace(self))]


SandboxClockEvent: TypeAlias = ClockStepped


def _is_due(answer: Answer, at: datetime) -> bool:
    return answer.next_due_at is not None and answer.next_due_at <= at


def _within_reach(at: datetime, field_name: str) -> datetime:
    if not EARLIEST <= at <= LATEST:
        raise BeyondClock(
            f"{at.isoformat()} is out of reach",
            field=field_name,
            way_out=f"Give a time from {EARLIEST.year} to {LATEST.year}.",
        )
    return at.astimezone(UTC)
