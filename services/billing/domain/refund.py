"""Money on its way back to where it came from; once for each cause."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.billing.domain.contract import CheckoutId, CustomerId, SubscriptionId
from services.billing.domain.ledger import Account, Posting
from shared.ids import PartnerId, derived_id


class RefundState(StrEnum):
    """`ordered`: the gateway has not heard of it yet. `nothing_left`: there is nothing to give back."""

    ORDERED = "ordered"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NOTHING_LEFT = "nothing_left"
    NEEDS_REVIEW = "needs_review"


SETTLED = frozenset({RefundState.SUCCEEDED, RefundState.FAILED, RefundState.NOTHING_LEFT})


@dataclass(slots=True, kw_only=True)
class Refund:
    """`key` is what the gateway knows it by. Without an amount, all is meant that the gateway still
    holds of `reference`. `is_booked`: the money that goes back stands in the ledger.
    """

    id: str
    key: str
    partner_id: PartnerId
    subscription_id: SubscriptionId | None
    checkout_id: CheckoutId | None
    bill_to: CustomerId | None
    gateway: str
    reference: str
    amount_minor: int | None
    currency: str | None
    reason: str
    is_booked: bool
    state: RefundState = RefundState.ORDERED
    version: int = 0

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED


@dataclass(frozen=True, slots=True)
class RefundMoved:
    """The gateway has taken the order, or has settled it."""

    refund: Refund
    at: datetime


def checkout_refund_key(gateway: str, reference: str) -> str:
    """One refund for a reference, however often its checkout is rejected."""
    return f"refund/{gateway}/{reference}"


def reversal_key(identity: str, reference: str) -> str:
    """One refund for the money that came in for a charge which is taken back."""
    return f"reversal/{identity}/{reference}"


def refund_of_capture(
    partner_id: PartnerId,
    checkout_id: CheckoutId | None,
    gateway: str,
    reference: str,
    reason: str,
    *,
    subscription_id: SubscriptionId | None = None,
) -> Refund:
    """All that the gateway still holds of what a checkout captured; how much that is, only the
    gateway knows.
    """
    key = checkout_refund_key(gateway, reference)
    return Refund(
        id=refund_id(key),
        key=key,
        partner_id=partner_id,
        subscription_id=subscription_id,
        checkout_id=checkout_id,
        bill_to=None,
        gateway=gateway,
        reference=reference,
        amount_minor=None,
        currency=None,
        reason=reason,
        is_booked=False,
    )


def refund_id(key: str) -> str:
    return derived_id("rfd", key)


def move(refund: Refund, state: RefundState, at: datetime) -> list[RefundMoved]:
    """Forward only: pending, then settled. What is settled already says nothing new."""
    if refund.is_settled or state is refund.state:
        return []
    refund.state = state
    if state is RefundState.NOTHING_LEFT or state is RefundState.NEEDS_REVIEW:
        return []
    refund.version += 1
    return [RefundMoved(replace(refund), at)]


def postings(refund: Refund) -> list[Posting]:
    """What a refund that succeeded means for the books.

    A capture of a checkout that never became an invoice was not booked: it comes in as it goes out.
    """
    assert refund.amount_minor is not None  # noqa: S101  known since before the gateway was asked
    assert refund.currency is not None  # noqa: S101  and so is this
    account: Account = "receivable" if refund.is_booked else "unclaimed_receipts"
    going = Posting(
        f"refund/{refund.id}",
        "refund",
        refund.partner_id,
        refund.bill_to,
        account,
        "gateway_clearing",
        refund.currency,
        refund.amount_minor,
    )
    if refund.is_booked:
        return [going]
    coming = replace(
        going,
        cause=f"receipt/{refund.id}",
        kind="receipt",
        debit="gateway_clearing",
        credit=account,
    )
    return [coming, going]
