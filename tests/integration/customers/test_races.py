"""What reaches a checkout or a person by several ways: in every order one end."""

from collections.abc import Sequence
from itertools import permutations

import pytest

from shared.contracts.event import EventContract
from tests.integration.customers.ending import AT, activated, canceled, ends, refused
from tests.integration.customers.platform import Customers, Partner, a_checkout, a_person

Turn = Sequence[int]
BOTH_ORDERS = pytest.mark.parametrize("turn", [(0, 1), (1, 0)], ids=["in order", "swapped"])


@pytest.mark.parametrize("turn", list(permutations(range(3))), ids=str)
async def test_what_ran_has_fulfilled_its_checkout_whatever_is_heard_of_its_end_before(
    shop: Customers, partner: Partner, turn: Turn
) -> None:
    await shop.upstream(a_checkout())
    words: list[EventContract] = [
        activated(partner),
        canceled(partner, status="active", activated_at=AT, version=5),
        canceled(partner, status="suspended", activated_at=AT, version=9),
    ]

    for n in turn:
        await shop.hear(words[n])

    assert await ends(shop) == [("fulfilled", "sub_1")]
    assert await shop.said("checkout.rejected") == []


@BOTH_ORDERS
async def test_a_checkout_that_was_refused_and_canceled_is_rejected_once(
    shop: Customers, partner: Partner, turn: Turn
) -> None:
    await shop.upstream(a_checkout())
    words: list[EventContract] = [refused(partner), canceled(partner)]

    for n in turn:
        await shop.hear(words[n])

    assert [status for status, _ in await ends(shop)] == ["rejected"]
    assert await shop.said("checkout.rejected") == ["checkout.rejected"]


@BOTH_ORDERS
@pytest.mark.parametrize("polls", [1, 2])
async def test_one_person_known_by_reference_and_by_address_is_one_customer(
    shop: Customers, polls: int, turn: Turn
) -> None:
    checkouts = [
        a_checkout("1", customer=a_person(reference="user-1")),
        a_checkout("2", customer=a_person(email="ADA@example.org")),
    ]

    if polls == 1:
        await shop.upstream(*(checkouts[n] for n in turn))
    else:
        for n in turn:
            await shop.upstream(checkouts[n])

    people = await shop.rows("select reference from customers")
    assert [row["reference"] for row in people] == ["user-1"]
    assert len(await shop.outbox("checkout.accepted")) == 2


@BOTH_ORDERS
async def test_the_newer_news_of_a_person_holds_whichever_comes_last(
    customers: Customers, turn: Turn
) -> None:
    live = await customers.partner(sandbox=False)
    await customers.shop(live)
    told = [
        customers.record(
            a_checkout(name, customer=a_person(name=f"Ada {name}")),
            headers=[("ce_time", f"2026-03-0{name}T00:00:00Z".encode())],
        )
        for name in ("1", "2")
    ]

    for n in turn:
        await customers.deliver(told[n])

    names = await customers.rows("select name from customers")
    assert [row["name"] for row in names] == ["Ada 2"]
