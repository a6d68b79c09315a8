"""The only SQL that orders refunds and stores what became of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.billing.adapters.in_sets import execute_set
from services.billing.adapters.ledger import Ledger
from services.billing.adapters.published import refund_to_contract
from services.billing.domain.contract import CheckoutId, CustomerId, SubscriptionId
from services.billing.domain.refund import Refund, RefundMoved, RefundState, postings
from services.billing.use_cases.queues import REFUNDS
from shared.ids import PartnerId
from shared.origin import Origin
from shared.outbox import Outgoing
from shared.transaction import Transaction


class RefundRepository:
    def __init__(self, kernel: Transaction) -> None:
        self._kernel = kernel
        self._sql = kernel.sql

    async def order(
        self, refunds: Sequence[tuple[Refund, Origin]], now: Mapping[PartnerId, datetime]
    ) -> None:
        """A cause that ordered it before, perhaps in another act, orders nothing again."""
        await execute_set(
            self._sql,
            """
            insert into refunds(
                id, key, partner_id, subscription_id, checkout_id, bill_to, gateway, reference,
                amount_minor, currency, reason, is_booked, state, version, correlation_id, ordered_at)
            select * from unnest(
                $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::bigint[], $10::text[], $11::text[], $12::boolean[], $13::text[],
                $14::bigint[], $15::text[], $16::timestamptz[])
            on conflict do nothing""",
            [
                (*_row(refund), origin.correlation_id, now[refund.partner_id])
                for refund, origin in refunds
            ],
        )
        if refunds:
            self._kernel.intend(REFUNDS)

    async def get_many(self, ids: Collection[str]) -> dict[str, Refund]:
        rows = await self._sql.fetch(
            "select * from refunds where id = any($1::text[]) order by id for update", sorted(ids)
        )
        return {row["id"]: _from_row(row) for row in rows}

    async def save_many(self, moved: Sequence[tuple[Refund, Sequence[RefundMoved]]]) -> None:
        await execute_set(
            self._sql,
            """
            update refunds r set state = t.state, version = t.version,
                amount_minor = t.amount_minor, currency = t.currency
            from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])
                as t(id, state, version, amount_minor, currency)
            where r.id = t.id""",
            [
                (each.id, each.state.value, each.version, each.amount_minor, each.currency)
                for each, _ in moved
            ],
        )
        await Ledger(self._sql).book(
            [
                (posting, event.at)
                for _, events in moved
                for event in events
                if event.refund.state is RefundState.SUCCEEDED
                for posting in postings(event.refund)
            ]
        )
        correlations = await self._correlations([each.id for each, _ in moved])
        outgoing = []
        for refund, events in moved:
            origin = Origin("service:billing", f"refund:{refund.key}", correlations[refund.id])
            outgoing += [
                Outgoing(refund_to_contract(event, origin), origin, event.at) for event in events
            ]
        await self._kernel.outbox.add(outgoing)

    async def _correlations(self, ids: Sequence[str]) -> dict[str, str]:
        rows = await self._sql.fetch(
            "select id, correlation_id from refunds where id = any($1::text[])", ids
        )
        return {row["id"]: row["correlation_id"] for row in rows}


def _row(refund: Refund) -> tuple[object, ...]:
    return (
        refund.id,
        refund.key,
        refund.partner_id,
        refund.subscription_id,
        refund.checkout_id,
        refund.bill_to,
        refund.gateway,
        refund.reference,
        refund.amount_minor,
        refund.currency,
        refund.reason,
        refund.is_booked,
        refund.state.value,
        refund.version,
    )


def _from_row(row: Any) -> Refund:
    return Refund(
        id=row["id"],
        key=row["key"],
        partner_id=PartnerId(row["partner_id"]),
        subscription_id=SubscriptionId(row["subscription_id"]) if row["subscription_id"] else None,
        checkout_id=CheckoutId(row["checkout_id"]) if row["checkout_id"] else None,
        bill_to=CustomerId(row["bill_to"]) if row["bill_to"] else None,
        gateway=row["gateway"],
        reference=row["reference"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        reason=row["reason"],
        is_booked=row["is_booked"],
        state=RefundState(row["state"]),
        version=row["version"],
    )
