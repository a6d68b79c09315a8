"""Every customer who is not as the file says is named, and nobody else."""

from dataclasses import replace

from deploy.replay.comparison import Difference, differences, differing_totals
from deploy.replay.expectation import Known, totals
from deploy.replay.report import table, verdict

STAYS = Known("active", 3, 3, 6015, 3, 6015, 2005)
LEFT = Known("ended", 2, 2, 14140, 2, 14140, 0)


def test_the_same_on_both_sides_is_no_difference() -> None:
    known = {"c-1": STAYS, "c-2": LEFT}

    assert differences(known, dict(known)) == []
    assert differing_totals(totals(known), totals(known)) == []
    assert verdict([]) == ["No customer differs, and no total does."]


def test_each_figure_that_differs_is_told_by_customer() -> None:
    expected = {"c-1": STAYS, "c-2": LEFT}
    actual = {"c-1": STAYS, "c-2": replace(LEFT, status="active", payments=1)}

    found = differences(expected, actual)

    assert found == [
        Difference("c-2", "status", "ended", "active"),
        Difference("c-2", "payments", 2, 1),
    ]
    assert verdict(found) == [
        "c-2: status is active, the file says ended",
        "c-2: payments is 1, the file says 2",
        "2 figures DIFFER.",
    ]


def test_who_is_known_on_one_side_only_is_a_difference() -> None:
    found = differences({"c-1": STAYS}, {"c-2": STAYS})

    assert [(each.customer, each.expected, each.actual) for each in found] == [
        ("c-1", "known", None),
        ("c-2", None, "known"),
    ]


def test_a_total_may_differ_by_itself() -> None:
    one = totals({"c-1": STAYS})

    found = differing_totals(one, replace(one, mrr_minor=2006))

    assert found == [Difference("all customers", "mrr_minor", 2005, 2006)]


def test_the_table_shows_amounts_as_people_write_them() -> None:
    known = totals({"c-1": replace(STAYS, collected_minor=1_605_509_145)})

    assert "| collected | 16,055,091.45 USD | 16,055,091.45 USD |" in table(known, known)
