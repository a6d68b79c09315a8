"""Take in what upstreams say was bought: each checkout is accepted or rejected, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.customers.domain.checkout import Checkout, CheckoutId, CheckoutKey
from services.customers.domain.customer import CustomerId
from services.customers.domain.details import checked
from services.customers.domain.directory import Directory
from services.customers.domain.order_form import OrderForm, require_sound_order
from services.customers.domain.partner import Partner
from services.customers.domain.rejection import Rejection
from services.customers.domain.source import Source
from services.customers.domain.text import require_plain
from services.customers.use_cases.buyers import Buyer, Buyers
from services.customers.use_cases.ports import ChangedCheckout, Transaction
from shared.errors import Invalid
from shared.ids import PartnerId, derived_id, is_sandbox
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class ReceiveCheckout:
    """`digest` names the content; `told_at` is when the upstream says that it spoke."""

    source: Source
    form: OrderForm
    digest: bytes
    told_at: datetime | None
    origin: Origin

    @property
    def partner_id(self) -> PartnerId:
        return self.source.partner_id

    @property
    def key(self) -> CheckoutKey:
        """Derived, so that a replay makes no second checkout."""
        made_of = derived_id("chk", self.partner_id, self.form.reference)
        return CheckoutKey(self.partner_id, CheckoutId(made_of))


@dataclass(frozen=True, slots=True)
class _Judged:
    """`buyer` is None where the fault lies in the person's own details: of such a person nothing
    is kept.
    """

    command: ReceiveCheckout
    buyer: Buyer | None
    rejection: Rejection | None
    now: datetime


async def receive_checkouts(
    commands: Sequence[ReceiveCheckout],
    tx: Transaction,
    directory: Directory,
    gateway: str,
    now_by_partner: Mapping[PartnerId, datetime],
) -> list[ReceiveCheckout]:
    """Those that are returned had no effect: their id came before with another content.

    `gateway` is the one that is meant where a payment names none.
    """
    fresh, reused = await _sorted_out(commands, tx)
    partners = await tx.partners.get_many({each.partner_id for each in fresh})
    judged = [_judge(each, directory, now_by_partner[each.partner_id]) for each in fresh]
    buyers = await Buyers.among([each.buyer for each in judged if each.buyer], tx)
    received: list[ChangedCheckout] = []
    for each in judged:
        checkout = _received(each, partners[each.command.partner_id], buyers, gateway)
        events = (
            checkout.reject(each.rejection, each.now)
            if each.rejection
            else checkout.accept(each.now)
        )
        received.append((checkout, events, each.command.origin))
    await tx.customers.save_many(buyers.changed)
    await tx.checkouts.add_many(received)
    return reused


async def _sorted_out(
    commands: Sequence[ReceiveCheckout], tx: Transaction
) -> tuple[list[ReceiveCheckout], list[ReceiveCheckout]]:
    known = await tx.checkouts.digests({each.key for each in commands})
    fresh: list[ReceiveCheckout] = []
    reused: list[ReceiveCheckout] = []
    for each in commands:
        before = known.get(each.key)
        if before is None:
            known[each.key] = each.digest
            fresh.append(each)
        elif before != each.digest:
            reused.append(each)
    return fresh, reused


def _judge(command: ReceiveCheckout, directory: Directory, now: datetime) -> _Judged:
    """The person first: where only the order is wrong, the person can still be told."""
    try:
        buyer = _buyer(command, directory, now)
    except Invalid as fault:
        return _rejected(command, None, Rejection.of(fault, within="customer."), now)
    try:
        require_sound_order(command.form)
    except Invalid as fault:
        return _rejected(command, buyer, Rejection.of(fault), now)
    return _Judged(command, buyer, None, now)


def _rejected(
    command: ReceiveCheckout, buyer: Buyer | None, why: Rejection, now: datetime
) -> _Judged:
    return _Judged(replace(command, form=command.form.made_plain()), buyer, why, now)


def _buyer(command: ReceiveCheckout, directory: Directory, now: datetime) -> Buyer:
    form = command.form
    if form.customer_reference is not None:
        require_plain(form.customer_reference, "reference")
    return Buyer(
        partner_id=command.partner_id,
        reference=form.customer_reference,
        details=checked(form.customer, directory),
        told_at=_told_at(command, now),
        now=now,
        origin=command.origin,
    )


def _told_at(command: ReceiveCheckout, now: datetime) -> datetime:
    """An upstream's clock tells its own events apart; it says nothing of the future, nor of the
    time in a sandbox.
    """
    if command.told_at is None or is_sandbox(command.partner_id):
        return now
    return min(command.told_at, now)


def _received(judged: _Judged, partner: Partner, buyers: Buyers, gateway: str) -> Checkout:
    command = judged.command
    customer_id: CustomerId | None = None
    timezone = partner.profile.timezone
    if judged.buyer:
        customer = buyers.customer_of(judged.buyer, timezone)
        customer_id = customer.id
        timezone = judged.buyer.details.timezone or customer.timezone
    return Checkout.received(
        command.key,
        command.form,
        source=command.source.uri,
        price_trusted=command.source.trusted_for_prices,
        digest=command.digest,
        customer_id=customer_id,
        timezone=timezone,
        gateway=gateway,
        at=judged.now,
    )
