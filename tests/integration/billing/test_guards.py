"""What the database itself refuses, should the code ever err."""

import asyncpg
import pytest

from tests.integration.billing.story import Story


async def attempted(story: Story, statement: str) -> str:
    """The name of the constraint that refuses it."""
    with pytest.raises(asyncpg.PostgresError) as refusal:
        await story.billing.rows(statement)
    return str(refusal.value.constraint_name)


async def test_a_second_charge_for_the_same_period_is_refused(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    again = """
        insert into invoice_lines(identity, invoice_id, partner_id, subscription_id, item_id,
            product, quantity, unit_price_minor, amount_minor, period_start, period_end)
        select identity{}, invoice_id, partner_id, subscription_id, item_id, product, quantity,
            unit_price_minor, amount_minor, period_end - interval '1 day', period_end
        from invoice_lines returning identity"""

    assert await attempted(story, again.format(" || '2'")) == "one_charge_at_a_time"


async def test_a_second_open_attempt_is_refused(story: Story) -> None:
    await story.created(method_ref=story.card("pm_hard"))
    copied = """
        insert into payment_attempts(id, key, partner_id, subscription_id, invoice_id, n,
            amount_minor, currency, gateway, method_ref, cause, actor, created_at, state, is_hard)
        select id || t.x, key || t.x, partner_id, subscription_id, invoice_id, n, amount_minor,
            currency, gateway, method_ref, cause, actor, created_at, t.state, false
        from payment_attempts,
             (values ('x', 'needs_review'), ('y', 'needs_review')) as t(x, state)
        returning id"""

    assert await attempted(story, copied) == "one_open_attempt_an_invoice"


async def test_a_period_opens_once(story: Story) -> None:
    await story.running(story.card("pm_ok"))

    again = "insert into opened_periods select * from opened_periods returning period_no"

    assert await attempted(story, again) == "one_opening_a_period"


async def test_entries_that_do_not_add_up_are_refused(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    one_sided = """
        insert into ledger_entries(cause, n, partner_id, account, currency, amount_minor)
        select cause, 3, partner_id, 'revenue', 'EUR', 1 from ledger_transactions returning cause"""

    assert await attempted(story, one_sided) == "entries_add_up_to_zero"


@pytest.mark.parametrize(
    "change",
    [
        "update ledger_entries set amount_minor = 1 returning n",
        "delete from ledger_entries returning n",
    ],
)
async def test_the_ledger_is_never_changed(story: Story, change: str) -> None:
    await story.running(story.card("pm_ok"))

    assert await attempted(story, change) == "append_only"


async def test_an_event_of_ours_is_booked_once(story: Story) -> None:
    await story.running(story.card("pm_ok"))
    again = "insert into ledger_transactions select * from ledger_transactions returning cause"

    assert await attempted(story, again) == "booked_once"
