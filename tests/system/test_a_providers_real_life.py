"""The replay in small: customers of every kind through the real services, and read back."""

import asyncio
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.broker import EmbeddedBroker
from deploy.demo.api import Api
from deploy.platform import SERVICES, Platform
from deploy.replay.comparison import differences, differing_totals
from deploy.replay.customers import Customer, read_customers
from deploy.replay.diary import Diary
from deploy.replay.expectation import expected, totals
from deploy.replay.figures import Read, read_figures
from deploy.replay.machinery import MockRefused, given_broker
from deploy.replay.provider import Provider
from deploy.replay.story import Story
from tests.unit.replay.stories import a_file, a_row

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

CONTRACTS = ("Month-to-month", "One year", "Two year")


def the_customers(directory: Path) -> list[Customer]:
    """Forty of them: of each contract some who stay, some who try, some who leave, some early."""
    rows = [
        a_row(
            f"{n:04}-SMALL",
            tenure=n % 4,
            Contract=CONTRACTS[n % 3],
            InternetService="DSL" if n % 2 else "No",
            MonthlyCharges=f"{20 + n}.{5 * (n % 20):02}",
            Churn="Yes" if n % 4 and n % 5 == 0 else "No",
        )
        for n in range(40)
    ]
    return read_customers(a_file(directory, *rows))


async def test_all_are_as_the_file_says_and_three_altered_rows_are_three_differences(
    platform: Platform, tmp_path: Path
) -> None:
    customers = the_customers(tmp_path)
    wanted = expected(customers)

    read = await asyncio.to_thread(_replayed, platform, customers)

    assert differences(wanted, read.known) == []
    assert differing_totals(totals(wanted), read.totals) == []
    assert {each.status for each in read.known.values()} == {"active", "trialing", "ended"}

    one, two, three = "0001-SMALL", "0005-SMALL", "0012-SMALL"
    altered = wanted | {
        one: replace(wanted[one], collected_minor=wanted[one].collected_minor + 1),
        two: replace(wanted[two], status="active"),
        three: replace(wanted[three], paid_invoices=1),
    }
    assert [(each.customer, each.figure) for each in differences(altered, read.known)] == [
        (one, "collected_minor"),
        (two, "status"),
        (three, "paid_invoices"),
    ]


def _replayed(platform: Platform, customers: list[Customer]) -> Read:
    urls = {name: platform.url(name) for name in SERVICES}
    with closing(Api(urls, platform.known.admin_token)) as admin:
        days = Diary(every=30).of(customers)
        provider = Provider.founded(admin, platform.bootstrap, days[0].at)
        Story(provider, lambda _: None).play(days)
        return read_figures(provider.api)


def test_the_mock_of_the_first_minute_is_refused() -> None:
    mock = EmbeddedBroker()
    try:
        with pytest.raises(MockRefused, match="give a real Kafka"):
            given_broker(mock.bootstrap)
    finally:
        mock.stop()
