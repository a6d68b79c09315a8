"""What follows a failed charge: set down once at the first failure, counted from the due date."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from services.billing.domain.invoice import Invoice, InvoiceId
from services.billing.domain.standing import StandingStatus
from shared.calendar import days_later

RETRY_DAYS = (1, 3, 5)
GRACE_DAYS = 7


class DunningState(StrEnum):
    RETRYING = "retrying"
    GRACE = "grace"
    EXHAUSTED = "exhausted"
    CLOSED = "closed"


STANDING = {
    DunningState.RETRYING: StandingStatus.RETRYING,
    DunningState.GRACE: StandingStatus.GRACE,
    DunningState.EXHAUSTED: StandingStatus.EXHAUSTED,
    DunningState.CLOSED: StandingStatus.CURRENT,
}


@dataclass(frozen=True, slots=True)
class Retry:
    """`skipped`: its time came while nothing could be charged; it does not come again."""

    n: int
    due_at: datetime
    status: Literal["scheduled", "attempted", "skipped"] = "scheduled"


@dataclass(slots=True, kw_only=True)
class Dunning:
    """One for an invoice; its retries never move once they are set down."""

    invoice_id: InvoiceId
    retries: tuple[Retry, ...]
    grace_until: datetime
    state: DunningState = DunningState.RETRYING

    @classmethod
    def begin(cls, invoice: Invoice, zone: str) -> "Dunning":
        return cls(
            invoice_id=invoice.id,
            retries=tuple(
                Retry(n, days_later(invoice.due_at, days, zone))
                for n, days in enumerate(RETRY_DAYS, start=1)
            ),
            grace_until=days_later(invoice.due_at, GRACE_DAYS, zone),
        )

    @property
    def next_retry_at(self) -> datetime | None:
        if self.state is not DunningState.RETRYING:
            return None
        return next((each.due_at for each in self.retries if each.status == "scheduled"), None)

    def note_failure(self, *, hard: bool) -> None:
        """A hard decline ends in grace at once; a soft one waits for the retry that is next.

        When a method brought after a hard decline fails softly, the retries to come count again.
        """
        if self.state in {DunningState.EXHAUSTED, DunningState.CLOSED}:
            return
        left = any(each.status == "scheduled" for each in self.retries)
        self.state = DunningState.RETRYING if left and not hard else DunningState.GRACE

    def take_retry(self, n: int, *, possible: bool) -> bool:
        """Its time has come: attempted or skipped, never asked for again. True: attempt now."""
        if self.retries[n - 1].status != "scheduled":
            return False
        attempted = possible and self.state is DunningState.RETRYING
        done = replace(self.retries[n - 1], status="attempted" if attempted else "skipped")
        self.retries = (*self.retries[: n - 1], done, *self.retries[n:])
        return attempted

    def exhaust(self) -> bool:
        """The grace days are over; False when it was settled or exhausted before."""
        if self.state in {DunningState.EXHAUSTED, DunningState.CLOSED}:
            return False
        self.state = DunningState.EXHAUSTED
        return True

    def close(self) -> None:
        self.state = DunningState.CLOSED
