"""Billing over HTTP: what may be read, what may be asked for, and what is refused with a way out."""

from datetime import timedelta

from shared.ids import PartnerId
from tests.integration.billing.story import Story, soon_after


async def test_documents_are_listed_the_newest_first_and_in_pages(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.until(soon_after(2026, 2, 28))

    first = await story.billing.get(story.partner, "/v1/invoices?limit=1")
    rest = await story.billing.get(
        story.partner, f"/v1/invoices?starting_after={first['data'][0]['id']}"
    )

    assert (first["has_more"], rest["has_more"]) == (True, False)
    numbers = [each["number"] for each in (*first["data"], *rest["data"])]
    assert numbers == ["INV-2026-000002", "INV-2026-000001"]
    [line] = first["data"][0]["lines"]
    assert line["identity"] == f"{story.id}/{story.item_id}/1/base"


async def test_a_payment_and_the_standing_can_be_looked_up(story: Story) -> None:
    await story.running(story.card("pm_ok"))

    payments = await story.billing.get(story.partner, "/v1/payments?status=succeeded")
    standing = await story.billing.get(story.partner, f"/v1/subscriptions/{story.id}/standing")

    assert [each["state"] for each in payments["data"]] == ["succeeded"]
    assert (standing["status"], standing["renews_at"]) == ("current", "2026-02-27T23:00:00Z")


async def test_a_failed_invoice_shows_when_it_is_tried_again(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_decline"))
    await story.until(soon_after(2026, 2, 28))

    [invoice] = (await story.billing.get(story.partner, "/v1/invoices?status=open"))["data"]

    assert [each["due_at"] for each in invoice["retries"]] == [
        "2026-02-28T23:00:00Z",
        "2026-03-02T23:00:00Z",
        "2026-03-04T23:00:00Z",
    ]
    assert invoice["grace_until"] == "2026-03-06T23:00:00Z"
    shown = await story.billing.get(story.partner, f"/v1/invoices/{invoice['id']}")
    assert shown == invoice


async def test_an_attempt_by_hand_uses_up_no_retry_and_is_limited(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_decline"))
    await story.until(soon_after(2026, 2, 28))
    invoice = (await story.invoices())[-1]
    path = f"/v1/invoices/{invoice['id']}/pay"

    for _ in range(5):
        made = await story.billing.post(story.partner, path, {}, status=202)
        assert (made["object"], made["cause"]) == ("payment", "manual")
        await story.billing.run()
    refused = await story.billing.post(story.partner, path, {}, status=409)

    assert refused["code"] == "too_many_attempts"
    shown = await story.billing.get(story.partner, f"/v1/invoices/{invoice['id']}")
    assert [each["status"] for each in shown["retries"]] == ["scheduled"] * 3
    await story.until(story.at + timedelta(days=1))
    assert len(await story.attempts()) == 8


async def test_what_is_settled_cannot_be_paid_again(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    [invoice] = await story.invoices()

    refused = await story.billing.post(
        story.partner, f"/v1/invoices/{invoice['id']}/pay", {}, status=409
    )

    assert refused["code"] == "invoice_not_open"


async def test_while_held_nothing_can_be_paid_by_hand(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_hard"))
    await story.until(soon_after(2026, 2, 28))
    await story.held("fraud_review")
    invoice = (await story.invoices())[-1]

    refused = await story.billing.post(
        story.partner, f"/v1/invoices/{invoice['id']}/pay", {}, status=409
    )

    assert (refused["code"], refused["way_out"]) == ("subscription_held", "Lift the hold first.")


async def test_the_ledger_and_the_numbers_can_be_audited(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    await story.brings(story.card("pm_decline"))
    await story.until(soon_after(2026, 2, 28))
    await story.extended(1)

    audit = await story.billing.get(story.partner, "/v1/invoices/sequence-audit")
    balance = await story.billing.get(story.partner, "/v1/ledger/balance")

    assert [
        (each["kind"], each["last"], each["gaps"], each["voids"]) for each in audit["data"]
    ] == [
        ("credit_note", 1, [], []),
        ("invoice", 2, [], ["INV-2026-000002"]),
    ]
    assert all(each["dates_ascend"] and not each["duplicates"] for each in audit["data"])
    assert sum(each["amount_minor"] for each in balance["data"]) == 0


async def test_another_partner_sees_nothing_and_can_do_nothing(story: Story) -> None:
    await story.created(method_ref=story.card("pm_hard"))
    [invoice] = await story.invoices()
    other, billing = PartnerId("ptn_test_other"), story.billing

    assert (await billing.get(other, "/v1/invoices"))["data"] == []
    assert (await billing.get(other, "/v1/payments"))["data"] == []
    assert (await billing.get(other, "/v1/refunds"))["data"] == []
    assert (await billing.get(other, "/v1/ledger/balance"))["data"] == []
    await billing.get(other, f"/v1/invoices/{invoice['id']}", status=404)
    await billing.get(other, f"/v1/subscriptions/{story.id}/standing", status=404)
    await billing.post(other, f"/v1/invoices/{invoice['id']}/pay", {}, status=404)
    method = {"method_ref": "pm_stolen"}
    await billing.post(other, f"/v1/subscriptions/{story.id}/payment_method", method, status=404)


async def test_bad_input_names_its_field_and_changes_nothing(story: Story) -> None:
    await story.created(status="none")
    path, billing = f"/v1/subscriptions/{story.id}/payment_method", story.billing

    unknown = {"gateway": "nowhere", "method_ref": "pm_ok"}
    refused = await billing.post(story.partner, path, unknown, status=422)
    assert (refused["code"], refused["param"]) == ("unknown_gateway", "gateway")
    for wrong in ({}, {"method_ref": ""}, {"method_ref": "a\x00b"}, {"method_ref": "pm", "x": 1}):
        await billing.post(story.partner, path, wrong, status=422)
    await billing.get(story.partner, "/v1/invoices?starting_after=%00", status=422)

    assert await story.types() == ["payment.failed"]


async def test_the_same_request_key_pays_once(story: Story) -> None:
    await story.created(method_ref=story.card("pm_hard"))
    [invoice] = await story.invoices()
    path = f"/v1/invoices/{invoice['id']}/pay"

    first = await story.billing.post(story.partner, path, {}, status=202, key="once")
    await story.billing.run()
    again = await story.billing.post(story.partner, path, {}, status=202, key="once")

    assert first["id"] == again["id"]
    assert len(await story.attempts()) == 2
