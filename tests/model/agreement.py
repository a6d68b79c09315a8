"""What must hold once everything is handled: each service's copy is what its owner last said."""

from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from services.billing.adapters.rows import books_of
from services.subscriptions.adapters.published import to_state
from services.subscriptions.adapters.subscription_rows import from_row
from services.subscriptions.domain.account import wanted_account
from services.subscriptions.domain.subscription import Status
from tests.model.calendar import boundaries_passed
from tests.model.moves import Moves
from tests.model.story import State, Story
from tests.model.world import World

# An activation is awaited for 23 hours, the panel for 24.
ENDS_WITHIN: Final = timedelta(hours=48)


class Agreement:
    """I8, I11, I16, I20 and I21."""

    def __init__(self, world: World, story: Story, moves: Moves) -> None:
        self._world = world
        self._story = story
        self._moves = moves

    async def broken(self) -> list[str]:
        rows = await self._world.billing.sql.fetch("select * from contracts")
        contracts = {row["subscription_id"]: row for row in rows}
        return [
            *await self._rows(contracts),
            *[fault for state in self._story.of() for fault in _of_billing(state, contracts)],
            *await self._notifier(),
            *await self._checkouts(),
            *await self._timers(),
            *await self._calendar(),
        ]

    async def _rows(self, contracts: dict[str, Any]) -> list[str]:
        """I11: what is stored is what was last said; and the panel was told of it."""
        found = []
        for row in await self._world.subscriptions.sql.fetch("select * from subscriptions"):
            kept = from_row(_read(row))
            if to_state(kept).model_dump(mode="json") != self._story.states[row["id"]]:
                found.append(f"I11 {row['id']} is not what it last said")
            stands = contracts[row["id"]]["standing"] if row["id"] in contracts else None
            if kept.status is not Status.CANCELED and kept.standing.status != stands:
                found.append(f"I16 {row['id']} stands {stands}, heard was {kept.standing.status}")
            wanted = wanted_account(kept)
            _, told = self._world.panel.accounts.get(row["id"], (0, None))
            if wanted is not None and told is not wanted.status:
                found.append(f"the account of {row['id']} is {told}, wanted {wanted.status}")
        return found

    async def _notifier(self) -> list[str]:
        rows = await self._world.notifier.sql.fetch(
            "select id, version, status, ends_at, next_boundary_at from subscriptions"
        )
        known = {row["id"]: row for row in rows}
        return [
            f"I16 the notifier takes {state['id']} for {known.get(state['id'])}"
            for state in self._story.of()
            if not _is_the_same(known.get(state["id"]), state)
        ]

    async def _checkouts(self) -> list[str]:
        """I8: one end, the same one for everybody, and not too late, counted from when the
        subscription was made: the word of it may have waited through an outage.
        """
        rows = await self._world.customers.sql.fetch("select * from checkouts")
        known = {row["reference"]: row for row in rows}
        found = []
        for name in self._moves.checkouts:
            if name not in known:
                found.append(f"I8 {name} is lost")
                continue
            status, since = known[name]["status"], known[name]["received_at"]
            ends = self._story.ended.get(name, [])
            made = [self._story.states[each] for each in self._story.made.get(name, ())]
            late = not any(self._is_awaited(state) for state in made)
            if status != (ends[0] if ends else "accepted") or (status == "accepted" and late):
                found.append(f"I8 {name} of {since} is {status}, told were {ends}")
            found += [
                f"I8 {name} is {status}, {state['id']} is {state['status']}"
                for state in made
                if (state["status"] == "canceled") is not (status == "rejected")
            ]
        return found

    def _is_awaited(self, state: State) -> bool:
        until = datetime.fromisoformat(state["created_at"]) + ENDS_WITHIN
        return self._world.clock.instant <= until

    async def _timers(self) -> list[str]:
        """I20: nothing that is due is left."""
        found = []
        for process in self._world.processes.values():
            rows = await process.sql.fetch(
                "select kind, subject, due_at from timers where fired_at is null and due_at <= $1",
                self._world.clock.instant,
            )
            found += [
                f"I20 {row['kind']} of {row['subject']} was due {row['due_at']}" for row in rows
            ]
        return found

    async def _calendar(self) -> list[str]:
        """I21: who pays and is left alone has as many periods as the calendar has boundaries."""
        rows = await self._world.billing.sql.fetch(
            "select subscription_id, count(*) as n from opened_periods group by subscription_id"
        )
        opened = {row["subscription_id"]: row["n"] for row in rows}
        found = []
        for state in self._story.of("active", "trialing"):
            if not self._story.is_left_alone(state["id"]):
                continue
            expected = 1 + boundaries_passed(state, self._world.clock.instant)
            if opened.get(state["id"]) != expected:
                found.append(
                    f"I21 {state['id']}: {opened.get(state['id'])} periods, the calendar has {expected}"
                )
        return found


def _of_billing(state: State, contracts: dict[str, Any]) -> list[str]:
    """I16, both ways: the terms that billing heard, and the standing that it says."""
    name = state["id"]
    if name not in contracts:
        return [f"I16 billing has not heard of {name}"]
    books = books_of(_read(contracts[name], "terms"))
    terms, contract = books.contract.terms, books.contract
    found = []
    if (terms.version, terms.status) != (state["version"], state["status"]):
        found.append(f"I16 billing takes {name} for {terms.status} at {terms.version}")
    if state["status"] in {"trialing", "active", "past_due", "grace"}:
        covered = state["periods_opened"] + state["periods_granted"]
        if covered != contract.covered:
            found.append(f"I16 {name} covers {covered} periods, for billing {contract.covered}")
        elif _instant(state["next_boundary_at"]) != contract.covered_until:
            found.append(
                f"I16 {name} runs to {state['next_boundary_at']}, for billing {contract.covered_until}"
            )
        if contract.renews_at is None and state["ends_at"] is None:
            found.append(f"I20 {name} is {state['status']} and will not be billed again")
    return found


def _is_the_same(row: Any, state: State) -> bool:
    return row is not None and (
        row["version"],
        row["status"],
        row["ends_at"],
        row["next_boundary_at"],
    ) == (
        state["version"],
        state["status"],
        _instant(state["ends_at"]),
        _instant(state["next_boundary_at"]),
    )


def _read(row: Any, *columns: str) -> dict[str, Any]:
    """JSON as the service's own connection reads it."""
    return {
        name: orjson.loads(value)
        if isinstance(value, str) and (name in columns or value[:1] in "[{")
        else value
        for name, value in row.items()
    }


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
