"""The card gateway behind billing's port, with a ledger of its own that the books are held against."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.billing.domain.charge import Charge
from services.billing.use_cases.ports import (
    ChargeAnswer,
    ChargeOrder,
    FindAnswer,
    GivenBack,
    NotFound,
    RefundAnswer,
    Refused,
    Unanswered,
)
from tests.model.clock import Clock

VISIBLE_AFTER = timedelta(seconds=8)
REFUND_LASTS = timedelta(days=2)


class Card(StrEnum):
    """How it goes with a card: the first three answer, the others leave us without one, charged
    or not. `shown_late` is charged as well, but is found a few seconds later only.
    """

    APPROVED = "approved"
    DECLINED = "declined"
    STOLEN = "stolen"
    CHARGED_UNHEARD = "charged, the answer lost"
    SHOWN_LATE = "charged, the answer lost, shown late"
    NEVER_ARRIVED = "the call lost"


SILENT = {Card.CHARGED_UNHEARD, Card.SHOWN_LATE, Card.NEVER_ARRIVED}


@dataclass
class GivenRefund:
    key: str
    amount: int
    settles_at: datetime


@dataclass
class Taken:
    """One charge; `captured` is 0 for one that was declined."""

    reference: str
    key: str | None
    amount: int
    currency: str
    captured: int
    at: datetime
    visible_at: datetime
    hard: bool = False
    refunds: list[GivenRefund] = field(default_factory=list)

    @property
    def net(self) -> int:
        """What stays with us once all refunds have settled."""
        return self.captured - sum(each.amount for each in self.refunds)

    def shown(self, now: datetime) -> Charge:
        settled = sum(each.amount for each in self.refunds if each.settles_at <= now)
        return Charge(
            reference=self.reference,
            key=self.key,
            status="succeeded" if self.captured else "declined",
            code=None if self.captured else "card_declined",
            hard=self.hard,
            amount_minor=self.amount,
            currency=self.currency,
            captured_minor=self.captured,
            refunded_minor=settled,
            refund_pending_minor=self.captured - self.net - settled,
            disputed_minor=0,
        )


class Gateway:
    """It keeps its word: a key charges once, and what it took it shows after a few seconds.

    `look_up` says what is wrong with asking for these keys, at the instant at which it is done.
    """

    taken: dict[str, Taken]
    by_key: dict[str, Taken]
    webhooks: list[dict[str, object]]
    cards: defaultdict[str, Card]
    complaints: list[str]
    slow_refunds: bool
    silent_refunds: int
    look_up: Callable[[Sequence[str]], Awaitable[list[str]]] | None = None

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said = 0
        self.clear()

    def clear(self) -> None:
        self.taken, self.by_key = {}, {}
        self.webhooks, self.complaints = [], []
        self.cards = defaultdict(lambda: Card.APPROVED)
        self.slow_refunds, self.silent_refunds = False, 0

    def heal(self) -> None:
        """From now on every call is answered."""
        self.silent_refunds = 0
        for ref, card in self.cards.items():
            self.cards[ref] = Card.APPROVED if card in SILENT else card

    def capture(self, reference: str, amount: int, currency: str) -> None:
        """An upstream shop has taken money before we are told."""
        now = self._clock.instant
        self.taken[reference] = Taken(reference, None, amount, currency, amount, now, now)

    async def charge(self, orders: Sequence[ChargeOrder]) -> Sequence[ChargeAnswer]:
        if self.look_up is not None:
            self.complaints += await self.look_up([each.key for each in orders])
        answers = [self._charge(each) for each in orders]
        if any(isinstance(each, Unanswered) for each in answers):
            return [Unanswered("ReadTimeout")] * len(orders)
        return answers

    def _charge(self, order: ChargeOrder) -> ChargeAnswer:
        known, card = self.by_key.get(order.key), self.cards[order.method.ref]
        if known is not None:
            return known.shown(self._clock.instant)
        if card is Card.NEVER_ARRIVED:
            return Unanswered("ConnectTimeout")
        self._complain_of_a_second_charge(order)
        made = self._take(order, card)
        return Unanswered("ReadTimeout") if card in SILENT else made.shown(self._clock.instant)

    def _complain_of_a_second_charge(self, order: ChargeOrder) -> None:
        invoice = order.key.partition("/")[0]
        for other in self.by_key.values():
            same = (other.key or "").partition("/")[0] == invoice
            if same and other.net > 0 and other.key != order.key:
                self.complaints.append(f"I2 {order.key} is charged while {other.key} has been paid")

    def _take(self, order: ChargeOrder, card: Card) -> Taken:
        now = self._clock.instant
        good = card not in {Card.DECLINED, Card.STOLEN}
        made = Taken(
            f"ch_{len(self.taken) + 1}",
            order.key,
            order.amount_minor,
            order.currency,
            order.amount_minor if good else 0,
            now,
            now + VISIBLE_AFTER if card is Card.SHOWN_LATE else now,
            card is Card.STOLEN,
        )
        self.taken[made.reference] = self.by_key[order.key] = made
        self._tell("charge.succeeded" if good else "charge.declined", order.key, made.reference)
        return made

    async def find(self, key: str, now: datetime | None) -> FindAnswer:
        del now
        return self._found(self.by_key.get(key))

    async def find_reference(self, reference: str, now: datetime | None) -> FindAnswer:
        del now
        return self._found(self.taken.get(reference))

    def _found(self, taken: Taken | None) -> FindAnswer:
        if taken is None or taken.visible_at > self._clock.instant:
            return NotFound()
        return taken.shown(self._clock.instant)

    async def refund(
        self, key: str, reference: str, amount_minor: int, now: datetime | None
    ) -> RefundAnswer:
        del now
        taken = self.taken.get(reference)
        known = self._refund_of(key)
        if known is None:
            if taken is None or amount_minor > taken.net:
                self.complaints.append(f"I1 {key} wants back more than is left of {reference}")
                return Refused("amount_too_large")
            pause = REFUND_LASTS if self.slow_refunds else timedelta(0)
            known = GivenRefund(key, amount_minor, self._clock.instant + pause)
            taken.refunds.append(known)
            self._tell("refund.created", key, reference)
        if self.silent_refunds:
            self.silent_refunds -= 1
            return Unanswered("ReadTimeout")
        return self._state_of(known)

    async def find_refund(self, key: str, now: datetime | None) -> RefundAnswer:
        del now
        known = self._refund_of(key)
        return NotFound() if known is None else self._state_of(known)

    def _refund_of(self, key: str) -> GivenRefund | None:
        given = (each for taken in self.taken.values() for each in taken.refunds)
        return next((each for each in given if each.key == key), None)

    def _state_of(self, refund: GivenRefund) -> GivenBack:
        if refund.settles_at > self._clock.instant:
            return GivenBack("pending", refund.settles_at)
        return GivenBack("succeeded", None)

    def _tell(self, kind: str, key: str, reference: str) -> None:
        self._said += 1
        self.webhooks.append(
            {"id": f"gwe_{self._said}", "type": kind, "data": {"key": key, "reference": reference}}
        )
