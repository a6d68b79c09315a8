"""What must hold once everything is handled and answered: the money, held against the gateway."""

from collections import defaultdict
from typing import Any

from tests.model.story import Story
from tests.model.world import World

HELD_BY_HAND = {"abuse", "requested", "fraud_review"}
ATTEMPTS = """
    select a.key, a.state, a.amount_minor, a.reference, i.id as invoice_id, i.subscription_id,
           i.period_no, i.period_start, i.status, i.total_minor, i.credited_minor, i.settled_by,
           i.reference as settled_with, i.order_id
    from payment_attempts a join invoices i on i.id = a.invoice_id order by a.id"""


class MoneyAtRest:
    """I1, I3, I4, I6 and I7; `world.gateway` is the truth."""

    def __init__(self, world: World, story: Story) -> None:
        self._world = world
        self._story = story

    async def broken(self) -> list[str]:
        rows = await self._world.billing.sql.fetch(ATTEMPTS)
        return [
            *self._charges(rows),
            *self._periods(rows),
            *self._crossings(rows),
            *await self._refunds(),
            *await self._ledger(),
        ]

    def _charges(self, rows: list[Any]) -> list[str]:
        """I3: what the gateway took and what the books say of it is the same."""
        attempts = {row["key"]: row for row in rows}
        found = [
            f"I3 the gateway charged {key}, and the books know of no attempt"
            for key in self._world.gateway.by_key.keys() - attempts.keys()
        ]
        for key, taken in self._world.gateway.by_key.items():
            state = attempts[key]["state"] if key in attempts else None
            if bool(taken.captured) is not (state == "succeeded"):
                found.append(f"I3 {key}: {taken.captured} captured, the attempt is {state}")
        for row in rows:
            taken_for = self._world.gateway.taken.get(row["reference"] or "")
            captured = taken_for.captured if taken_for else 0
            if row["state"] == "succeeded" and captured != row["amount_minor"]:
                found.append(f"I3 {row['key']} is paid in the books, {captured} at the gateway")
        return found

    def _periods(self, rows: list[Any]) -> list[str]:
        """I1: net of what went back, a period is paid in full once or not at all."""
        net: defaultdict[tuple[str, int], int] = defaultdict(int)
        owed: dict[tuple[str, int], int] = {}
        for row in rows:
            period = row["subscription_id"], row["period_no"]
            stays = row["status"] == "paid" and not row["credited_minor"]
            if stays and row["settled_by"] == "gateway":
                owed[period] = row["total_minor"]
            if row["state"] == "succeeded":
                net[period] += self._world.gateway.taken[row["reference"]].net
        return [
            f"I1 {period}: {paid} of {owed.get(period, 0)} was charged net"
            for period, paid in net.items()
            if paid != owed.get(period, 0)
        ]

    def _crossings(self, rows: list[Any]) -> list[str]:
        """I6, I7: nothing stays charged for a time that was cut off or had ended."""
        found = []
        for row in rows:
            if row["state"] != "succeeded" or row["order_id"] is not None:
                continue
            taken = self._world.gateway.taken[row["reference"]]
            name, start = row["subscription_id"], row["period_start"]
            if not taken.net:
                continue
            for kind, placed, lifted in self._story.holds_of(name):
                held = placed <= start <= taken.at and (lifted is None or taken.at < lifted)
                if held and kind in HELD_BY_HAND:
                    found.append(
                        f"I6 {row['key']} was charged at {taken.at}, {kind} since {placed}"
                    )
            end = self._story.end_of(name)
            if end is not None and start >= end:
                found.append(f"I7 {row['key']} is for {start}, ended at {end}")
        return found

    async def _refunds(self) -> list[str]:
        """I1: what goes back is ordered in the books, for what the shop took in advance as well."""
        rows = await self._world.billing.sql.fetch("select key, amount_minor, state from refunds")
        ordered = {row["key"]: row for row in rows}
        found = [
            f"refund {row['key']} was left to a person"
            for row in rows
            if row["state"] == "needs_review"
        ]
        for taken in self._world.gateway.taken.values():
            for refund in taken.refunds:
                row = ordered.get(refund.key)
                if row is None or row["amount_minor"] != refund.amount:
                    found.append(f"I3 the gateway gave back {refund.key}, the books say {row}")
        return found

    async def _ledger(self) -> list[str]:
        """I4: each account is what its documents add up to."""
        [row] = await self._world.billing.sql.fetch(
            """
            select
              (select coalesce(sum(amount_minor), 0) from ledger_entries
               where account = 'receivable') as receivable,
              (select coalesce(sum(total_minor), 0) from invoices where status = 'open')
              - (select coalesce(sum(amount_minor), 0) from refunds
                 where is_booked and state in ('ordered', 'pending')) as owed,
              (select coalesce(sum(amount_minor), 0) from ledger_entries
               where account = 'gateway_clearing') as clearing,
              (select coalesce(sum(amount_minor), 0) from payment_attempts
               where state = 'succeeded')
              - (select coalesce(sum(amount_minor), 0) from refunds
                 where is_booked and state = 'succeeded') as cleared"""
        )
        pairs = (("receivable", "owed"), ("clearing", "cleared"))
        return [
            f"I4 {account} is {row[account]}, the documents say {row[sum_of]}"
            for account, sum_of in pairs
            if row[account] != row[sum_of]
        ]
