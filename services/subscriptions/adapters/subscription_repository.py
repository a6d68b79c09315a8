"""Loads subscriptions and stores them with all that follows; the only SQL that writes one."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import count

from services.subscriptions.adapters.account_repository import AccountRepository
from services.subscriptions.adapters.deadline_timers import DeadlineTimers
from services.subscriptions.adapters.followed import Followed
from services.subscriptions.adapters.history import History
from services.subscriptions.adapters.published import to_contract
from services.subscriptions.adapters.subscription_rows import (
    BORN,
    MOVING,
    born,
    from_row,
    key_of,
    moving,
)
from services.subscriptions.domain.events import SubscriptionEvent
from services.subscriptions.domain.subscription import (
    Subscription,
    SubscriptionKey,
    SubscriptionNotFound,
    SubscriptionStale,
)
from services.subscriptions.use_cases.ports import Changed
from shared.origin import Origin
from shared.outbox import Outbox, Outgoing
from shared.sql import Sql


def _arrays(columns: Mapping[str, str], first: int) -> str:
    """Such as `$4::bigint[], $5::text[]`."""
    return ", ".join(f"${n}::{kind}[]" for n, kind in zip(count(first), columns.values()))


INSERT = f"""
insert into subscriptions ({", ".join((*BORN, *MOVING))})
select * from unnest({_arrays(BORN | MOVING, 1)})
on conflict do nothing
returning partner_id, id"""  # noqa: S608  the names are our own columns
UPDATE = f"""
update subscriptions s set {", ".join(f"{name} = t.{name}" for name in MOVING)}
from unnest($1::text[], $2::text[], $3::bigint[], {_arrays(MOVING, 4)})
     as t(partner_id, id, loaded_version, {", ".join(MOVING)})
where s.partner_id = t.partner_id and s.id = t.id and s.version = t.loaded_version
returning s.partner_id, s.id"""  # noqa: S608  the names are our own columns


class SubscriptionRepository:
    """What it gives out is remembered as it was, to see what a save has to do."""

    def __init__(
        self,
        sql: Sql,
        outbox: Outbox,
        history: History,
        timers: DeadlineTimers,
        accounts: AccountRepository,
    ) -> None:
        self._sql = sql
        self._outbox = outbox
        self._history = history
        self._timers = timers
        self._accounts = accounts
        self._loaded: dict[SubscriptionKey, Subscription] = {}

    async def get(self, key: SubscriptionKey) -> Subscription:
        return (await self.get_many([key]))[key]

    async def get_many(
        self, keys: Collection[SubscriptionKey]
    ) -> dict[SubscriptionKey, Subscription]:
        found = await self.find_many(keys)
        if missing := set(keys) - found.keys():
            raise SubscriptionNotFound(
                f"no subscription {', '.join(sorted(key.id for key in missing))}"
            )
        return found

    async def find_many(
        self, keys: Collection[SubscriptionKey]
    ) -> dict[SubscriptionKey, Subscription]:
        if not keys:
            return {}
        # One order for everybody, so that two sets wait for each other and never lock up.
        rows = await self._sql.fetch(
            """
            select s.* from subscriptions s
            join unnest($1::text[], $2::text[]) as t(partner_id, id) using (partner_id, id)
            order by partner_id, id for update of s""",
            [key.partner_id for key in keys],
            [key.id for key in keys],
        )
        found = {key_of(row): from_row(row) for row in rows}
        self._loaded |= {key: replace(each) for key, each in found.items()}
        return found

    async def add_many(self, changed: Sequence[Changed]) -> None:
        if not changed:
            return
        rows = [(*born(each.subscription), *moving(each.subscription)) for each in changed]
        added = {key_of(row) for row in await self._sql.fetch(INSERT, *_columns(rows))}
        _require(added, {each.subscription.key for each in changed})
        await self._follow(changed)

    async def save(
        self, subscription: Subscription, events: Sequence[SubscriptionEvent], origin: Origin
    ) -> None:
        await self.save_many([Changed(subscription, events, origin)])

    async def save_many(self, changed: Sequence[Changed]) -> None:
        moved = [each for each in changed if self._has_moved(each.subscription)]
        if not moved:
            return
        steps: defaultdict[SubscriptionKey, int] = defaultdict(int)
        latest: dict[SubscriptionKey, Subscription] = {}
        for each in moved:
            steps[each.subscription.key] += len(each.events)
            latest[each.subscription.key] = each.subscription
        rows = [(*key, it.version - steps[key], *moving(it)) for key, it in latest.items()]
        saved = {key_of(row) for row in await self._sql.fetch(UPDATE, *_columns(rows))}
        _require(saved, set(latest))
        await self._follow(moved)

    def _has_moved(self, subscription: Subscription) -> bool:
        return subscription != self._loaded.get(subscription.key)

    async def _follow(self, changed: Sequence[Changed]) -> None:
        """Everything that a stored state brings with it, each in one statement or two."""
        told = [
            Outgoing(to_contract(event), each.origin, event.change.cause.at)
            for each in changed
            for event in each.events
        ]
        await self._history.add(told)
        await self._outbox.add(told)
        followed = list(self._followed(changed).values())
        await self._timers.follow(followed)
        await self._accounts.follow(followed)
        self._loaded |= {each.key: replace(each) for each in (it.now for it in followed)}

    def _followed(self, changed: Sequence[Changed]) -> dict[SubscriptionKey, Followed]:
        return {
            each.subscription.key: Followed(
                self._loaded.get(each.subscription.key), each.subscription, each.origin
            )
            for each in changed
        }


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _require(stored: set[SubscriptionKey], wanted: set[SubscriptionKey]) -> None:
    if stale := wanted - stored:
        raise SubscriptionStale(f"moved on: {', '.join(sorted(key.id for key in stale))}")
