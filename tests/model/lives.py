"""Hypothesis writes lives: people act, the gateway misbehaves, time passes, processes die."""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from typing_extensions import override

from shared.calendar import local_date
from tests.model.chance import chance_of
from tests.model.gateway import Card
from tests.model.graph import RUNNING
from tests.model.moves import OFFERS, ZONES, Unheard
from tests.model.openings import OPENINGS
from tests.model.stage import Stage
from tests.model.story import State
from tests.model.trouble import FAULTS
from tests.model.webhooks import bring
from tests.model.world import NAMES

# Month ends, the days around leap days, and the nights in which clocks change.
DAYS = (
    datetime(2027, 1, 31, 11, tzinfo=UTC),
    datetime(2027, 10, 30, 22, 30, tzinfo=UTC),
    datetime(2027, 3, 27, 23, 30, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
    datetime(2027, 4, 29, 21, 59, tzinfo=UTC),
    datetime(2027, 12, 31, 10, 59, tzinfo=UTC),
)
HOUR = timedelta(hours=1)
MOST_SUBSCRIPTIONS = 4
ANY = st.integers(0, 2**16)
WHO = st.integers(0, MOST_SUBSCRIPTIONS - 1)
CARDS = st.sampled_from((Card.APPROVED, Card.APPROVED, Card.DECLINED, *Card))
HOLDS = st.sampled_from(("abuse", "requested", "fraud_review"))


def _is_running(state: State) -> bool:
    return state["status"] in RUNNING


def _is_suspended(state: State) -> bool:
    return bool(state["status"] == "suspended")


def _owes(state: State) -> bool:
    cut_off = any(each["kind"] == "non_payment" for each in state["holds"])
    return state["status"] in {"past_due", "grace"} or (_is_suspended(state) and cut_off)


def _has_an_end(state: State) -> bool:
    return state["ends_at"] is not None and (_is_running(state) or _is_suspended(state))


class Lives(RuleBasedStateMachine):
    """Each rule is a step; what must hold is looked at after every one of them."""

    stage: ClassVar[Stage]

    def __init__(self) -> None:
        super().__init__()
        self.chance, self.begun = chance_of(0), False

    @initialize(day=st.sampled_from(DAYS), opening=st.sampled_from(OPENINGS), seed=ANY)
    def begin(self, day: datetime, opening: Any, seed: int) -> None:
        self.chance = self.stage.flow.chance = chance_of(seed)
        self.stage.run(self.stage.begin_anew(day))
        self.stage.run(opening(self.stage))
        self.begun = True

    @rule(
        offer=st.sampled_from(sorted(OFFERS)),
        payment=st.sampled_from(("captured", "captured", "method", "method", "unproven", "none")),
        card=CARDS,
        zone=st.sampled_from(ZONES),
        times=st.sampled_from((1, 1, 2, 3)),
        seed=ANY,
    )
    @precondition(lambda self: len(self.stage.moves.checkouts) < MOST_SUBSCRIPTIONS)
    def check_out(
        self, *, offer: str, payment: str, card: Card, zone: str, times: int, seed: int
    ) -> None:
        if OFFERS[offer][1] and payment == "captured":
            payment = "method"
        self.stage.moves.check_out(offer, payment, card, zone, times)
        self._then("check_out", seed)

    @rule(who=WHO, card=CARDS, seed=ANY)
    def card_turns(self, who: int, card: Card, seed: int) -> None:
        """From now on this is how it goes with what somebody pays with."""
        self._turn(self._one(who, _is_running), card)
        self._then("card_turns", seed)

    @rule(who=WHO, card=CARDS, seed=ANY)
    def bring_method(self, who: int, card: Card, seed: int) -> None:
        if state := self._one(who, _owes):
            self._ask("billing", seed, self.stage.moves.bring_method(state, card))
        self._then("bring_method", seed)

    @rule(who=WHO, card=CARDS, seed=ANY)
    def pay_by_hand(self, who: int, card: Card, seed: int) -> None:
        if state := self._one(who, _owes):
            self._turn(state, card)
            self._ask("billing", seed, self.stage.moves.pay_by_hand(state["id"]))
        self._then("pay_by_hand", seed)

    @rule(most=st.sampled_from((1, 2, None)), seed=ANY)
    def webhooks_come(self, most: int | None, seed: int) -> None:
        """Those that are owed, in any order, now and then twice."""
        self.stage.run(bring(self.stage.world, chance_of(seed), most))
        self._then("webhooks_come", seed)

    @rule(who=WHO, at=st.sampled_from(("now", "period_end", "period_end")), seed=ANY)
    def cancel(self, who: int, at: str, seed: int) -> None:
        body = {"at": at, "reason": "moves away"}
        self._act("POST", "cancel", self._one(who, _is_running), seed, body)

    @rule(who=WHO, gate=st.sampled_from(("payment", "payment", "none")), seed=ANY)
    def come_back(self, who: int, gate: str, seed: int) -> None:
        """Take the ordered end back, or order what has ended anew."""
        state = self._one(who, _has_an_end)
        if state and state["status"] == "suspended":
            body = {"gate": gate, "reason": "comes back"}
            self._act("POST", "reactivate", state, seed, body)
        else:
            self._act("POST", "uncancel", state, seed)

    @rule(
        who=WHO, days=st.integers(-2, 45), intervals=st.integers(0, 2), paid=st.booleans(), seed=ANY
    )
    def extend(self, who: int, days: int, intervals: int, paid: bool, seed: int) -> None:
        """By intervals, else until a day; a gift, or paid elsewhere."""
        state = self._one(who, _owes)
        if state is None:
            return
        minor = sum(each["unit_price_minor"] for each in state["items"]) if paid else 0
        body: dict[str, Any] = {"note": "sorry", "paid_externally_minor": minor * max(1, intervals)}
        if intervals:
            body["intervals"] = intervals
        else:
            today = local_date(self.stage.world.clock.instant, state["timezone"])
            body["until"] = (today + timedelta(days=days)).isoformat()
        self._act("POST", "extend", state, seed, body)

    @rule(who=WHO, kind=HOLDS, lasts=st.sampled_from((None, 40 * HOUR)), seed=ANY)
    def hold(self, who: int, kind: str, lasts: timedelta | None, seed: int) -> None:
        until = self.stage.world.clock.instant + lasts if lasts else None
        body = {"reason": "looked at", "expires_at": until and until.isoformat()}
        self._act("PUT", f"holds/{kind}", self._one(who, _is_running), seed, body)

    @rule(who=WHO, seed=ANY)
    def lift(self, who: int, seed: int) -> None:
        state = self._one(who, _is_suspended)
        kinds = [each["kind"] for each in state["holds"]] if state else []
        by_hand = [each for each in kinds if each not in {"ended", "non_payment"}]
        if by_hand:
            self._act("DELETE", f"holds/{by_hand[seed % len(by_hand)]}", state, seed)

    @rule(
        panel=st.integers(0, 4),
        mails=st.integers(0, 2),
        silent=st.integers(0, 2),
        slow=st.booleans(),
    )
    def outside_turns(self, panel: int, mails: int, silent: int, slow: bool) -> None:
        """So many of the next calls fail; and how refunds go from now on."""
        world = self.stage.world
        world.panel.trouble, world.mailbox.trouble = panel, mails
        world.gateway.silent_refunds, world.gateway.slow_refunds = silent, slow
        self.stage.coverage.moves["outside_turns"] += 1

    @rule(hours=st.sampled_from((1, 6, 23, 25, 49, 73)), walks=st.booleans(), seed=ANY)
    def hours_pass(self, hours: int, walks: bool, seed: int) -> None:
        self._pass(hours * HOUR, walks)
        self._then("hours_pass", seed)

    @rule(days=st.sampled_from((5, 8, 15, 31, 31, 62, 100, 400)), walks=st.booleans(), seed=ANY)
    def days_pass(self, days: int, walks: bool, seed: int) -> None:
        self._pass(timedelta(days=days), walks)
        self._then("days_pass", seed)

    @rule(who=WHO, card=CARDS, hours=st.sampled_from((0, 1, 30, 80)), seed=ANY)
    def a_boundary_passes(self, who: int, card: Card, hours: int, seed: int) -> None:
        """The next charge of somebody, with a card that has turned, and the hours after it."""
        state = self._one(who, _is_running)
        if state and state["next_boundary_at"]:
            self._turn(state, card)
            boundary = datetime.fromisoformat(state["next_boundary_at"])
            self.stage.run(self.stage.flow.walk_to(boundary + timedelta(seconds=3) + hours * HOUR))
        self._then("a_boundary_passes", seed)

    @rule(off=st.sampled_from((-1, 0, 3, 120)), seed=ANY)
    def something_falls_due(self, off: int, seed: int) -> None:
        """The clock stands a second before it, at it, or a little behind."""
        due = self.stage.run(self.stage.flow.next_due())
        if due is not None:
            self.stage.world.clock.move_to(due + timedelta(seconds=off))
        self._then("something_falls_due", seed)

    @rule(steps=st.integers(1, 12), dies=st.sampled_from((*[None] * 8, *NAMES)), seed=ANY)
    def work(self, steps: int, dies: str | None, seed: int) -> None:
        """And a process may be killed at the end of it, wherever it stands."""
        self.stage.run(self.stage.flow.some(chance_of(seed), steps))
        if dies:
            self.stage.run(self.stage.world.processes[dies].crash())
        self.stage.coverage.moves["work"] += 1

    @invariant()
    def laws_hold(self) -> None:
        self.stage.run(self.stage.require_the_laws())

    @override
    def teardown(self) -> None:
        """However it went, it comes to rest, and in three days every checkout has its end."""
        if self.begun:
            self.stage.run(self._end())

    async def _end(self) -> None:
        await self.stage.require_agreement(self.chance)
        await self.stage.flow.walk_to(self.stage.world.clock.instant + timedelta(days=3))
        await self.stage.require_agreement(self.chance)

    def _pass(self, time: timedelta, walks: bool) -> None:
        """Step by step with all that falls due, or all at once, as after an outage."""
        until = self.stage.world.clock.instant + time
        if walks:
            self.stage.run(self.stage.flow.walk_to(until))
        else:
            self.stage.world.clock.move_to(until)

    def _one(self, who: int, like: Callable[[State], bool]) -> State | None:
        """Of those that are like it if there are any, else of all."""
        everybody = self.stage.story.of()
        among = [each for each in everybody if like(each)] or everybody
        return among[who % len(among)] if among else None

    def _turn(self, state: State | None, card: Card) -> None:
        if state and (ref := self.stage.moves.method_of.get(state["checkout_reference"])):
            self.stage.world.gateway.cards[ref] = card

    def _act(self, method: str, act: str, state: State | None, seed: int, body: Any = None) -> None:
        if state is not None:
            asked = self.stage.moves.subscription(method, state["id"], act, body)
            self._ask("subscriptions", seed, asked)
        self._then({"PUT": "hold", "DELETE": "lift"}.get(method, act), seed)

    def _ask(self, name: str, seed: int, asked: Coroutine[Any, Any, Any]) -> None:
        """One in six meets a fault on its way."""
        chance = chance_of(seed)
        if not chance.randrange(6):
            fault = chance.choice(FAULTS)
            self.stage.world.processes[name].trouble.plan(fault, chance.randrange(4))
        with suppress(Unheard):
            self.stage.run(asked)
        self.stage.world.processes[name].trouble.plan(None)

    def _then(self, name: str, seed: int) -> None:
        """Nothing for now, or a few steps of all that follows, or all of it; or all comes to rest."""
        self.stage.coverage.moves[name] += 1
        chance, flow = chance_of(seed), self.stage.flow
        then = chance.choice(("nothing", *["some"] * 8, *["settle"] * 4, "rest"))
        if then == "some":
            self.stage.run(flow.some(chance, chance.randint(2, 10)))
        elif then == "settle":
            self.stage.run(flow.settle())
        elif then == "rest":
            self.stage.run(self.stage.require_agreement(chance))
