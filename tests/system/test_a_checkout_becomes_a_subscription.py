"""The walking skeleton: one checkout through four services, to the credentials in the mailbox."""

from tests.system.provider import Provider


async def test_a_captured_checkout_is_activated_and_its_credentials_arrive_by_mail(
    provider: Provider,
) -> None:
    checkout = await provider.captured()

    await provider.publish(checkout)
    state = await provider.activated(checkout)
    await provider.settle()

    assert state["status"] == "active"
    assert [each.type for each in provider.of(state["id"], "period.opened")] == ["period.opened"]
    account = provider.mails(checkout["customer"]["email"])
    assert [each["headers"]["X-Perennial-Template"] for each in account] == ["credentials"]
    [shown] = provider.api.every("customers", "/v1/checkouts")
    assert (shown["status"], shown["subscription_id"]) == ("fulfilled", state["id"])


async def test_a_method_on_file_is_charged_once_for_the_first_period(provider: Provider) -> None:
    checkout = provider.checkout()

    await provider.publish(checkout)
    state = await provider.activated(checkout)
    await provider.settle()

    method = checkout["payment"]["method_ref"]
    charged = [each for each in provider.moved_money() if each["method_ref"] == method]
    assert [(each["kind"], each["amount"], each["currency"]) for each in charged] == [
        ("capture", 1299, "EUR")
    ]
    [invoice] = provider.api.every("billing", f"/v1/invoices?subscription_id={state['id']}")
    assert (invoice["status"], invoice["total_minor"]) == ("paid", 1299)


async def test_a_wrong_checkout_is_refused_with_its_field_and_its_money_given_back(
    provider: Provider,
) -> None:
    checkout = await provider.captured(offer="tv-imaginary")

    await provider.publish(checkout)
    rejected = await provider.fact("checkout.rejected")
    await provider.settle()

    assert rejected.body["rejection"]["field"] == "offer"
    assert rejected.body["rejection"]["way_out"]
    reference = checkout["payment"]["reference"]
    moved = [each for each in provider.moved_money() if each["charge"] == reference]
    assert [(each["kind"], each["amount"]) for each in moved] == [
        ("capture", 1299),
        ("refund", 1299),
    ]
