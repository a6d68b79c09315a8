"""What the gateway answered, with all that follows from it: the next invoice, the next renewal."""

from datetime import datetime

from services.billing.domain.books import Books
from services.billing.domain.charge import Charge
from services.billing.domain.collection import collect
from services.billing.domain.renewal import plan_renewal
from services.billing.domain.settlement import exhaust, fail, succeed


def note_success(books: Books, attempt_id: str, charge: Charge, at: datetime) -> None:
    """Once the oldest invoice is paid, the one after it is tried."""
    if succeed(books, attempt_id, charge, at):
        collect(books, "renewal", at)
        plan_renewal(books, at)


def note_failure(books: Books, attempt_id: str, code: str, at: datetime, *, hard: bool) -> None:
    """A method that was brought while this attempt was under way is tried at once."""
    if fail(books, attempt_id, code, at, hard=hard):
        collect(books, "extra", at)


def end_grace(books: Books, invoice_id: str, at: datetime) -> None:
    exhaust(books, invoice_id, at)
    plan_renewal(books, at)
