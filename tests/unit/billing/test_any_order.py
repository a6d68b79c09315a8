"""Whatever happens, in whatever order: the books stay right."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.billing.domain.books import Books
from services.billing.domain.contract import Method
from services.billing.domain.first_period import begin
from services.billing.domain.following import Extension
from services.billing.domain.invoice import InvoiceStatus
from services.billing.domain.outcome import note_failure, note_success
from services.billing.domain.payment_attempt import AttemptState, PaymentAttempt
from services.billing.domain.payment_method import change_method
from shared.calendar import Interval
from tests.unit.billing.stories import (
    NOW,
    activate,
    by_card,
    charged,
    fire,
    hold,
    new_books,
    succeeds,
    tell,
)

INTERVALS = [Interval("day"), Interval("week"), Interval("month")]
ADVANCES = st.sampled_from(
    [timedelta(hours=1), timedelta(days=1), timedelta(days=6), timedelta(days=40)]
)


class AnyOrder(RuleBasedStateMachine):
    """`captured` is what the gateway holds by its own account; refunds ordered are given at once."""

    books: Books
    now: datetime

    @initialize(interval=st.sampled_from(INTERVALS), trial_days=st.sampled_from([0, 5]))
    def a_running_subscription(self, interval: Interval, trial_days: int) -> None:
        self.now = NOW
        self.methods = 1
        self.grants = 0
        self.captured: dict[str, PaymentAttempt] = {}
        self.books = new_books(interval=interval, trial_days=trial_days)
        begin(self.books, by_card(), self.now)
        if not trial_days:
            [first] = self.books.attempts
            self.captured[first.key] = first
            succeeds(self.books, self.now, first)
        activate(self.books, self.now)

    @property
    def under_way(self) -> list[PaymentAttempt]:
        return [each for each in self.books.attempts if each.is_under_way]

    @property
    def is_over(self) -> bool:
        return self.books.contract.is_over

    @rule(advance=ADVANCES)
    def time_passes(self, advance: timedelta) -> None:
        self.now += advance
        fire(self.books, self.now)

    @rule()
    def the_charge_leaves(self) -> None:
        for each in self.under_way:
            each.state = AttemptState.SENT

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def the_charge_succeeds(self, data: st.DataObject) -> None:
        attempt = data.draw(st.sampled_from(self.under_way))
        self.captured[attempt.key] = attempt
        note_success(self.books, attempt.id, charged(attempt), self.now)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), hard=st.booleans())
    def the_charge_fails(self, data: st.DataObject, hard: bool) -> None:
        attempt = data.draw(st.sampled_from(self.under_way))
        note_failure(self.books, attempt.id, "declined", self.now, hard=hard)

    @rule(data=st.data())
    def what_was_given_up_succeeds_after_all(self, data: st.DataObject) -> None:
        failed = [each for each in self.books.attempts if each.state is AttemptState.FAILED]
        if failed:
            attempt = data.draw(st.sampled_from(failed))
            self.captured[attempt.key] = attempt
            note_success(self.books, attempt.id, charged(attempt), self.now)

    @rule(data=st.data())
    def an_answer_comes_again(self, data: st.DataObject) -> None:
        if self.captured:
            attempt = data.draw(
                st.sampled_from(sorted(self.captured.values(), key=lambda a: a.key))
            )
            note_success(self.books, attempt.id, charged(attempt), self.now)
            note_failure(self.books, attempt.id, "declined", self.now, hard=True)

    @precondition(lambda self: not self.is_over)
    @rule()
    def another_method_is_brought(self) -> None:
        self.methods += 1
        method = Method("cards", f"pm_{self.methods}")
        change_method(self.books, method, self.now, "customer:cus_1", may_charge=True)

    @precondition(lambda self: not self.is_over and not self.books.contract.terms.holds)
    @rule(ago=st.sampled_from([timedelta(0), timedelta(seconds=1), timedelta(hours=2)]))
    def a_hold_is_placed(self, ago: timedelta) -> None:
        hold(self.books, "abuse", self.now - ago, self.now)

    @precondition(lambda self: not self.is_over and self.books.contract.terms.holds)
    @rule()
    def the_hold_is_lifted(self) -> None:
        tell(self.books, self.now, holds=())

    @precondition(lambda self: not self.is_over)
    @rule(intervals=st.integers(1, 3), paid=st.sampled_from([0, 1299, 5000]))
    def it_is_extended(self, intervals: int, paid: int) -> None:
        self.grants += 1
        tell(self.books, self.now, Extension(f"gra_{self.grants}", intervals, paid))

    @precondition(lambda self: not self.is_over)
    @rule(days=st.sampled_from([0, 3, None]))
    def its_end_is_ordered_or_taken_back(self, days: int | None) -> None:
        ends_at = None if days is None else self.now + timedelta(days=days)
        tell(self.books, self.now, ends_at=ends_at)

    @precondition(lambda self: not self.is_over and self.books.is_exhausted)
    @rule()
    def it_is_terminated(self) -> None:
        tell(self.books, self.now, status="terminated")

    @invariant()
    def every_event_is_one_step_of_the_version(self) -> None:
        versions = [each.said.standing.version for each in self.books.events]
        assert versions == list(range(1, len(versions) + 1))

    @invariant()
    def a_period_opens_once(self) -> None:
        opened = Counter(each.period.no for each in self.books.opened)
        assert not opened or max(opened.values()) == 1

    @invariant()
    def no_item_is_charged_twice_for_the_same_time(self) -> None:
        standing = [each for each in self.books.invoices if not each.credited_minor]
        periods = sorted((each.period.start, each.period.end) for each in standing)
        assert all(end <= start for (_, end), (start, _) in pairwise(periods))
        assert len({each.period.no for each in standing}) == len(standing)

    @invariant()
    def at_most_one_attempt_at_an_invoice_is_under_way(self) -> None:
        tried = Counter(each.invoice_id for each in self.under_way)
        assert not tried or max(tried.values()) == 1

    @invariant()
    def what_the_gateway_holds_is_what_invoices_were_paid_with(self) -> None:
        given_back = {each.reference for each in self.books.refunds}
        kept: defaultdict[str, int] = defaultdict(int)
        for attempt in self.captured.values():
            if charged(attempt).reference not in given_back:
                kept[attempt.invoice_id] += attempt.amount_minor
        for invoice in self.books.invoices:
            owed = invoice.settled_by == "gateway" and not invoice.credited_minor
            assert kept[invoice.id] == (invoice.total_minor if owed else 0)

    @invariant()
    def what_is_receivable_is_what_open_invoices_claim(self) -> None:
        """A refund that was ordered is taken as given."""
        balance = Counter[str]()
        for each in self.books.postings:
            balance[each.debit] += each.amount_minor
            balance[each.credit] -= each.amount_minor
        balance["receivable"] += sum(
            each.amount_minor or 0 for each in {r.key: r for r in self.books.refunds}.values()
        )
        claimed = sum(each.total_minor for each in self.books.open_invoices)
        assert balance["receivable"] == claimed
        assert len({each.cause for each in self.books.postings}) == len(self.books.postings)

    @invariant()
    def nothing_new_is_tried_while_it_must_not_be(self) -> None:
        if self.books.contract.terms.is_held or self.is_over:
            assert all(each.state is not AttemptState.CREATED for each in self.books.attempts)

    @invariant()
    def what_is_not_open_owes_nothing(self) -> None:
        for each in self.books.attempts:
            if each.state is AttemptState.CREATED:
                invoice = self.books.invoices.get(each.invoice_id)
                assert invoice is not None
                assert invoice.status is InvoiceStatus.OPEN


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
