"""Who bought, in a whole set of checkouts: each person is found, or made once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.customers.domain.customer import (
    Customer,
    CustomerEvent,
    CustomerId,
    CustomerKey,
    Identity,
    email_identity,
    reference_identity,
)
from services.customers.domain.details import Details
from services.customers.use_cases.ports import ChangedCustomer, Transaction
from shared.ids import PartnerId, new_id
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class Buyer:
    """What one checkout says of a person; the details are sound and have name and e-mail."""

    partner_id: PartnerId
    reference: str | None
    details: Details
    told_at: datetime
    now: datetime
    origin: Origin

    @property
    def by_reference(self) -> Identity | None:
        if self.reference is None:
            return None
        return reference_identity(self.partner_id, self.reference)

    @property
    def by_email(self) -> Identity:
        assert self.details.email is not None  # noqa: S101  a checkout cannot leave it out
        return email_identity(self.partner_id, self.details.email)

    @property
    def identities(self) -> list[Identity]:
        return [each for each in (self.by_reference, self.by_email) if each]


class Buyers:
    """The upstream's reference names a person; without one the e-mail address does.

    A customer who has no reference yet, and is met with one and the same address, learns it. Two
    references are two persons, even where they share an address: the first then has it alone.
    """

    def __init__(self, known: dict[Identity, Customer]) -> None:
        self._known = known
        self._said: defaultdict[CustomerKey, list[tuple[CustomerEvent, Origin]]] = defaultdict(list)
        self._met: dict[CustomerKey, Customer] = {}

    @classmethod
    async def among(cls, buyers: Sequence[Buyer], tx: Transaction) -> "Buyers":
        identities = {identity for each in buyers for identity in each.identities}
        return cls(await tx.customers.find(identities))

    @property
    def changed(self) -> list[ChangedCustomer]:
        """Everyone met; who said nothing new may still know newer news."""
        return [(customer, self._said[key]) for key, customer in self._met.items()]

    def customer_of(self, buyer: Buyer, timezone: str) -> Customer:
        """Found or made; `timezone` is for somebody new who named none."""
        customer = self._found(buyer)
        if customer is None:
            customer, events = self._opened(buyer, timezone)
        else:
            before = customer.identities
            owner = self._known.get(buyer.by_email)
            events = customer.hear(
                buyer.details,
                reference=buyer.reference,
                told_at=buyer.told_at,
                email_free=owner is None or owner is customer,
                at=buyer.now,
            )
            for identity in before:
                self._known.pop(identity, None)
        self._known |= dict.fromkeys(customer.identities, customer)
        self._met[customer.key] = customer
        self._said[customer.key] += [(event, buyer.origin) for event in events]
        return customer

    def _found(self, buyer: Buyer) -> Customer | None:
        if buyer.by_reference is None:
            return self._known.get(buyer.by_email)
        named = self._known.get(buyer.by_reference)
        if named is not None:
            return named
        owner = self._known.get(buyer.by_email)
        return owner if owner is not None and owner.reference is None else None

    def _opened(self, buyer: Buyer, timezone: str) -> tuple[Customer, list[CustomerEvent]]:
        return Customer.open(
            CustomerKey(buyer.partner_id, CustomerId(new_id("cus"))),
            buyer.details,
            reference=buyer.reference,
            claims_email=buyer.by_email not in self._known,
            timezone=timezone,
            told_at=buyer.told_at,
            at=buyer.now,
        )
