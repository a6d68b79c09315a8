"""The reasons for which access is cut; a subscription may have several at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HoldKind(StrEnum):
    NON_PAYMENT = "non_payment"
    ABUSE = "abuse"
    REQUESTED = "requested"
    FRAUD_REVIEW = "fraud_review"
    ENDED = "ended"


# Source: docs/semantics.md T2; of several holds the first of these names the suspension.
STRENGTH = (
    HoldKind.FRAUD_REVIEW,
    HoldKind.ABUSE,
    HoldKind.ENDED,
    HoldKind.NON_PAYMENT,
    HoldKind.REQUESTED,
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why, by whom and when; goes with everything that moves. `reason` is a code or a sentence."""

    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    kind: HoldKind
    cause: Cause
    expires_at: datetime | None = None


def strongest(holds: Iterable[Hold]) -> HoldKind | None:
    return min((hold.kind for hold in holds), key=STRENGTH.index, default=None)
