from typing import Any, get_args

from services.subscriptions.adapters.published import PLAIN, to_contract, to_state
from services.subscriptions.domain import events as domain
from services.subscriptions.domain.hold import HoldKind
from services.subscriptions.domain.placement import place_order
from services.subscriptions.domain.subscription import Status
from services.subscriptions.domain.suspension import place_hold
from shared.contracts import subscriptions as contracts
from tests.unit.subscriptions.stories import (
    HOSTING,
    a_checkout,
    an_active_subscription,
    anything_fits,
    because,
)

# The ones that carry more than the state and the change.
TOLD_IN_FULL = {
    domain.SubscriptionCreated,
    domain.SubscriptionActivated,
    domain.SubscriptionSuspended,
    domain.SubscriptionExtended,
}


def test_every_event_has_its_contract() -> None:
    events = {
        each
        for each in vars(domain).values()
        if isinstance(each, type) and issubclass(each, domain.SubscriptionEvent)
    }

    assert TOLD_IN_FULL | set(PLAIN) == events - {domain.SubscriptionEvent}


def test_every_status_may_be_told() -> None:
    told = get_args(contracts.Status)

    assert {status.value for status in Status} == set(told)
    assert {kind.value for kind in HoldKind} == set(get_args(contracts.HoldKind))


def test_what_is_published_is_the_state_after_the_change_and_the_change() -> None:
    _, [created] = place_order(a_checkout(), HOSTING, anything_fits, because())

    contract = to_contract(created)

    assert contract.type == "subscription.created"
    body: dict[str, Any] = contract.model_dump(mode="json", exclude_none=True)
    state = body.pop("subscription")
    assert body == {
        "change": {
            "kind": "created",
            "reason": "ticket 4711",
            "actor": "operator:op_1",
            "at": "2027-01-31T11:00:00Z",
        },
        "payment": {"status": "method", "gateway": "cards", "method_ref": "pm_ok_1"},
    }
    assert {name: state[name] for name in ("partner_id", "version", "status", "currency")} == {
        "partner_id": "ptn_acme",
        "version": 1,
        "status": "created",
        "currency": "EUR",
    }


def test_a_copy_goes_with_the_event_so_that_later_changes_do_not_reach_it() -> None:
    subscription = an_active_subscription()

    [first] = place_hold(subscription, HoldKind.ABUSE, because())
    place_hold(subscription, HoldKind.REQUESTED, because())

    told = to_contract(first).subscription
    assert (told.version, [hold.kind for hold in told.holds]) == (3, ["abuse"])
    assert to_state(subscription).version == 4
