"""What the runtime of consumers needs of a service's transaction, and no more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shared.clock_counters import ClockCounters
from shared.ids import PartnerId
from shared.inbox import Arrival, Claim
from shared.parking import Letter, Parked


class ClaimsArrivals(Protocol):
    async def claim(self, arrivals: Sequence[Arrival], taken_at: datetime) -> Claim: ...

    async def claim_unless_parked(
        self, arrivals: Sequence[Arrival], taken_at: datetime
    ) -> Claim | None: ...


class KeepsLetters(Protocol):
    async def blocked(self, keys: set[tuple[str, bytes]]) -> set[tuple[str, bytes]]: ...

    async def park(self, letters: Sequence[Letter], at: datetime) -> None: ...

    async def bury(self, letters: Sequence[Letter], at: datetime) -> None: ...

    async def due(self, now: datetime, limit: int = 50) -> list[Parked]: ...

    async def handled(self, n: int, at: datetime) -> None: ...

    async def failed(self, each: Parked, detail: str, at: datetime) -> None: ...


class ObservesTime(Protocol):
    @property
    def counters(self) -> ClockCounters: ...

    async def observe(self, seen: dict[PartnerId, datetime]) -> None: ...


class Consuming(Protocol):
    """What the runtime itself needs of a transaction; handlers see the service's own type."""

    @property
    def inbox(self) -> ClaimsArrivals: ...

    @property
    def parking(self) -> KeepsLetters: ...

    @property
    def clocks(self) -> ObservesTime: ...
