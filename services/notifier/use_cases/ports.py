"""What the use cases need from the outside world, in their own words."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from services.notifier.domain.letter import Addressed, Letter, Rendered
from services.notifier.domain.message import Message, MessageEvent, MessageId
from services.notifier.domain.occasion import Occasion
from services.notifier.domain.outcome import Outcome
from services.notifier.domain.people import Brand, Contact, Offer
from services.notifier.domain.sealing_key import KeyPair, SealingKey, SealingKeyMade
from services.notifier.domain.subscription import Subscription, SubscriptionKey
from shared.ids import PartnerId
from shared.timer import Timer

Changed: TypeAlias = tuple[Message, Sequence[MessageEvent]]

# By this name a commit wakes the loop that works the queue off.
MAILS = "mails"


class Lease(Protocol):
    """Who is at work on a message, and until when nobody else may be (system time)."""

    @property
    def token(self) -> str: ...

    @property
    def until(self) -> datetime: ...


class Messages(Protocol):
    async def add_many(self, messages: Sequence[Message]) -> set[MessageId]:
        """Keep them; the ids of those that were not there before."""

    async def planned_for(self, keys: Collection[SubscriptionKey]) -> list[Message]:
        """Those that wait for their hour; not locked."""

    async def get_many(self, ids: Collection[MessageId]) -> dict[MessageId, Message]:
        """Load and lock those that exist, in an order that cannot deadlock."""

    async def next_to_send(self, limit: int, system_now: datetime) -> list[Addressed]:
        """Load and lock the oldest whose recipient and brand are known and whose time has come,
        those included whose sender has vanished.
        """

    async def leased(self, tokens: Mapping[MessageId, str]) -> dict[MessageId, Message]:
        """Load and lock those that are still under the lease of that token."""

    async def save_many(self, changed: Sequence[Changed], lease: Lease | None = None) -> None:
        """The new states with the events that explain them; `lease` is for those under way."""


class Subscriptions(Protocol):
    async def put_many(self, subscriptions: Sequence[Subscription]) -> None:
        """Keep each where it is newer than what is known."""

    async def get_many(
        self, keys: Collection[SubscriptionKey]
    ) -> dict[SubscriptionKey, Subscription]:
        """Those of which anything is known; all are locked, known or not, so that whoever hears
        of one for the first time waits for whoever has just not found it.
        """

    async def look_up(
        self, keys: Collection[SubscriptionKey]
    ) -> dict[SubscriptionKey, Subscription]:
        """As `get_many`, without a lock."""


class WaitingOccasions(Protocol):
    """Occasions whose subscription has not been heard of yet."""

    async def keep(self, occasions: Sequence[Occasion]) -> None: ...

    async def take(self, keys: Collection[SubscriptionKey]) -> list[Occasion]:
        """Those that wait for one of these, for the last time."""


class Directory(Protocol):
    """Whom and what mails name; each put keeps the highest version."""

    async def switched_off(self, partners: Collection[PartnerId]) -> set[PartnerId]:
        """Of these, the ones whose mails to customers are off now."""

    async def put_contacts(self, contacts: Sequence[Contact]) -> None: ...

    async def put_brands(self, brands: Sequence[Brand]) -> None: ...

    async def put_offers(self, offers: Sequence[Offer]) -> None: ...


class PrivateKeys(Protocol):
    """The private halves; nobody else's database has them."""

    async def all_locked(self) -> list[SealingKey]:
        """Every key, while no other process decides on them."""

    async def add(self, made: SealingKeyMade) -> None: ...

    async def destroy(self, kids: Collection[str]) -> None: ...

    async def of(self, kids: Collection[str]) -> dict[str, SealingKey]: ...


class GeneratesKeys(Protocol):
    def __call__(self) -> KeyPair: ...


class SetsTimers(Protocol):
    async def set(self, timers: Sequence[Timer]) -> None: ...

    async def cancel(self, kinds: Sequence[str], subjects: Sequence[str]) -> None: ...


class Post(Protocol):
    """Where mail is handed in."""

    async def hand_in(self, letter: Letter) -> Outcome:
        """Write the letter and give it to the mail server of its partner; never raises."""


class Renders(Protocol):
    def __call__(self, letter: Letter) -> Rendered: ...


class Transaction(Protocol):
    """There is no time in it: `now` is an argument."""

    @property
    def messages(self) -> Messages: ...

    @property
    def subscriptions(self) -> Subscriptions: ...

    @property
    def waiting(self) -> WaitingOccasions: ...

    @property
    def directory(self) -> Directory: ...

    @property
    def private_keys(self) -> PrivateKeys: ...

    @property
    def timers(self) -> SetsTimers: ...
