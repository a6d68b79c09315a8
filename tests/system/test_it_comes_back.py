"""An ended subscription is ordered back within its thirty days: paid, or nothing has happened."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.system.provider import Provider

END = datetime(2027, 2, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CANCEL = {"at": "period_end", "reason": "moving abroad"}


async def an_ended(provider: Provider, checkout: dict[str, Any]) -> dict[str, Any]:
    """The state of a subscription that was cancelled and ended eight days ago."""
    await provider.publish(checkout)
    state = await provider.activated(checkout)
    await provider.move_to(datetime(2027, 2, 5, 9, tzinfo=UTC))
    provider.api.post("subscriptions", f"/v1/subscriptions/{state['id']}/cancel", CANCEL)
    await provider.move_to(END + 8 * DAY)
    ended = provider.subscription(state["id"])
    assert (ended["status"], [each["kind"] for each in ended["holds"]]) == ("suspended", ["ended"])
    return ended


def reactivate(provider: Provider, subscription_id: str) -> dict[str, Any]:
    path = f"/v1/subscriptions/{subscription_id}/reactivate"
    order: dict[str, Any] = provider.api.post("subscriptions", path, {})
    return order


def templates(provider: Provider, checkout: dict[str, Any]) -> list[str]:
    return [
        each["headers"]["X-Perennial-Template"]
        for each in provider.mails(checkout["customer"]["email"])
    ]


async def test_it_is_ordered_back_with_one_charge_and_is_the_same_subscription(
    provider: Provider,
) -> None:
    checkout = await provider.captured()
    method = checkout["payment"]["method_ref"]
    ended = await an_ended(provider, checkout)

    order = reactivate(provider, ended["id"])
    assert order["status"] == "placed"
    await provider.fact("order.applied", lambda b: b["order"]["id"] == order["id"])
    await provider.settle()

    back = provider.subscription(ended["id"])
    assert (back["status"], back["holds"], back["ends_at"]) == ("active", [], None)
    assert (back["activated_at"], back["period"]["no"]) == (ended["activated_at"], 1)
    paid = [each for each in provider.moved_money() if each["method_ref"] == method]
    assert [(each["kind"], each["amount"]) for each in paid] == [
        ("capture", 1299),
        ("capture", 1299),
    ]
    sent = templates(provider, checkout)
    assert sent.count("credentials") == 1
    assert "resumed" in sent
    assert len(provider.of(ended["id"], "order.cleared")) == 1

    # Its billing day is the day on which it was paid.
    await provider.move_to(END + 45 * DAY)
    opened = [each.body["period"] for each in provider.of(ended["id"], "period.opened")]
    assert [(each["no"], each["start"][:10]) for each in opened] == [
        (0, "2027-01-30"),
        (1, "2027-03-08"),
        (2, "2027-04-07"),
    ]
    assert provider.subscription(ended["id"])["status"] == "active"


async def test_a_declined_card_leaves_everything_as_it_was(provider: Provider) -> None:
    checkout = await provider.captured(method="pm_decline_the_return")
    ended = await an_ended(provider, checkout)

    order = reactivate(provider, ended["id"])
    refused = await provider.fact("order.refused", lambda b: b["order"]["id"] == order["id"])
    await provider.settle()

    assert refused.body["refusal"]["way_out"]
    assert templates(provider, checkout)[-1] == "payment_failed"
    after = provider.subscription(ended["id"])
    assert after == ended
    assert len(provider.of(ended["id"], "period.opened")) == 1
    [void] = [
        each
        for each in provider.api.every("billing", f"/v1/invoices?subscription_id={ended['id']}")
        if each["status"] != "paid"
    ]
    assert void["status"] == "void"

    await provider.move_to(END + 45 * DAY)
    assert provider.subscription(ended["id"])["status"] == "terminated"
    method = checkout["payment"]["method_ref"]
    taken = [each for each in provider.moved_money() if each["method_ref"] == method]
    assert [(each["kind"], each["amount"]) for each in taken] == [("capture", 1299)]
