"""What must be known of each customer in the end, computed from the file and from nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deploy.replay.customers import Customer

ACTIVE, TRIALING, ENDED = "active", "trialing", "ended"


@dataclass(frozen=True, slots=True)
class Known:
    """One customer in figures; `mrr_minor` is what he adds to the monthly recurring revenue."""

    status: str
    periods: int
    paid_invoices: int
    invoiced_minor: int
    payments: int
    collected_minor: int
    mrr_minor: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The same over all customers."""

    customers: int
    active: int
    trialing: int
    ended: int
    paid_invoices: int
    invoiced_minor: int
    payments: int
    collected_minor: int
    mrr_minor: int


def expected(customers: Iterable[Customer]) -> dict[str, Known]:
    """By the customer's reference; a month is a period, a period an invoice and a payment."""
    return {each.reference: _known(each) for each in customers}


def _known(customer: Customer) -> Known:
    status = _status(customer)
    worth = customer.tenure * customer.monthly_minor
    return Known(
        status=status,
        # A trial is a period too, and none that is paid for.
        periods=1 if status == TRIALING else customer.tenure,
        paid_invoices=customer.tenure,
        invoiced_minor=worth,
        payments=customer.tenure,
        collected_minor=worth,
        mrr_minor=customer.monthly_minor if status == ACTIVE else 0,
    )


def _status(customer: Customer) -> str:
    if customer.left:
        return ENDED
    return ACTIVE if customer.tenure else TRIALING


def totals(known: Mapping[str, Known]) -> Totals:
    all_of_them = known.values()
    counted = [each.status for each in all_of_them]
    return Totals(
        customers=len(known),
        active=counted.count(ACTIVE),
        trialing=counted.count(TRIALING),
        ended=counted.count(ENDED),
        paid_invoices=sum(each.paid_invoices for each in all_of_them),
        invoiced_minor=sum(each.invoiced_minor for each in all_of_them),
        payments=sum(each.payments for each in all_of_them),
        collected_minor=sum(each.collected_minor for each in all_of_them),
        mrr_minor=sum(each.mrr_minor for each in all_of_them),
    )
