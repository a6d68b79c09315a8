"""I3, I6, I7, I16 and I21 in the form that holds at every moment, while words are still on their way."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from tests.model.periods import Periods
from tests.model.story import State, Story
from tests.model.world import World

LOST: Final = {"created", "called_off", "failed"}
NOTHING_GIVEN: Final = {"failed", "nothing_left"}
TOLD_ALIKE: Final = (
    *("status", "customer_id", "bill_to", "currency", "trial_days", "ends_at", "anchor_on"),
    *("periods_opened", "periods_granted", "next_boundary_at"),
)
ATTEMPTS: Final = "select key, state, amount_minor, reference from payment_attempts"
REFUNDS: Final = "select key, state, amount_minor, reference from refunds"
CONTRACTS: Final = """
    select c.subscription_id as id, c.terms, c.version, c.standing, c.periods_opened,
           c.periods_granted, c.renews_at, c.is_rejected, h.version as heard, i.charged_for,
           i.claims, i.owed, o.opened, o.by_hand
    from contracts c
    left join heard h on (h.aggregate, h.subject) = ('subscription', c.subscription_id)
    cross join lateral (
        select max(period_start) filter (where order_id is null) as charged_for,
               count(*) as claims, count(*) filter (where status = 'open') as owed
        from invoices where subscription_id = c.subscription_id
        and status in ('open', 'paid') and credited_minor = 0) as i
    cross join lateral (
        select count(*) as opened, count(*) filter (where opened_by = 'manual') as by_hand
        from opened_periods where subscription_id = c.subscription_id) as o"""
SUBSCRIPTIONS: Final = """
    select id, standing, jsonb_array_length(opened) as opened, jsonb_array_length(settled) as settled
    from subscriptions"""
NOTIFIER: Final = """
    select id, version, status, ends_at, next_boundary_at, canceled_at, holds
    from subscriptions where version > 0"""
CHECKOUTS: Final = "select reference from checkouts where status = 'fulfilled'"
# As the panel calls what a subscription is.
CUT: Final = {"suspended": "disabled", "canceled": "deleted", "terminated": "deleted"}


class Meanwhile:
    """`changed` are the services that have committed anything since the last look."""

    def __init__(self, world: World, story: Story) -> None:
        self._world = world
        self._story = story
        self._periods = Periods(story)
        self._contracts: dict[str, Any] = {}
        self._known: dict[tuple[str, str], int] = {}

    async def broken(self, changed: Collection[str]) -> list[str]:
        """Billing first: the others follow what it has opened."""
        sql = {name: self._world.processes[name].sql for name in changed}
        found: list[str] = []
        if "billing" in changed:
            self._contracts = {row["id"]: row for row in await sql["billing"].fetch(CONTRACTS)}
            found += self._charges(await sql["billing"].fetch(ATTEMPTS))
            found += self._refunds(await sql["billing"].fetch(REFUNDS))
            found += [*self._books(), *self._periods.broken()]
        if "subscriptions" in changed:
            found += self._followers(await sql["subscriptions"].fetch(SUBSCRIPTIONS))
            found += self._panel()
        if "notifier" in changed:
            found += self._readers(await sql["notifier"].fetch(NOTIFIER))
        if "customers" in changed:
            found += self._fulfilled(await sql["customers"].fetch(CHECKOUTS))
        return found

    def _charges(self, rows: Iterable[Any]) -> list[str]:
        """I3. At every moment the books claim no money that the gateway has not taken, and give
        none up that it has: both would be said, and acted upon. That each charge has its success is
        judged at rest, since its answer may be under way.
        """
        gateway, found = self._world.gateway, []
        attempts = {row["key"]: row for row in rows}
        for row in attempts.values():
            taken = gateway.taken.get(row["reference"] or "")
            captured = taken.captured if taken else 0
            if row["state"] == "succeeded" and captured != row["amount_minor"]:
                found.append(f"I3 {row['key']} is paid in the books, {captured} at the gateway")
        for key, taken in gateway.by_key.items():
            known = attempts.get(key)
            if known is None:
                found.append(f"I2 the gateway was asked for {key}, which is no attempt's")
            elif known["amount_minor"] != taken.amount:
                found.append(f"I3 the gateway was asked for {taken.amount} as {key}: {known}")
            elif taken.captured and known["state"] in LOST:
                found.append(
                    f"I3 the gateway has taken {key}, for the books it is {known['state']}"
                )
        return found

    def _refunds(self, rows: Iterable[Any]) -> list[str]:
        """I3, the way back: what the gateway gives back was ordered before, to the amount, and the
        books do not say that it has arrived before it has. That they hear of it is judged at rest.
        """
        gateway, found = self._world.gateway, []
        ordered = {row["key"]: row for row in rows}
        given = {each.key: each for taken in gateway.taken.values() for each in taken.refunds}
        for key, refund in given.items():
            row = ordered.get(key)
            if row is None or row["amount_minor"] != refund.amount or row["state"] in NOTHING_GIVEN:
                found.append(f"I3 the gateway gives {key} back, the books say {row}")
        now = self._world.clock.instant
        arrived = {key for key, refund in given.items() if refund.settles_at <= now}
        for states, there in (({"succeeded"}, arrived), ({"pending", "succeeded"}, given.keys())):
            said = {key for key, row in ordered.items() if row["state"] in states}
            found += [
                f"I3 {key} is {ordered[key]['state']} by the books, at the gateway {given.get(key)}"
                for key in said - there
            ]
        return found

    def _books(self) -> list[str]:
        found = []
        for name, row in self._contracts.items():
            terms = orjson.loads(row["terms"])
            found += [
                *_charged_while_held(name, row, terms),
                *_charged_behind_the_end(name, row, terms),
                *self._heard(name, row, terms),
            ]
        return found

    def _heard(self, name: str, row: Any, terms: State) -> list[str]:
        """I16, billing's copy. At every moment it is what was said at some version, in full, and
        what was granted up to that version is counted, once. That the version is the latest is
        judged at rest.
        """
        said = self._story.told[name].get(terms["version"])
        if said is None or row["heard"] != terms["version"]:
            return [f"I16 billing has {name} at {terms['version']}, and has heard {row['heard']}"]
        found = [
            f"I16 billing takes {each} of {name} at {terms['version']} for {terms[each]}, "
            f"said was {said[each]}"
            for each in TOLD_ALIKE
            if _plain(terms[each]) != _plain(said[each])
        ]
        if _holds(terms) != _holds(said):
            found.append(f"I16 billing takes {name} to be held by {_holds(terms)}")
        counted = row["periods_opened"], row["periods_granted"]
        if counted != (row["opened"], said["periods_granted"] - row["by_hand"]):
            found.append(
                f"I16 billing counts {counted} periods of {name}, opened are {row['opened']}, "
                f"granted {said['periods_granted']}, of these {row['by_hand']} opened"
            )
        return [*found, *self._only_forward("billing", name, terms["version"])]

    def _followers(self, rows: Iterable[Any]) -> list[str]:
        """I16, the way back: a standing is one that billing has said, and no period is counted that
        billing has not opened. That none is missing is judged at rest.
        """
        found = []
        for row in rows:
            name, standing = row["id"], orjson.loads(row["standing"])
            said = self._story.standings[name].get(standing["version"])
            if standing["version"] and (said is None or not _is_like(standing, said)):
                found.append(f"I16 {name} was told {standing}, billing said {said}")
            opened, by_hand = self._opened(name)
            if row["opened"] > opened - by_hand or row["settled"] > by_hand:
                found.append(
                    f"I16 {name} counts {row['opened']} and {row['settled']} periods, billing has "
                    f"opened {opened}, of these {by_hand} by hand"
                )
            found += self._only_forward("subscriptions", name, standing["version"])
        return found

    def _readers(self, rows: Iterable[Any]) -> list[str]:
        """I16, the notifier's copy, judged as billing's is."""
        found = []
        for row in rows:
            said = self._story.told[row["id"]].get(row["version"])
            if said is None or not _is_copied(row, said):
                found.append(f"I16 the notifier takes {row['id']} for {row}, said was {said}")
            found += self._only_forward("notifier", row["id"], row["version"])
        return found

    def _fulfilled(self, rows: Iterable[Any]) -> list[str]:
        """I16, the checkouts: none is fulfilled before its subscription runs. That all that run are
        is judged at rest.
        """
        return [
            f"I16 checkout {row['reference']} is fulfilled, and nothing runs"
            for row in rows
            if "fulfilled" not in self._story.ended.get(row["reference"], ())
        ]

    def _panel(self) -> list[str]:
        """I16, the accounts: each is as its subscription was at the version that the panel was
        told, and there is none before billing has opened a period. That it was told of the latest
        is judged at rest.
        """
        found = []
        for name, (version, status) in self._world.panel.accounts.items():
            said = self._story.told[name].get(version)
            if said is None or CUT.get(said["status"], "enabled") != status:
                found.append(f"I16 the account of {name} is {status} at {version}, said was {said}")
            if not self._opened(name)[0]:
                found.append(f"I16 {name} has an account, and no period was ever opened")
        return found

    def _opened(self, name: str) -> tuple[int, int]:
        row = self._contracts.get(name)
        return (row["opened"], row["by_hand"]) if row else (0, 0)

    def _only_forward(self, service: str, name: str, version: int) -> list[str]:
        known = self._known.get((service, name), 0)
        self._known[service, name] = version
        return [f"I16 {service} fell back from {known} of {name}"] if version < known else []


def _charged_while_held(name: str, row: Any, terms: State) -> list[str]:
    """I6. At every moment, as far as billing has heard: nothing is claimed for a period that begins
    in a hold, and no renewal is planned; `owed.py` says the same of each call to the gateway. What
    crossed a hold that billing has not heard of yet is judged at rest, when it has gone back.
    """
    since = [placed for kind, placed in _holds(terms) if kind != "non_payment"]
    if not since:
        return []
    found = []
    if row["charged_for"] is not None and row["charged_for"] >= min(since):
        found.append(f"I6 {name} owes or paid for {row['charged_for']}, held since {min(since)}")
    if row["renews_at"] is not None:
        found.append(f"I6 {name} is held since {min(since)} and renews at {row['renews_at']}")
    return found


def _charged_behind_the_end(name: str, row: Any, terms: State) -> list[str]:
    """I7. At every moment, as far as billing has heard: nothing is claimed for a period behind the
    end, no renewal is planned there, and what is over owes nothing. What crossed an end that
    billing has not heard of yet is judged at rest, when it has gone back.
    """
    ends_at = _plain(terms["ends_at"])
    found = [
        f"I7 {name} ends at {ends_at}, {what} is {row[what]}"
        for what in ("charged_for", "renews_at")
        if ends_at is not None and row[what] is not None and row[what] >= ends_at
    ]
    never_ran = terms["status"] == "canceled" or row["is_rejected"]
    if (never_ran and row["claims"]) or (terms["status"] == "terminated" and row["owed"]):
        found.append(f"I7 {name} is over, and {row['claims']} invoices stand")
    return found


def _is_like(standing: Mapping[str, Any], said: State) -> bool:
    return all(_plain(standing[each]) == _plain(said[each]) for each in ("status", "paid_through"))


def _is_copied(row: Any, said: State) -> bool:
    alike = ("status", "ends_at", "next_boundary_at", "canceled_at")
    return sorted(row["holds"] or ()) == sorted(each["kind"] for each in said["holds"]) and all(
        row[each] == _plain(said[each]) for each in alike
    )


def _holds(state: State) -> list[tuple[str, datetime]]:
    return [(each["kind"], datetime.fromisoformat(each["placed_at"])) for each in state["holds"]]


def _plain(value: Any) -> Any:
    """Instants that are written in two ways are the same."""
    if isinstance(value, str) and "T" in value and value[:2] == "20":
        return datetime.fromisoformat(value)
    return value
