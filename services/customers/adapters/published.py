"""Everything that this service tells others: domain events as contracts."""

from dataclasses import asdict
from typing import Literal

from services.customers.domain.api_key import ApiKeyChanged
from services.customers.domain.checkout import Checkout, CheckoutAccepted, CheckoutRejected
from services.customers.domain.customer import Customer, CustomerCreated, CustomerUpdated
from services.customers.domain.partner import PartnerEvent, PartnerOpened, PartnerSwitched
from services.customers.domain.rejection import Rejection
from services.customers.domain.sandbox_clock import ClockStepped
from services.customers.domain.signing_key import PLATFORM, SigningKey
from shared.contracts import customers as contracts
from shared.contracts.event import Change, CheckoutPayment, EventContract

DomainEvent = (
    ApiKeyChanged
    | CheckoutAccepted
    | CheckoutRejected
    | CustomerCreated
    | CustomerUpdated
    | PartnerEvent
    | ClockStepped
)


def to_contract(event: DomainEvent, actor: str) -> EventContract:
    match event:
        case CheckoutAccepted() | CheckoutRejected():
            return _checkout_event(event, actor)
        case CustomerCreated() | CustomerUpdated():
            return _customer_event(event, actor)
        case ApiKeyChanged():
            return _api_key(event, actor)
        case PartnerOpened() | PartnerSwitched():
            return _partner(event, actor)
        case ClockStepped():
            return _clock(event, actor)


def key_published(key: SigningKey, actor: str) -> contracts.KeyPublished:
    """A key is told once, so its one version is 1."""
    return contracts.KeyPublished(
        verifying_key=contracts.VerifyingKeyState(
            partner_id=PLATFORM,
            version=1,
            kid=key.kid,
            jwk=key.public,
            expires_at=key.expires_at,
        ),
        change=Change(kind="published", actor=actor, at=key.created_at),
    )


def _checkout_event(
    event: CheckoutAccepted | CheckoutRejected, actor: str
) -> contracts.CheckoutAccepted | contracts.CheckoutRejected:
    if isinstance(event, CheckoutAccepted):
        return contracts.CheckoutAccepted(
            checkout=_checkout(event.checkout, "accepted"),
            change=Change(kind="accepted", actor=actor, at=event.at),
        )
    return contracts.CheckoutRejected(
        checkout=_checkout(event.checkout, "rejected"),
        rejection=_rejection(event.rejection),
        change=Change(kind="rejected", reason=event.rejection.code, actor=actor, at=event.at),
    )


def _checkout(
    checkout: Checkout, status: Literal["accepted", "rejected"]
) -> contracts.CheckoutState:
    return contracts.CheckoutState(
        id=checkout.id,
        partner_id=checkout.partner_id,
        version=checkout.version,
        reference=checkout.reference,
        source=checkout.source,
        status=status,
        customer_id=checkout.customer_id,
        offer=checkout.offer,
        currency=checkout.currency,
        items=[
            contracts.OrderedItem(
                product=item.product,
                quantity=item.quantity,
                unit_price_minor=item.unit_price_minor,
                configuration=dict(item.configuration),
            )
            for item in checkout.items
        ],
        timezone=checkout.timezone,
        price_trusted=checkout.price_trusted,
        payment=CheckoutPayment(**asdict(checkout.payment)),
        subscription_id=checkout.subscription_id,
    )


def _rejection(rejection: Rejection) -> contracts.Rejection:
    return contracts.Rejection(
        code=rejection.code,
        field=rejection.field,
        message=rejection.message,
        way_out=rejection.way_out,
    )


def _customer_event(
    event: CustomerCreated | CustomerUpdated, actor: str
) -> contracts.CustomerCreated | contracts.CustomerUpdated:
    customer = _customer(event.customer)
    if isinstance(event, CustomerCreated):
        change = Change(kind="opened", actor=actor, at=event.at)
        return contracts.CustomerCreated(customer=customer, change=change)
    change = Change(kind=event.kind, actor=actor, at=event.at)
    return contracts.CustomerUpdated(customer=customer, change=change)


def _customer(customer: Customer) -> contracts.CustomerState:
    address = customer.address
    return contracts.CustomerState(
        id=customer.id,
        partner_id=customer.partner_id,
        version=customer.version,
        external_reference=customer.reference,
        type=customer.type.value,
        name=customer.name,
        email=customer.email.text,
        email_ascii=customer.email.ascii,
        phone=customer.phone,
        vat_number=customer.vat_number,
        address=None if address is None else contracts.Address(**asdict(address)),
        timezone=customer.timezone,
        language=customer.language,
        notifications_enabled=customer.notifications_enabled,
        sign_in_enabled=customer.sign_in_enabled,
    )


def _api_key(event: ApiKeyChanged, actor: str) -> contracts.ApiKeyChanged:
    api_key = event.api_key
    return contracts.ApiKeyChanged(
        api_key=contracts.ApiKeyState(
            id=api_key.id,
            partner_id=api_key.partner_id,
            version=api_key.version,
            hash=api_key.hash,
            scopes=list(api_key.scopes),
            status=api_key.status.value,
        ),
        change=Change(kind=event.kind, actor=actor, at=event.at),
    )


def _partner(event: PartnerEvent, actor: str) -> contracts.PartnerChanged:
    partner = event.partner
    kind = "opened" if isinstance(event, PartnerOpened) else "switched"
    return contracts.PartnerChanged(
        partner=contracts.PartnerState(
            id=partner.id,
            version=partner.version,
            partner_id=partner.id,
            sandbox=partner.sandbox,
            notifications_enabled=partner.notifications_enabled,
            **asdict(partner.profile),
        ),
        change=Change(kind=kind, actor=actor, at=event.at),
    )


def _clock(event: ClockStepped, actor: str) -> contracts.ClockStepped:
    clock = event.clock
    return contracts.ClockStepped(
        clock=contracts.ClockState(
            id=clock.id,
            partner_id=clock.partner_id,
            version=clock.version,
            step=clock.step,
            phase=clock.phase,
            round=clock.round,
            now=clock.now,
            turn=clock.turn,
        ),
        change=Change(kind="stepped", actor=actor, at=event.at),
    )
