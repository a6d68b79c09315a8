"""What this service does when an upstream says that a checkout is completed.

Everything here is hostile until the source is known and has vouched for it.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import orjson

from services.customers.consumers.signature import signed_bytes
from services.customers.context import Context, EdgeTransaction
from services.customers.domain.details import Address, CustomerType, DetailsForm
from services.customers.domain.order_form import OrderedItem, OrderForm, Payment
from services.customers.domain.source import Source
from services.customers.domain.text import ControlCharacter, require_plain
from services.customers.use_cases.receive_checkouts import ReceiveCheckout, receive_checkouts
from shared.clock import system_now
from shared.consumer import Consumer
from shared.contracts.upstream import CheckoutAddress, CheckoutCompleted, CheckoutCustomer
from shared.malformed import Reason
from shared.origin import Origin
from shared.parking import Letter
from shared.received import Received

_LONGEST_CORRELATION: Final = 200
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def listen_to_upstreams(consumer: Consumer[EdgeTransaction], context: Context) -> None:
    @consumer.on(CheckoutCompleted)
    async def take_checkouts_in(
        received: Sequence[Received[CheckoutCompleted]], tx: EdgeTransaction
    ) -> None:
        believed, letters = await _believed(received, tx)
        commands = {id(command): each for command, each in believed}
        now_by_partner = await tx.clocks.now_by_partner(
            {command.partner_id for command, _ in believed}
        )
        reused = await receive_checkouts(
            [command for command, _ in believed],
            tx,
            context.directory,
            context.gateway,
            now_by_partner,
        )
        letters += [_reused(commands[id(command)]) for command in reused]
        await tx.parking.bury(letters, system_now())


async def _believed(
    received: Sequence[Received[CheckoutCompleted]], tx: EdgeTransaction
) -> tuple[list[tuple[ReceiveCheckout, Received[CheckoutCompleted]]], list[Letter]]:
    sources = await tx.sources.by_uri({each.source for each in received})
    believed, letters = [], []
    for each in received:
        source = sources.get(each.source)
        letter = _doubt(each, source)
        if letter is not None:
            letters.append(letter)
        elif source is not None:
            believed.append((_to_command(each, source), each))
    return believed, letters


def _doubt(each: Received[CheckoutCompleted], source: Source | None) -> Letter | None:
    if source is None:
        return Letter(
            each.record,
            Reason.UNKNOWN_SOURCE,
            "no partner has registered this ce_source: POST /v1/sources",
            blocks=False,
        )
    if source.signing_key is not None and not source.vouches_for(
        signed_bytes(each.record), each.signature
    ):
        detail = f"the signature of source {source.id} is missing or wrong"
        return Letter(each.record, Reason.BAD_SIGNATURE, detail, blocks=False)
    try:
        require_plain(each.event.checkout_id, "checkout_id")
    except ControlCharacter as fault:
        return Letter(each.record, Reason.INVALID_BODY, str(fault), blocks=False)
    return None


def _reused(each: Received[CheckoutCompleted]) -> Letter:
    detail = "this checkout_id came before with other content; give each checkout its own"
    return Letter(each.record, Reason.CHECKOUT_REUSED, detail, blocks=False)


def _to_command(each: Received[CheckoutCompleted], source: Source) -> ReceiveCheckout:
    event = each.event
    return ReceiveCheckout(
        source=source,
        form=OrderForm(
            reference=event.checkout_id,
            customer_reference=event.customer.reference,
            customer=_details(event.customer),
            offer=event.offer,
            currency=event.currency,
            items=tuple(
                OrderedItem(
                    product=item.product,
                    quantity=item.quantity,
                    unit_price_minor=item.unit_price_minor,
                    configuration=item.configuration,
                )
                for item in event.items
            ),
            payment=Payment(
                status=event.payment.status,
                gateway=event.payment.gateway,
                reference=event.payment.reference,
                amount_minor=event.payment.amount_minor,
                currency=event.payment.currency,
                method_ref=event.payment.method_ref,
            ),
            metadata=event.metadata,
        ),
        digest=_digest(event),
        told_at=each.at,
        origin=_origin(each, source),
    )


def _details(customer: CheckoutCustomer) -> DetailsForm:
    # Left out means unknown here, although the contract has a default for whoever reads it.
    kind = CustomerType(customer.type) if "type" in customer.model_fields_set else None
    return DetailsForm(
        type=kind,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        vat_number=customer.vat_number,
        address=None if customer.address is None else _address(customer.address),
        timezone=customer.timezone,
        language=customer.language,
    )


def _address(address: CheckoutAddress) -> Address:
    return Address(
        country=address.country,
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        postal_code=address.postal_code,
        region=address.region,
    )


def _digest(event: CheckoutCompleted) -> bytes:
    """Of what was said, however it was written: spaces and the order of names do not count. What
    equals a default is left out, so that a new optional field changes no old digest.
    """
    said = event.model_dump(mode="json", exclude_defaults=True)
    return sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def _origin(each: Received[CheckoutCompleted], source: Source) -> Origin:
    """Who acts is the source, whatever its headers claim; oddities of a trace are dropped."""
    said = each.origin
    correlation = said.correlation_id
    if len(correlation) > _LONGEST_CORRELATION or not correlation.isprintable():
        correlation = said.causation_id
    trace = said.traceparent
    if trace is not None and not _TRACEPARENT.fullmatch(trace):
        trace = None
    return Origin(f"upstream:{source.id}", said.causation_id, correlation, trace)
