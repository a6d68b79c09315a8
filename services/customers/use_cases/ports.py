"""What the use cases need from the outside world, in their own words."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from services.customers.domain.api_key import ApiKey, ApiKeyEvent, ApiKeyKey
from services.customers.domain.checkout import Checkout, CheckoutEvent, CheckoutKey
from services.customers.domain.customer import Customer, CustomerEvent, CustomerKey, Identity
from services.customers.domain.operator import Operator
from services.customers.domain.partner import Partner, PartnerEvent
from services.customers.domain.sandbox_clock import SandboxClock, SandboxClockEvent, SandboxClockKey
from services.customers.domain.signing_key import SigningKey
from services.customers.domain.source import Source
from services.customers.domain.throttle import Allowance, Bucket
from shared.ids import PartnerId
from shared.origin import Origin
from shared.timer import Timer

ChangedCustomer: TypeAlias = tuple[Customer, Sequence[tuple[CustomerEvent, Origin]]]
ChangedCheckout: TypeAlias = tuple[Checkout, Sequence[CheckoutEvent], Origin]


class Partners(Protocol):
    async def get_many(self, ids: Collection[PartnerId]) -> dict[PartnerId, Partner]:
        """Without a lock, or raise PartnerNotFound."""

    async def add(
        self, partner: Partner, events: Sequence[PartnerEvent], origin: Origin
    ) -> None: ...

    async def lock(self, partner_id: PartnerId) -> Partner:
        """Or raise PartnerNotFound."""

    async def save(self, partner: Partner, events: Sequence[PartnerEvent], origin: Origin) -> None:
        """The new state with the events that explain it."""


class SandboxClocks(Protocol):
    async def get_many(
        self, keys: Collection[SandboxClockKey]
    ) -> dict[SandboxClockKey, SandboxClock]:
        """Load and lock all, in an order that cannot deadlock, or raise SandboxClockNotFound."""

    async def save(
        self, clock: SandboxClock, events: Sequence[SandboxClockEvent], origin: Origin
    ) -> None:
        """The events' time holds in this service from this transaction on."""


class SetsTimers(Protocol):
    async def set(self, timers: Sequence[Timer]) -> None: ...

    async def cancel(self, kinds: Sequence[str], subjects: Sequence[str]) -> None: ...


class Sources(Protocol):
    async def by_uri(self, uris: Collection[str]) -> dict[str, Source]:
        """Of these the registered ones, of whichever partner."""

    async def add(self, source: Source) -> None:
        """Or raise SourceTaken."""

    async def guard_keys(self) -> None:
        """Make sure that every key can be read, and close those that were stored open."""


class ApiKeys(Protocol):
    async def get(self, key: ApiKeyKey) -> ApiKey:
        """Load and lock, or raise ApiKeyNotFound."""

    async def save(self, api_key: ApiKey, events: Sequence[ApiKeyEvent], origin: Origin) -> None:
        """The key holds in this service from this transaction on, elsewhere once it is heard."""


class Operators(Protocol):
    async def by_email(self, partner_id: PartnerId, email_key: str) -> Operator | None: ...

    async def add(self, operator: Operator) -> None:
        """Or raise OperatorEmailTaken."""


class SignIns(Protocol):
    """What is remembered of attempts; names are hashes, so no address of a person is kept."""

    async def buckets(self, allowances: Mapping[str, Allowance], at: datetime) -> dict[str, Bucket]:
        """By name, locked, filled up to `at`."""

    async def keep(self, buckets: Mapping[str, Bucket]) -> None: ...

    async def knows(self, pair: str) -> bool:
        """Whether this account has signed in from this address before."""

    async def remember(self, pair: str, at: datetime) -> None: ...

    async def forget_idle(self, before: datetime) -> None:
        """Buckets that nobody has asked for since are full, which is what an absent one is."""


class SigningKeys(Protocol):
    async def living(self, at: datetime) -> list[SigningKey]: ...

    async def take_turns(self) -> None:
        """Until this transaction ends nobody else makes a key."""

    async def add(self, key: SigningKey, origin: Origin, at: datetime) -> None:
        """With the word that publishes its public half."""


class Customers(Protocol):
    async def find(self, identities: Collection[Identity]) -> dict[Identity, Customer]:
        """Whoever is known by one of these, locked in an order that cannot deadlock.

        One customer found by two identities is the same object under both.
        """

    async def get(self, key: CustomerKey) -> Customer:
        """Load and lock, or raise CustomerNotFound."""

    async def save_many(self, changed: Sequence[ChangedCustomer]) -> None:
        """New ones and known ones, each once, or raise CustomerStale.

        It is stale too where another transaction has just claimed one of the identities.
        """


class Checkouts(Protocol):
    async def digests(self, keys: Collection[CheckoutKey]) -> dict[CheckoutKey, bytes]:
        """What was received under these before."""

    async def get_many(self, keys: Collection[CheckoutKey]) -> dict[CheckoutKey, Checkout]:
        """Load and lock all, in an order that cannot deadlock, or raise CheckoutNotFound."""

    async def add_many(self, changed: Sequence[ChangedCheckout]) -> None:
        """Or raise CheckoutStale, where another transaction has just received one of them."""

    async def save_many(self, changed: Sequence[ChangedCheckout]) -> None:
        """The new ends with the events that tell of them."""


class Transaction(Protocol):
    """There is no time in it: `now` is an argument."""

    @property
    def partners(self) -> Partners: ...

    @property
    def test_clocks(self) -> SandboxClocks: ...

    @property
    def timers(self) -> SetsTimers: ...

    @property
    def sources(self) -> Sources: ...

    @property
    def api_keys(self) -> ApiKeys: ...

    @property
    def operators(self) -> Operators: ...

    @property
    def sign_ins(self) -> SignIns: ...

    @property
    def signing_keys(self) -> SigningKeys: ...

    @property
    def customers(self) -> Customers: ...

    @property
    def checkouts(self) -> Checkouts: ...
