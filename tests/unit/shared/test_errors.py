"""A refusal says what kind it is, which field is at fault and what to do instead."""

from shared.errors import Conflict, DomainError, Invalid, NotFound, Stale


class NotAPhone(Invalid):
    code = "not_a_phone"


def test_a_refusal_names_the_field_and_the_way_out() -> None:
    refusal = NotAPhone("no digits", field="phone", way_out="Give digits.")

    assert (refusal.code, str(refusal)) == ("not_a_phone", "no digits")
    assert (refusal.field, refusal.way_out) == ("phone", "Give digits.")


def test_each_kind_has_a_code_of_its_own_for_want_of_a_closer_one() -> None:
    kinds: list[type[DomainError]] = [NotFound, Conflict, Invalid, Stale]

    assert [kind("x").code for kind in kinds] == ["not_found", "conflict", "invalid", "stale"]


def test_a_state_that_forbids_it_can_name_a_way_out_too() -> None:
    refusal = Conflict("a downgrade is not allowed", way_out="Cancel and start a new one.")

    assert refusal.way_out == "Cancel and start a new one."
    assert Conflict("no").way_out is None
