"""Take in what the gateway answered to refunds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from services.billing.domain.refund import RefundMoved, RefundState, move
from services.billing.use_cases.ports import GivenBack, Transaction
from shared.ids import PartnerId


@dataclass(frozen=True, slots=True)
class Worth:
    """How much there is to give back, settled before the gateway is asked to do it."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The gateway refused in a way that a person has to look at."""


RefundResult: TypeAlias = GivenBack | Worth | Doubtful
STATES = {
    "pending": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
}


async def settle_refunds(
    results: Sequence[tuple[str, RefundResult]],
    tx: Transaction,
    now: Mapping[PartnerId, datetime],
) -> None:
    """By refund id. A refund that is settled already stays as it is."""
    if not results:
        return
    refunds = await tx.refunds.get_many({refund_id for refund_id, _ in results})
    moved: dict[str, list[RefundMoved]] = {}
    for name, result in results:
        refund = refunds[name]
        said = moved.setdefault(name, [])
        if isinstance(result, Worth):
            if not result.amount_minor:
                said += move(refund, RefundState.NOTHING_LEFT, now[refund.partner_id])
            elif not refund.is_settled:
                refund.amount_minor, refund.currency = result.amount_minor, result.currency
        else:
            state = (
                STATES[result.status] if isinstance(result, GivenBack) else RefundState.NEEDS_REVIEW
            )
            said += move(refund, state, now[refund.partner_id])
    await tx.refunds.save_many([(refunds[name], said) for name, said in sorted(moved.items())])
