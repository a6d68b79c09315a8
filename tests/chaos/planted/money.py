"""Bugs with money: charged again, charged twice, taken for unpaid, given back by hearsay."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import asyncpg

from services.billing.adapters.gateway_http import HttpGateway
from services.billing.consumers import customers as hearing
from services.billing.domain.books import Books
from services.billing.domain.payment_attempt import attempt
from services.billing.domain.refund import Refund
from services.billing.domain.renewal import issue, renew
from services.billing.use_cases import reject_checkouts as rejecting
from services.billing.use_cases import run_timers
from services.billing.use_cases.ports import ChargeAnswer, ChargeOrder, Refused, Unanswered
from services.billing.use_cases.reject_checkouts import RejectedCheckout
from shared.contracts.customers import CheckoutRejected
from shared.received import Received

GUARDS = (
    "drop index if exists one_charge_an_identity",
    "alter table invoice_lines drop constraint if exists one_charge_at_a_time",
    "alter table opened_periods drop constraint if exists one_opening_a_period",
)
charge = HttpGateway.charge


async def new_key() -> None:
    async def again(self: HttpGateway, orders: Sequence[ChargeOrder]) -> Sequence[ChargeAnswer]:
        answers = list(await charge(self, orders))
        for n, order in enumerate(orders):
            if isinstance(answers[n], Unanswered):
                [answers[n]] = await charge(self, [replace(order, key=f"{order.key}-again")])
        return answers

    HttpGateway.charge = again  # type: ignore[method-assign]


async def timeout_is_decline() -> None:
    async def impatient(self: HttpGateway, orders: Sequence[ChargeOrder]) -> Sequence[ChargeAnswer]:
        return [
            Refused("timed_out") if isinstance(each, Unanswered) else each
            for each in await charge(self, orders)
        ]

    HttpGateway.charge = impatient  # type: ignore[method-assign]


async def no_unique_period() -> None:
    sql = await asyncpg.connect(
        os.environ["PERENNIAL_BILLING__DATABASE_URL"].replace("+asyncpg", "")
    )
    for each in GUARDS:
        await sql.execute(each)
    await sql.close()

    def twice(books: Books, timer_key: str, at: datetime) -> None:
        known = {each.id for each in books.invoices}
        renew(books, timer_key, at)
        method = books.contract.method
        for invoice in [each for each in books.invoices if each.id not in known]:
            second = issue(books, invoice.period, invoice.due_at, at, "renewal")
            if method is not None:
                other = attempt(books.invoices.touch(second.id), method, "renewal", "timer", at)
                books.attempts.add(other.id, other)

    run_timers.renew = twice  # type: ignore[attr-defined]


async def refund_by_word() -> None:
    said: dict[str | None, tuple[int | None, str | None]] = {}
    hear, order = hearing._rejected, rejecting._refund  # noqa: SLF001  meant to be broken

    def believe(received: Received[CheckoutRejected], default_gateway: str) -> RejectedCheckout:
        payment = received.event.checkout.payment
        said[payment.reference] = (payment.amount_minor, payment.currency)
        return hear(received, default_gateway)

    def as_said(each: RejectedCheckout, reference: str) -> Refund:
        amount, currency = said[reference]
        refund = order(each, reference)
        refund.amount_minor, refund.currency = amount, currency
        return refund

    hearing._rejected, rejecting._refund = believe, as_said  # noqa: SLF001
