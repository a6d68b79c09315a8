"""What the use cases need from the outside world, in their own words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from services.billing.domain.books import Books
from services.billing.domain.charge import Charge
from services.billing.domain.contract import CheckoutId, Method, SubscriptionKey
from services.billing.domain.events import Event
from services.billing.domain.order import Order
from services.billing.domain.refund import Refund, RefundMoved
from shared.ids import PartnerId
from shared.origin import Origin

Said: TypeAlias = tuple[Event, Origin]
CheckoutKey: TypeAlias = tuple[PartnerId, CheckoutId]
Reference: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to load beside contracts and open invoices: these very invoices and attempts, and all
    invoices whose period starts at `since` or later. Of orders: these with their invoices, and those
    that wait for a word of the subscription.
    """

    invoices: Collection[str] = ()
    attempts: Collection[str] = ()
    since: datetime | None = None
    orders: Collection[str] = ()
    waiting_orders: bool = False


class BooksOfAll(Protocol):
    async def get_many(
        self, keys: Collection[SubscriptionKey], wanted: Wanted = ...
    ) -> dict[SubscriptionKey, Books]:
        """Load and lock what exists of them, in an order that cannot deadlock."""

    async def of_checkouts(
        self, keys: Collection[CheckoutKey]
    ) -> dict[CheckoutKey, SubscriptionKey]:
        """Which subscriptions were made of these checkouts, as far as is known."""

    async def of_invoices(
        self, ids: Collection[str], partner_id: PartnerId | None = None
    ) -> dict[str, SubscriptionKey]:
        """Whose invoices these are; of one partner only, where one is asking."""

    async def save_many(
        self, changed: Sequence[tuple[Books, Sequence[Said]]], now: Mapping[PartnerId, datetime]
    ) -> None:
        """Store all that moved, number the new documents, and tell of it; all or nothing."""


class Checkouts(Protocol):
    async def lock(self, keys: Collection[CheckoutKey]) -> set[CheckoutKey]:
        """Take turns with whoever speaks of the same checkouts; which of them are rejected."""

    async def reject(self, keys: Collection[CheckoutKey], at: Mapping[PartnerId, datetime]) -> None:
        """Remember for ever that nothing is to be charged for them."""

    async def claim(self, wanted: Mapping[Reference, CheckoutKey]) -> dict[Reference, CheckoutKey]:
        """A reference belongs to the checkout that names it first: the owner of each.

        One that settled an invoice of ours belongs to nobody who comes with it.
        """


class Orders(Protocol):
    """Kept as they are heard, in whatever order; what follows of them is in the books."""

    async def keep(self, placed: Sequence[Order]) -> None:
        """As waiting, those that are new."""

    async def keep_canceled(self, canceled: Collection[tuple[SubscriptionKey, str]]) -> None:
        """Those that are new, so that they are never taken up."""


class Attempts(Protocol):
    async def made_by_hand(self, invoice_id: str, since: datetime) -> int:
        """How often somebody has asked for an attempt at this invoice since then."""


class Refunds(Protocol):
    async def order(
        self, refunds: Sequence[tuple[Refund, Origin]], now: Mapping[PartnerId, datetime]
    ) -> None:
        """Have money given back; what was ordered before under the same key changes nothing."""

    async def get_many(self, ids: Collection[str]) -> dict[str, Refund]:
        """Load and lock."""

    async def save_many(self, moved: Sequence[tuple[Refund, Sequence[RefundMoved]]]) -> None:
        """Store the new state, book what was given back, tell of it."""


class Transaction(Protocol):
    """There is no time in it: `now` is an argument."""

    @property
    def books(self) -> BooksOfAll: ...

    @property
    def checkouts(self) -> Checkouts: ...

    @property
    def orders(self) -> Orders: ...

    @property
    def attempts(self) -> Attempts: ...

    @property
    def refunds(self) -> Refunds: ...


@dataclass(frozen=True, slots=True)
class ChargeOrder:
    """`key` makes a repeat the same charge; `now` is the partner's time where it has its own."""

    key: str
    amount_minor: int
    currency: str
    method: Method
    now: datetime | None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nothing is known: a time-out, a broken connection, an answer that says nothing."""

    detail: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """The gateway knows nothing of the key or reference, so far."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The gateway took the order for faulty; nothing was charged, and asking again will not help."""

    code: str


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What the gateway says of a refund: pending (until then), succeeded or failed."""

    status: str
    settles_at: datetime | None


ChargeAnswer: TypeAlias = Charge | Refused | Unanswered
FindAnswer: TypeAlias = Charge | NotFound | Unanswered
RefundAnswer: TypeAlias = GivenBack | NotFound | Refused | Unanswered


class PaymentGateway(Protocol):
    """A repeat with the same key never moves money twice; every failure is an answer."""

    async def charge(self, orders: Sequence[ChargeOrder]) -> Sequence[ChargeAnswer]:
        """One answer for each, in the same order."""

    async def find(self, key: str, now: datetime | None) -> FindAnswer: ...

    async def find_reference(self, reference: str, now: datetime | None) -> FindAnswer: ...

    async def refund(
        self, key: str, reference: str, amount_minor: int, now: datetime | None
    ) -> RefundAnswer: ...

    async def find_refund(self, key: str, now: datetime | None) -> RefundAnswer: ...
