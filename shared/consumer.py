"""One service's handlers; a poll is one transaction, each event takes effect at most once."""

import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from shared.clock import system_now
from shared.consuming import Consuming
from shared.contracts.event import EventContract, Message
from shared.database import is_transient, passes_without_us, persistently
from shared.ids import PartnerId
from shared.inbox import Claim
from shared.malformed import Malformed, Reason
from shared.parking import BEHIND, Letter, Parked
from shared.received import Received, receive
from shared.record import Record
from shared.telemetry import CONSUMED

log = logging.getLogger(__name__)
E = TypeVar("E", bound=Message)


Tx = TypeVar("Tx", bound=Consuming)
Handler: TypeAlias = Callable[[Sequence[Received[E]], Tx], Awaitable[None]]


class Unavailable(Exception):
    """The database is away for longer than a poll may wait: nothing of the poll is done."""


class Consumer(Generic[Tx]):
    """Handlers by event type. A handler must be free of effects outside its transaction."""

    def __init__(self, begin: Callable[[], AbstractAsyncContextManager[Tx]]) -> None:
        self._begin = begin
        self._handlers: dict[str, Handler[Any, Tx]] = {}
        self._ours: set[str] = set()
        self.contracts: dict[str, type[Message]] = {}
        # Told after each try that failed and is to be repeated: it may be long until the next.
        self.on_failed_try: Callable[[], object] = lambda: None

    @property
    def topics(self) -> list[str]:
        return sorted(self.contracts)

    def on(self, *events: type[E]) -> Callable[[Handler[E, Tx]], Handler[E, Tx]]:
        """Register the one handler of `events`; it gets all of a poll, in arrival order.

        Between handlers there is no order, as there is none between topics.
        """

        def register(handler: Handler[E, Tx]) -> Handler[E, Tx]:
            for event in events:
                if event.type in self._handlers:
                    raise ValueError(f"{event.type} has a handler already")
                self.contracts[event.type] = event
                if issubclass(event, EventContract):
                    self._ours.add(event.type)
                self._handlers[event.type] = handler
            return handler

        return register

    async def deliver(self, records: Sequence[Record]) -> None:
        """Handle a poll. Once this returns, each record is handled, a repeat, parked or dead, and
        its offset may be committed.

        Raises:
            Unavailable: nothing is done, the poll must come again.
        """
        received, dead = self._sort_out(records)
        try:
            await self._persistently(received, dead)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  whatever it was, the innocent keys must get through
            log.warning("poll.replayed", extra={"records": len(records), "error": repr(error)})
            await self._key_by_key(received, dead)

    async def retry_parked(self) -> int:
        """Give the waiting records whose time has come another try; how many were tried."""
        tried = 0
        while await self._retry_one():
            tried += 1
        return tried

    async def _retry_one(self) -> bool:
        due: list[Parked] = []
        try:
            async with self._begin() as tx:
                due = await tx.parking.due(system_now(), 1)
                for parked in due:
                    await self._again(parked, tx)
                return bool(due)
        except Exception as error:
            if passes_without_us(error):
                return False
            if not due:
                raise
            async with self._begin() as tx:
                await tx.parking.failed(due[0], repr(error), system_now())
            return True

    async def _again(self, parked: Parked, tx: Tx) -> None:
        now = system_now()
        try:
            each = receive(parked.record, self.contracts)
        except Malformed as error:
            await tx.parking.failed(parked, f"{error.reason}: {error.detail}", now)
            return
        claim = await tx.inbox.claim([each.arrival], now)
        await self._take(tx, [each], claim)
        await tx.parking.handled(parked.n, now)

    def _sort_out(self, records: Sequence[Record]) -> tuple[list[Received[Any]], list[Letter]]:
        received, dead = [], []
        for record in records:
            if record.topic not in self.contracts:
                continue
            try:
                received.append(receive(record, self.contracts))
            except Malformed as error:
                dead.append(Letter(record, error.reason, error.detail, blocks=False))
            except Exception as error:
                # A reader with a fault of its own must not stop everything else.
                log.exception("record.unreadable", extra={"topic": record.topic})
                dead.append(Letter(record, Reason.UNREADABLE, repr(error), blocks=False))
        return received, dead

    async def _persistently(
        self, received: Sequence[Received[Any]], dead: Sequence[Letter]
    ) -> None:
        async def once() -> None:
            try:
                await self._once(received, dead)
            except Exception as error:
                if is_transient(error):
                    self.on_failed_try()
                raise

        try:
            await persistently(once)
        except Exception as error:
            if passes_without_us(error):
                raise Unavailable from error
            raise

    async def _once(self, received: Sequence[Received[Any]], dead: Sequence[Letter]) -> None:
        if not received and not dead:
            return
        async with self._begin() as tx:
            await tx.parking.bury(dead, system_now())
            arrivals = [each.arrival for each in received]
            if claim := await tx.inbox.claim_unless_parked(arrivals, system_now()):
                await self._take(tx, received, claim)
            else:
                await self._take_what_is_free(tx, received)
        for letter in dead:
            CONSUMED.labels(letter.record.topic, "dead").inc()

    async def _take_what_is_free(self, tx: Tx, received: Sequence[Received[Any]]) -> None:
        behind, free = await self._part(tx, received)
        await tx.parking.park([_behind(each) for each in behind], system_now())
        claim = await tx.inbox.claim([each.arrival for each in free], system_now())
        await self._take(tx, free, claim)

    async def _take(self, tx: Tx, received: Sequence[Received[Any]], claim: Claim) -> None:
        """Set the partners' clocks, hand each type's events to its handler."""
        if claim.reused:
            reused = [
                each
                for each in received
                if (*each.arrival.name, each.arrival.digest) in claim.reused
            ]
            await tx.parking.bury([_reused(each) for each in reused], system_now())
        fresh = _fresh(received, claim)
        sets: defaultdict[Handler[Any, Tx], list[Received[Any]]] = defaultdict(list)
        # How late it is for each partner, as told by our own events: an upstream's clock is its own.
        seen: dict[PartnerId, datetime] = {}
        for each in fresh:
            name = each.event.type
            sets[self._handlers[name]].append(each)
            if name in self._ours:
                partner = each.event.aggregate.partner_id
                tx.clocks.counters.count("handled", partner, name)
                if each.at is not None and (partner not in seen or each.at > seen[partner]):
                    seen[partner] = each.at
        await tx.clocks.observe(seen)
        for handler, events in sets.items():
            await handler(events, tx)
        for topic, count in Counter(each.event.type for each in fresh).items():
            CONSUMED.labels(topic, "handled").inc(count)

    async def _part(
        self, tx: Tx, received: Sequence[Received[Any]]
    ) -> tuple[Sequence[Received[Any]], Sequence[Received[Any]]]:
        """Those of whose key an earlier record waits, and the others."""
        keys = {(e.record.topic, e.record.key) for e in received if e.record.key is not None}
        blocked = await tx.parking.blocked(keys)
        if not blocked:
            return [], received
        behind: list[Received[Any]] = []
        free: list[Received[Any]] = []
        for each in received:
            waits = (each.record.topic, each.record.key) in blocked
            (behind if waits else free).append(each)
        return behind, free

    async def _key_by_key(self, received: Sequence[Received[Any]], dead: Sequence[Letter]) -> None:
        await self._persistently([], dead)
        by_key: defaultdict[tuple[str, bytes | None], list[Received[Any]]] = defaultdict(list)
        for each in received:
            by_key[each.record.topic, each.record.key].append(each)
        for of_key in by_key.values():
            await self._until_one_fails(of_key)

    async def _until_one_fails(self, of_key: Sequence[Received[Any]]) -> None:
        for n, each in enumerate(of_key):
            try:
                await self._persistently([each], [])
            except Unavailable:
                raise
            except Exception as error:
                log.exception("record.parked", extra={"topic": each.record.topic})
                await self._park(of_key[n:], error)
                return

    async def _park(self, of_key: Sequence[Received[Any]], error: Exception) -> None:
        first = Letter(of_key[0].record, "failed", repr(error), blocks=True)
        letters = [first, *(_behind(each) for each in of_key[1:])]

        async def keep() -> None:
            async with self._begin() as tx:
                await tx.parking.park(letters, system_now())

        try:
            await persistently(keep)
        except Exception as failure:
            raise Unavailable from failure
        for letter in letters:
            CONSUMED.labels(letter.record.topic, "parked").inc()


def _behind(each: Received[Any]) -> Letter:
    return Letter(each.record, BEHIND, "an earlier record of its key waits", blocks=True)


def _reused(each: Received[Any]) -> Letter:
    detail = f"event id {each.id} came before with other content; give each event its own id"
    return Letter(each.record, Reason.ID_REUSED, detail, blocks=False)


def _fresh(received: Sequence[Received[Any]], claim: Claim) -> list[Received[Any]]:
    """An event may stand twice in one poll: the first of the two counts."""
    if len(claim.fresh) == len(received):
        return list(received)
    left, fresh = set(claim.fresh), []
    for each in received:
        name = each.record.topic, each.id
        if name in left:
            left.discard(name)
            fresh.append(each)
    return fresh
