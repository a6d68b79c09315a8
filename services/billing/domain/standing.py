"""Billing's word on one subscription; every event about it is one step of its version."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class StandingStatus(StrEnum):
    CURRENT = "current"
    RETRYING = "retrying"
    GRACE = "grace"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True)
class Standing:
    """As of `version`; `open_invoice_id` is the oldest one that is not settled."""

    version: int = 0
    status: StandingStatus = StandingStatus.CURRENT
    paid_through: datetime | None = None
    open_invoice_id: str | None = None
    next_attempt_at: datetime | None = None
    grace_until: datetime | None = None
