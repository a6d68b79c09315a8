"""Ids sort by birth, say what they name, and come out the same for the same cause."""

from itertools import pairwise

import pytest

from shared.ids import PartnerId, derived_id, is_id, is_sandbox, new_id


def test_a_new_id_is_its_prefix_and_26_letters() -> None:
    identifier = new_id("sub")

    assert identifier.startswith("sub_")
    assert len(identifier) == 30
    assert is_id("sub", identifier)


def test_new_ids_sort_in_the_order_in_which_they_were_made() -> None:
    made = [new_id("inv") for _ in range(2_000)]

    assert all(earlier < later for earlier, later in pairwise(made))


def test_no_id_is_longer_than_40_characters() -> None:
    assert len(new_id("a" * 13)) == 40
    with pytest.raises(ValueError, match="not a prefix"):
        new_id("a" * 14)


@pytest.mark.parametrize("prefix", ["", "Sub", "sub_", "_sub", "s b", "sub-x", "1sub"])
def test_a_prefix_is_plain_lower_case(prefix: str) -> None:
    with pytest.raises(ValueError, match="not a prefix"):
        new_id(prefix)


def test_the_same_cause_gives_the_same_id_for_ever() -> None:
    assert derived_id("inv", "sub_1", 3) == derived_id("inv", "sub_1", 3)
    assert derived_id("inv", "sub_1", 3) == "inv_30vjg8k9r6mkf4pqxv5zhb2ysn"
    assert is_id("inv", derived_id("inv", "sub_1", 3))


@pytest.mark.parametrize(
    "other",
    [("inv", "sub_1", 4), ("inv", "sub_13"), ("inv", "sub_", "13"), ("crn", "sub_1", 3)],
)
def test_another_cause_gives_another_id(other: tuple[str, ...]) -> None:
    prefix, *cause = other

    assert derived_id(prefix, *cause)[4:] != derived_id("inv", "sub_1", 3)[4:]


def test_an_id_derived_from_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs a cause"):
        derived_id("inv")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sub",
        "sub_",
        "sub_01h",
        "inv_01h455vb4pex5vsknk084sn02q",
        "sub_01h455vb4pex5vsknk084sn02u",  # u is not in the alphabet
        "sub_81h455vb4pex5vsknk084sn02q",  # more than 128 bits
        "sub_01H455VB4PEX5VSKNK084SN02Q",
        "sub_01h455vb4pex5vsknk084sn02q\n",
        "ptn_sub_01h455vb4pex5vsknk084sn02q",
    ],
)
def test_what_is_not_an_id_of_that_kind_is_told_apart(text: str) -> None:
    assert is_id("sub", "sub_01h455vb4pex5vsknk084sn02q")
    assert not is_id("sub", text)


def test_a_sandbox_partner_is_known_by_its_id_alone() -> None:
    assert is_sandbox(PartnerId(new_id("ptn_test")))
    assert not is_sandbox(PartnerId(new_id("ptn")))
    assert not is_sandbox(PartnerId("ptn_testing"))
