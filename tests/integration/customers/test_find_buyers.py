"""Who bought: one person is one customer, however often and in whatever words he comes."""

import asyncio
from typing import Any

from tests.integration.customers.platform import Customers, a_checkout, a_person

OURS = ("customer.created", "customer.updated")


def by(checkout: str, **person: Any) -> dict[str, Any]:
    """A checkout of this person."""
    return a_checkout(checkout, customer=a_person(**person))


async def people(shop: Customers) -> list[tuple[str | None, str]]:
    rows = await shop.rows("select reference, email from customers order by created_at, id")
    return [(row["reference"], row["email"]) for row in rows]


async def buyers(shop: Customers) -> set[str]:
    told = await shop.outbox("checkout.accepted")
    return {each["checkout"]["customer_id"] for each in told}


async def test_two_checkouts_of_a_new_person_in_one_poll_make_one_customer(
    shop: Customers,
) -> None:
    await shop.upstream(by("1", reference="user-1"), by("2", reference="user-1"))

    assert len(await buyers(shop)) == 1
    assert await shop.said(*OURS) == ["customer.created"]


async def test_without_a_reference_the_address_tells_who_it_is(shop: Customers) -> None:
    await shop.upstream(by("1"), by("2", email="ADA@example.org"))
    await shop.upstream(by("3", email="ada@EXAMPLE.org"))

    assert len(await buyers(shop)) == 1


async def test_an_international_domain_is_one_person_in_both_forms(shop: Customers) -> None:
    await shop.upstream(by("1", email="ada@exämple.org"))
    await shop.upstream(by("2", email="ada@xn--exmple-cua.org"))

    assert len(await buyers(shop)) == 1
    [created] = await shop.outbox("customer.created")
    assert created["customer"]["email"] == "ada@exämple.org"
    assert created["customer"]["email_ascii"] == "ada@xn--exmple-cua.org"


async def test_a_reference_is_learnt_by_whoever_has_the_address(shop: Customers) -> None:
    await shop.upstream(by("1"))
    await shop.upstream(by("2", reference="user-1"))
    await shop.upstream(by("3", reference="user-1", email="new@example.org"))

    assert len(await buyers(shop)) == 1
    assert await people(shop) == [("user-1", "new@example.org")]
    assert await shop.said(*OURS) == ["customer.created", "customer.updated", "customer.updated"]


async def test_two_references_with_one_address_are_two_persons(shop: Customers) -> None:
    await shop.upstream(by("1", reference="user-1"), by("2", reference="user-2"))
    await shop.upstream(by("3"))

    assert len(await buyers(shop)) == 2
    assert sorted(await people(shop)) == [
        ("user-1", "ada@example.org"),
        ("user-2", "ada@example.org"),
    ]


async def test_what_is_new_of_a_person_is_told_once(shop: Customers) -> None:
    await shop.upstream(by("1", reference="user-1"))
    moved = {"reference": "user-1", "address": {"country": "FR"}, "timezone": "Europe/Paris"}

    await shop.upstream(by("2", **moved), by("3", **moved))

    [updated] = await shop.outbox("customer.updated")
    assert updated["version"] == 2
    assert updated["customer"]["address"]["country"] == "FR"
    last = (await shop.outbox("checkout.accepted"))[-1]
    assert last["checkout"]["timezone"] == "Europe/Paris"


async def test_the_timezone_of_a_person_holds_for_later_checkouts(shop: Customers) -> None:
    await shop.upstream(by("1", timezone="Asia/Tokyo"))
    await shop.upstream(by("2"))

    told = await shop.outbox("checkout.accepted")
    assert [each["checkout"]["timezone"] for each in told] == ["Asia/Tokyo", "Asia/Tokyo"]


async def test_older_news_of_a_person_does_not_replace_newer(customers: Customers) -> None:
    live = await customers.partner(sandbox=False)
    await customers.shop(live)
    newer = customers.record(
        by("2", name="Ada Newer"), headers=[("ce_time", b"2026-03-02T00:00:00Z")]
    )
    older = customers.record(
        by("1", name="Ada Older"), headers=[("ce_time", b"2026-03-01T00:00:00Z")]
    )

    await customers.deliver(newer)
    await customers.deliver(older)

    assert await customers.said(*OURS) == ["customer.created"]
    assert [row["name"] for row in await customers.rows("select name from customers")] == [
        "Ada Newer"
    ]


async def test_an_upstream_from_the_future_does_not_silence_later_news(
    customers: Customers,
) -> None:
    live = await customers.partner(sandbox=False)
    await customers.shop(live)
    future = [("ce_time", b"2999-01-01T00:00:00Z")]

    await customers.deliver(customers.record(by("1"), headers=future))
    await customers.upstream(by("2", name="Ada Newer"))

    assert [row["name"] for row in await customers.rows("select name from customers")] == [
        "Ada Newer"
    ]


async def test_replicas_that_meet_one_new_person_make_one_customer(
    shop: Customers, replica: Customers
) -> None:
    for n in range(10):
        email = f"ada{n}@example.org"
        await asyncio.gather(
            shop.upstream(by(f"{n}-a", email=email)),
            replica.upstream(by(f"{n}-b", email=email, reference=f"user-{n}")),
        )

    assert len(await people(shop)) == 10
    assert len(await shop.outbox("checkout.accepted")) == 20
    assert await shop.letters() == []


async def test_two_people_may_swap_their_addresses(shop: Customers) -> None:
    await shop.upstream(
        by("1", reference="user-1", email="one@example.org"),
        by("2", reference="user-2", email="two@example.org"),
    )

    await shop.upstream(
        by("3", reference="user-1", email="two@example.org"),
        by("4", reference="user-2", email="one@example.org"),
    )

    assert sorted(await people(shop)) == [
        ("user-1", "two@example.org"),
        ("user-2", "one@example.org"),
    ]
    assert await shop.letters() == []


async def test_partners_do_not_share_people(customers: Customers) -> None:
    for source in ("urn:one", "urn:two"):
        await customers.shop(await customers.partner(), source)

    await customers.deliver(
        customers.record(by("1", reference="user-1"), source="urn:one"),
        customers.record(by("1", reference="user-1"), source="urn:two"),
    )

    assert len(await buyers(customers)) == 2


async def test_versions_of_a_customer_run_without_a_gap(shop: Customers) -> None:
    for n in range(5):
        await shop.upstream(
            by(f"{n}-a", name=f"Ada {n}a"), by(f"{n}-b", name=f"Ada {n}b"), by(f"{n}-c")
        )

    told = await shop.outbox(*OURS)
    assert [each["version"] for each in told] == list(range(1, len(told) + 1))
    assert len(told) == 15
