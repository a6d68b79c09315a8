"""What the subscriptions are worth a month, over HTTP."""

from tests.integration.subscriptions.at_work import HOSTING, Subscriptions

CANCEL = {"at": "period_end", "reason": "too many channels"}


async def test_the_monthly_recurring_revenue_is_what_runs_and_is_paid_for(
    subscriptions: Subscriptions,
) -> None:
    yearly = {**HOSTING, "code": "yearly", "interval": {"unit": "year", "count": 1}}
    await subscriptions.send("POST", "/v1/offers", yearly)
    await subscriptions.activated()
    await subscriptions.activated(offer="yearly")
    ending = await subscriptions.activated()
    paused = await subscriptions.activated()
    await subscriptions.created()
    await subscriptions.send("POST", f"/v1/subscriptions/{ending}/cancel", CANCEL)
    held = await subscriptions.send(
        "PUT", f"/v1/subscriptions/{paused}/holds/requested", {"reason": "on leave"}
    )

    answer = (await subscriptions.get("/v1/metrics/mrr")).json()

    assert held.status_code == 200, held.text
    # Two at 12.50 a month, one at 12.50 a year: 25.00 + 1.0416.
    assert answer == {
        "object": "metric",
        "metric": "mrr",
        "definition_version": "metrics.v1",
        "as_of": "2027-01-31T11:00:00Z",
        "data": [
            {
                "object": "recurring_revenue",
                "currency": "EUR",
                "subscriptions": 3,
                "mrr_minor": 2604,
                "arr_minor": 31250,
                "at_risk_mrr_minor": 0,
                "committed_mrr_minor": 1354,
                "trial_mrr_minor": 0,
                "paused_mrr_minor": 1250,
            }
        ],
    }


async def test_another_partners_revenue_is_not_shown(subscriptions: Subscriptions) -> None:
    await subscriptions.activated()

    unknown = await subscriptions.get("/v1/metrics/mrr", "sk_test_of_nobody")

    assert unknown.status_code == 401
