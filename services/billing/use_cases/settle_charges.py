"""Take in what the gateway answered to charges; a set of answers is one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.billing.domain.books import Books
from services.billing.domain.charge import Charge
from services.billing.domain.collection import send_again
from services.billing.domain.outcome import note_failure, note_success
from services.billing.use_cases.acts import Acts
from services.billing.use_cases.ports import NotFound, Refused, Transaction, Wanted
from services.billing.use_cases.queues import ClaimedAttempt
from shared.ids import PartnerId
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class Answered:
    """A definite answer to one attempt. Not found: it had the time to arrive, and never did."""

    attempt: ClaimedAttempt
    answer: Charge | Refused | NotFound


async def settle_charges(
    answered: Sequence[Answered], tx: Transaction, now: Mapping[PartnerId, datetime]
) -> None:
    """A definite answer counts whoever brings it: the caller, a later look, a webhook; once."""
    if not answered:
        return
    books = await tx.books.get_many(
        {each.attempt.of for each in answered},
        Wanted(
            invoices=[each.attempt.invoice_id for each in answered],
            attempts=[each.attempt.id for each in answered],
        ),
    )
    acts = Acts()
    for each in answered:
        of_subscription = books[each.attempt.of]
        _settle(of_subscription, each, now[each.attempt.partner_id])
        acts.note(of_subscription, _origin(each.attempt, of_subscription))
    await acts.save(tx.books, now)


def _settle(books: Books, each: Answered, at: datetime) -> None:
    answer, attempt_id = each.answer, each.attempt.id
    if isinstance(answer, NotFound):
        send_again(books, attempt_id)
    elif isinstance(answer, Refused):
        note_failure(books, attempt_id, answer.code, at, hard=True)
    elif answer.succeeded:
        note_success(books, attempt_id, answer, at)
    else:
        note_failure(books, attempt_id, answer.code or "declined", at, hard=answer.hard)


def _origin(attempt: ClaimedAttempt, books: Books) -> Origin:
    return Origin(attempt.actor, f"payment:{attempt.key}", books.contract.correlation_id)
