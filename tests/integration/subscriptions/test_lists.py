"""Looking at subscriptions over HTTP: filters, pages, history."""

from datetime import timedelta

import pytest

from tests.integration.subscriptions.at_work import JANUARY_31, Subscriptions

CANCEL = {"at": "period_end", "reason": "too many channels"}


async def test_lists_are_filtered_by_status_label_and_customer(
    subscriptions: Subscriptions,
) -> None:
    running, ending = await subscriptions.activated(), await subscriptions.activated()
    waiting = await subscriptions.created(customer_id="cus_ada")
    await subscriptions.send("POST", f"/v1/subscriptions/{ending}/cancel", CANCEL)

    async def found(query: str) -> set[str]:
        answer = await subscriptions.get(f"/v1/subscriptions?{query}")
        assert answer.status_code == 200, answer.text
        return {each["id"] for each in answer.json()["data"]}

    assert await found("") == {running, ending, waiting}
    assert await found("status=active") == {running, ending}
    assert await found("status=created&status=trialing") == {waiting}
    assert await found("view=s0&label=Active") == {running}
    assert await found("view=s0&label=Scheduled%20for%20Deletion") == {ending}
    assert await found("view=s2&label=Created") == {waiting}
    assert await found("customer_id=cus_ada") == {waiting}
    assert await found("customer_id=cus_ada&status=active") == set()


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("label=Frozen", "label"),
        ("view=s1&label=Created", "label"),
        ("status=paused", "status.0"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("starting_after=sub_nowhere", "starting_after"),
    ],
)
async def test_a_list_that_nobody_has_is_refused_with_the_parameter(
    subscriptions: Subscriptions, query: str, param: str
) -> None:
    answer = await subscriptions.get(f"/v1/subscriptions?{query}")

    assert (answer.status_code, answer.json()["param"]) == (422, param), answer.text


async def test_pages_show_each_subscription_once_the_newest_first(
    subscriptions: Subscriptions,
) -> None:
    made = []
    for minute in range(5):
        subscriptions.now = JANUARY_31 + timedelta(minutes=minute)
        await subscriptions.move_to(subscriptions.now)
        made.append(await subscriptions.created())

    seen: list[str] = []
    while True:
        after = f"&starting_after={seen[-1]}" if seen else ""
        page = (await subscriptions.get(f"/v1/subscriptions?limit=2{after}")).json()
        seen += [each["id"] for each in page["data"]]
        if not page["has_more"]:
            break

    assert seen == made[::-1]


async def test_the_history_says_what_happened_by_whom_and_why(
    subscriptions: Subscriptions,
) -> None:
    made = await subscriptions.activated()
    await subscriptions.send("POST", f"/v1/subscriptions/{made}/cancel", CANCEL)

    first = (await subscriptions.get(f"/v1/subscriptions/{made}/history?limit=2")).json()
    rest = (
        await subscriptions.get(f"/v1/subscriptions/{made}/history?limit=2&starting_after=2")
    ).json()

    assert [each["type"] for each in first["data"] + rest["data"]] == [
        "subscription.canceled",
        "subscription.activated",
        "subscription.created",
    ]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    canceled = first["data"][0]
    assert canceled["reason"] == "too many channels"
    assert canceled["actor"].startswith("key:")
    assert rest["data"][0]["actor"] == "upstream:shop"
