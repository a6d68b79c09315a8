"""What waits for the gateway: claimed under a lease, asked about, and put back or settled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from services.billing.domain.contract import Method, SubscriptionId, SubscriptionKey
from shared.ids import PartnerId

# By these names a commit wakes the loop that works a queue off.
CHARGES = "charges"
LOOKUPS = "lookups"
REFUNDS = "refunds"
VERIFICATIONS = "verifications"
WEBHOOKS = "webhooks"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, by the system's clock.

    `visible_after`: from then on the gateway finds what it has taken. `look_after`: the pauses
    between looks, the last one again and again until `most_looks`. `answer_within`: a charge that
    takes longer is settled by its webhook.
    """

    lease: timedelta = timedelta(seconds=60)
    answer_within: timedelta = timedelta(milliseconds=500)
    visible_after: timedelta = timedelta(seconds=10)
    look_after: Sequence[timedelta] = tuple(
        timedelta(seconds=each) for each in (10, 60, 300, 900, 3600, 21600, 86400)
    )
    most_looks: int = 14
    most_calls: int = 3

    def pause(self, looks: int) -> timedelta:
        return self.look_after[min(looks, len(self.look_after) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedAttempt:
    """Ours until the lease ends; `calls` and `looks` count this one in."""

    id: str
    key: str
    partner_id: PartnerId
    subscription_id: SubscriptionId
    invoice_id: str
    amount_minor: int
    currency: str
    method: Method
    actor: str
    token: UUID
    sent_at: datetime
    calls: int
    looks: int

    @property
    def of(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, self.subscription_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedVerification:
    partner_id: PartnerId
    subscription_id: SubscriptionId
    gateway: str
    reference: str
    token: UUID
    first_look_at: datetime
    looks: int

    @property
    def of(self) -> SubscriptionKey:
        return SubscriptionKey(self.partner_id, self.subscription_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedRefund:
    id: str
    key: str
    partner_id: PartnerId
    gateway: str
    reference: str
    amount_minor: int | None
    token: UUID
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedWebhook:
    gateway: str
    id: str
    type: str
    key: str | None
    token: UUID
    looks: int


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    gateway: str
    id: str
    type: str
    key: str | None
    reference: str | None
    body: bytes


class PaymentQueue(Protocol):
    """Attempts on their way; a lease that is lost changes nothing any more."""

    async def claim_to_send(
        self, limit: int, now: datetime, lease: timedelta
    ) -> list[ClaimedAttempt]:
        """`created` ones, the oldest first; they count as sent when this transaction commits."""

    async def claim_to_find(
        self, limit: int, now: datetime, lease: timedelta
    ) -> list[ClaimedAttempt]:
        """Unknown ones whose time has come, and sent ones whose sender has gone."""

    async def put_off(self, put_off: Sequence[tuple[ClaimedAttempt, datetime]]) -> None:
        """Unknown as yet: look again, not before that time."""

    async def leave_to_a_person(self, left: Sequence[ClaimedAttempt]) -> None: ...

    async def still_mine(self, claimed: Sequence[ClaimedAttempt]) -> set[str]:
        """Ids of those whose lease holds; locked."""

    async def by_keys(self, keys: Sequence[str], now: datetime) -> dict[str, ClaimedAttempt]:
        """Whom the gateway speaks of; without a lease."""


class VerificationQueue(Protocol):
    async def claim(
        self, limit: int, now: datetime, lease: timedelta
    ) -> list[ClaimedVerification]: ...

    async def put_off(self, put_off: Sequence[tuple[ClaimedVerification, datetime]]) -> None: ...


class RefundQueue(Protocol):
    async def claim(self, limit: int, now: datetime, lease: timedelta) -> list[ClaimedRefund]:
        """Those that the gateway has not taken yet, and pending ones that may have settled."""

    async def put_off(self, put_off: Sequence[tuple[ClaimedRefund, datetime]]) -> None: ...

    async def wake(self, ids: Sequence[str]) -> None:
        """Ask about these pending ones now."""

    async def by_keys(self, keys: Sequence[str]) -> dict[str, str]:
        """Refund ids by the gateway's key."""


class WebhookQueue(Protocol):
    async def store(self, webhook: StoredWebhook, now: datetime, answer_within: timedelta) -> None:
        """A repeat is known by its id and changes nothing. What tells of the success of a
        charge that is under way waits until then for the charge's own answer.
        """

    async def known(self, keys: Sequence[str]) -> set[tuple[str, str]]:
        """Ends those that tell of a success which the books of these keys say as well.

        Returns:
            (gateway, id) of each.
        """

    async def claim(self, limit: int, now: datetime, lease: timedelta) -> list[ClaimedWebhook]: ...

    async def put_off(self, put_off: Sequence[tuple[ClaimedWebhook, datetime]]) -> None: ...

    async def handled(self, done: Mapping[ClaimedWebhook, str]) -> None:
        """With a word on what came of each."""
