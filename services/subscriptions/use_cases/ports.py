"""What the use cases need from the outside world, in their own words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from services.subscriptions.domain.account import Account
from services.subscriptions.domain.events import SubscriptionEvent
from services.subscriptions.domain.gated_order import GatedOrder, GatedOrderEvent
from services.subscriptions.domain.offer import Offer, OfferKey, OfferPublished
from services.subscriptions.domain.order import Order, OrderId, OrderRefused
from services.subscriptions.domain.subscription import Subscription, SubscriptionKey
from shared.ids import PartnerId
from shared.origin import Origin

# By this name a commit wakes the loop that works the queue off.
ACCOUNTS = "accounts"


class Changed(NamedTuple):
    """A subscription, what it said, and where that came from; `events` may be none."""

    subscription: Subscription
    events: Sequence[SubscriptionEvent]
    origin: Origin


class Placed(NamedTuple):
    """An order with what it said; `events` is empty for one that was applied."""

    order: Order
    events: Sequence[OrderRefused]
    origin: Origin


class Moved(NamedTuple):
    """A gated order, what it said, and where that came from; `events` may be none."""

    order: GatedOrder
    events: Sequence[GatedOrderEvent]
    origin: Origin


class CheckoutKey(NamedTuple):
    partner_id: PartnerId
    id: str


class Subscriptions(Protocol):
    async def get(self, key: SubscriptionKey) -> Subscription:
        """Load and lock one, or raise SubscriptionNotFound."""

    async def get_many(
        self, keys: Collection[SubscriptionKey]
    ) -> dict[SubscriptionKey, Subscription]:
        """Load and lock all, in an order that cannot deadlock, or raise SubscriptionNotFound."""

    async def find_many(
        self, keys: Collection[SubscriptionKey]
    ) -> dict[SubscriptionKey, Subscription]:
        """As `get_many`, without those that do not exist."""

    async def add_many(self, changed: Sequence[Changed]) -> None:
        """Store new ones, or raise SubscriptionStale where one is there already."""

    async def save(
        self, subscription: Subscription, events: Sequence[SubscriptionEvent], origin: Origin
    ) -> None:
        """As `save_many`, for one."""

    async def save_many(self, changed: Sequence[Changed]) -> None:
        """Store the new states with the events that explain them, all or none.

        One subscription may stand there several times, in the order in which it changed. What
        follows from its state is stored with it: its deadlines and how its account is wanted.

        Raises:
            SubscriptionStale: another transaction was faster.
        """


class Offers(Protocol):
    async def find_many(self, keys: Collection[OfferKey]) -> dict[OfferKey, Offer]:
        """Those that are published."""

    async def save(self, offer: Offer, events: Sequence[OfferPublished], origin: Origin) -> None:
        """Store it with its event, or raise OfferStale."""


class Orders(Protocol):
    async def known(self, ids: Collection[OrderId]) -> set[OrderId]:
        """Those of them that were placed before."""

    async def add_many(self, placed: Sequence[Placed]) -> None:
        """Store new ones with their events, or raise OrderStale where one is there already."""


class GatedOrders(Protocol):
    """Whoever changes one has locked its subscription before."""

    async def waiting_on(self, key: SubscriptionKey) -> GatedOrder | None:
        """The one order that waits there, if any."""

    async def find_many(self, ids: Collection[OrderId]) -> dict[OrderId, GatedOrder]:
        """Those of them that exist."""

    async def add(
        self, order: GatedOrder, events: Sequence[GatedOrderEvent], origin: Origin
    ) -> None:
        """Store a new one with its events and its timer, or raise OrderStale."""

    async def save_many(self, moved: Sequence[Moved]) -> None:
        """Store them with their events, or raise OrderStale. Those that have ended expire no more."""


class RejectedCheckouts(Protocol):
    """Checkouts that have ended without a subscription; the word may come before the order."""

    async def among(self, keys: Collection[CheckoutKey]) -> set[CheckoutKey]: ...

    async def remember(self, keys: Collection[CheckoutKey]) -> None: ...


@dataclass(frozen=True, slots=True)
class AccountCall:
    """What the panel is to be told of one account, under a lease.

    `version` is the subscription's, so that the panel knows which of two calls is the later one.
    `is_open`: it has told us the credentials before.
    """

    key: SubscriptionKey
    version: int
    account: Account
    is_open: bool
    lease: str
    attempts: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """How the customer gets in; it is never stored here."""

    username: str
    password: str
    url: str


class PanelUnavailable(Exception):
    """The panel refused, failed or stayed away: nothing is known to be done."""


class Panel(Protocol):
    async def tell(self, call: AccountCall) -> OpenedAccount | None:
        """Have the account as it is wanted, or raise PanelUnavailable.

        Returns:
            How to get in, where this call opened the account.
        """


class Accounts(Protocol):
    async def claim(self, limit: int, now: datetime) -> list[AccountCall]: ...

    async def told(self, calls: Sequence[AccountCall]) -> None:
        """The panel has done what these calls asked."""

    async def failed(self, answers: Sequence[tuple[AccountCall, str]], now: datetime) -> None:
        """It has not, as far as is known; the text says what was heard."""

    async def last_answers(self, keys: Collection[SubscriptionKey]) -> dict[SubscriptionKey, str]:
        """What was last heard of the panel, for those that wait for it."""


class Transaction(Protocol):
    """There is no time in it: `now` is an argument."""

    @property
    def subscriptions(self) -> Subscriptions: ...

    @property
    def offers(self) -> Offers: ...

    @property
    def orders(self) -> Orders: ...

    @property
    def gated_orders(self) -> GatedOrders: ...

    @property
    def rejected_checkouts(self) -> RejectedCheckouts: ...

    @property
    def accounts(self) -> Accounts: ...
