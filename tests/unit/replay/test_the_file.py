"""From a row of the file to a checkout, the days of its life, and what must come of it."""

from datetime import date
from pathlib import Path

import pytest

from deploy.replay.catalog import checkout, offers, prices
from deploy.replay.customers import Customer, FileUnusable, read_customers
from deploy.replay.diary import Diary, end
from deploy.replay.expectation import Known, Totals, expected, totals
from tests.unit.replay.stories import a_file, a_row


def the_customer(tmp_path: Path, **told: object) -> Customer:
    [found] = read_customers(a_file(tmp_path, a_row("7590-VHVEG", **told)))
    return found


def test_a_checkout_has_the_products_held_at_prices_that_add_up_to_the_charge(
    tmp_path: Path,
) -> None:
    customer = the_customer(
        tmp_path,
        InternetService="Fiber optic",
        StreamingTV="Yes",
        OnlineBackup="No internet service",
        Contract="Two year",
        MonthlyCharges="99.65",
    )

    body = checkout(customer)

    assert [each["product"] for each in body["items"]] == ["phone", "fiber", "television"]
    assert [each["unit_price_minor"] for each in body["items"]] == [2491, 6228, 1246]
    assert sum(prices(customer)) == 9965
    assert body["offer"] == "telco-24"
    assert body["offer"] in {each["code"] for each in offers()}


def test_the_contract_is_the_minimum_term_of_its_offer() -> None:
    terms = {each["code"]: (each["minimum_periods"], each["trial_days"]) for each in offers()}

    assert terms["telco-1"] == (1, 0)
    assert terms["telco-12"] == (12, 0)
    assert terms["telco-24-trial"] == (24, 31)


@pytest.mark.parametrize(
    ("tenure", "churn", "begins"),
    [
        (1, "No", date(2025, 12, 1)),
        (0, "No", date(2025, 12, 1)),
        (72, "No", date(2020, 1, 1)),
        (1, "Yes", date(2025, 11, 1)),
        (72, "Yes", date(2019, 12, 1)),
    ],
)
def test_as_many_periods_as_the_tenure_are_paid_by_the_end(
    tmp_path: Path, tenure: int, churn: str, begins: date
) -> None:
    customer = the_customer(tmp_path, tenure=tenure, Churn=churn)

    assert Diary().first_day(customer) == begins


def test_the_days_of_start_run_from_the_first_to_the_last_of_the_month(tmp_path: Path) -> None:
    rows = [a_row(f"c-{n:03}", tenure=2) for n in range(62)]
    customers = read_customers(a_file(tmp_path, *rows))

    each_day = [Diary().first_day(each).day for each in customers]
    thirds = {Diary(every=3).first_day(each).day for each in customers}

    # November has no 31st, so the 30th is the day of two.
    assert each_day[:31] == [*range(1, 31), 30]
    assert sorted(thirds) == [1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 30]


def test_who_leaves_gives_notice_within_his_last_period(tmp_path: Path) -> None:
    customers = read_customers(
        a_file(tmp_path, a_row("stays", tenure=1), a_row("leaves", tenure=2, Churn="Yes"))
    )

    days = Diary().of(customers)

    assert [
        (day.on, [c.reference for c in day.begin], [c.reference for c in day.give_notice])
        for day in days
    ] == [
        (date(2025, 10, 2), ["leaves"], []),
        (date(2025, 11, 11), [], ["leaves"]),
        (date(2025, 12, 1), ["stays"], []),
    ]
    assert end().isoformat() == "2025-12-31T20:00:00+00:00"


def test_what_is_expected_comes_from_the_file_alone(tmp_path: Path) -> None:
    customers = read_customers(
        a_file(
            tmp_path,
            a_row("stays", tenure=3, MonthlyCharges="20.05"),
            a_row("tries", tenure=0, MonthlyCharges="52.55"),
            a_row("left", tenure=2, MonthlyCharges="70.7", Churn="Yes"),
        )
    )

    found = expected(customers)

    assert found == {
        "stays": Known("active", 3, 3, 6015, 3, 6015, 2005),
        "tries": Known("trialing", 1, 0, 0, 0, 0, 0),
        "left": Known("ended", 2, 2, 14140, 2, 14140, 0),
    }
    assert totals(found) == Totals(3, 1, 1, 1, 5, 20155, 5, 20155, 2005)


def test_a_part_of_the_file_is_spread_over_it(tmp_path: Path) -> None:
    path = a_file(tmp_path, *(a_row(f"c-{n}", tenure=n) for n in range(10)))

    some = read_customers(path, most=3, longest=8)

    assert [(each.place, each.tenure) for each in some] == [(0, 0), (3, 3), (6, 6)]


@pytest.mark.parametrize(
    ("column", "value"), [("tenure", "long"), ("MonthlyCharges", "1.005"), ("Contract", "none")]
)
def test_another_kind_of_file_is_refused_in_words(tmp_path: Path, column: str, value: str) -> None:
    path = a_file(tmp_path, a_row("c-1", **{column: value}))

    with pytest.raises(FileUnusable, match="not the telco-customer-churn sample"):
        read_customers(path)


def test_a_file_that_is_not_there_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileUnusable, match="DATA="):
        read_customers(tmp_path / "nowhere.csv")
