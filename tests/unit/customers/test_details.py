import pytest

from services.customers.adapters.registries import Registries
from services.customers.domain.details import Address, CustomerType, Details, DetailsForm, checked
from services.customers.domain.email import Email
from shared.errors import Invalid

REGISTRIES = Registries()


def test_sound_details_are_taken_over_as_they_are() -> None:
    form = DetailsForm(
        type=CustomerType.ORGANIZATION,
        name="  Okafor & Söhne ",
        email="Ada@Exämple.org",
        phone="+49 (30) 123-4567 ext. 12",
        vat_number="DE123456789",
        address=Address(country="DE", city="Köln"),
        timezone="Europe/Berlin",
        language="pt-BR",
    )

    assert checked(form, REGISTRIES) == Details(
        type=CustomerType.ORGANIZATION,
        name="Okafor & Söhne",
        email=Email("Ada@exämple.org", "Ada@xn--exmple-cua.org"),
        phone="+49 (30) 123-4567 ext. 12",
        vat_number="DE123456789",
        address=Address(country="DE", city="Köln"),
        timezone="Europe/Berlin",
        language="pt-BR",
    )


@pytest.mark.parametrize(
    "name", ["Ada", "李小龍", "Nguyễn Thị Minh Khai", "עדה", "O'Neill-Smith", "🙂", "X"]
)
def test_names_of_all_the_world_are_names(name: str) -> None:
    assert checked(DetailsForm(name=name), REGISTRIES).name == name


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody at home",
        "nobody",
        "@example.org",
        "a@",
        "a@b",
        "a@@b.org",
        "a@b.org, c@d.org",
        "a@b.org;c@d.org",
        "A <a@b.org>",
        '"a b"@b.org',
        '"a"@b.org',
        "a@[127.0.0.1]",
        "a@[IPv6:::1]",
        "a@127.0.0.1",
        "ä@b.org",
        "a b@c.org",
        ".a@b.org",
        "a.@b.org",
        "a..b@c.org",
        "a@-b.org",
        "a@b..org",
        "a" * 65 + "@b.org",
        "a@" + "b" * 64 + ".org",
        "a@localhost",
        "a@b.invalid",
        "mailto:a@b.org",
        "a@b.org\n",
        " a@b.org ",
    ],
)
def test_what_is_not_one_plain_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(DetailsForm(email=address), REGISTRIES)

    assert refused.value.field == "email"
    assert refused.value.code in {"invalid_email", "control_character"}
    assert refused.value.way_out


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        (DetailsForm(name="   "), "blank_text", "name"),
        (DetailsForm(name="Ada\x00"), "control_character", "name"),
        (DetailsForm(name="Ada\r\nBcc: all@example.org"), "control_character", "name"),
        (DetailsForm(name="\u202egnirts"), "control_character", "name"),
        (DetailsForm(phone="call me"), "invalid_phone", "phone"),
        (DetailsForm(phone="12"), "invalid_phone", "phone"),
        (DetailsForm(phone="1" * 21), "invalid_phone", "phone"),
        (DetailsForm(phone="+49\t30 123"), "control_character", "phone"),
        (DetailsForm(address=Address(country="XX")), "unknown_country", "address.country"),
        (DetailsForm(address=Address(country="de")), "unknown_country", "address.country"),
        (DetailsForm(address=Address(country="Germany")), "unknown_country", "address.country"),
        (
            DetailsForm(address=Address(country="DE", city="\x7f")),
            "control_character",
            "address.city",
        ),
        (DetailsForm(timezone="Mars/Olympus"), "unknown_zone", "timezone"),
        (DetailsForm(timezone="+02:00"), "unknown_zone", "timezone"),
        (DetailsForm(timezone="../etc/passwd"), "unknown_zone", "timezone"),
        (DetailsForm(language="klingon"), "unknown_language", "language"),
        (DetailsForm(language="xx"), "unknown_language", "language"),
        (DetailsForm(vat_number="\x00"), "control_character", "vat_number"),
    ],
)
def test_a_faulty_detail_is_refused_by_its_name(form: DetailsForm, code: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(form, REGISTRIES)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.way_out


def test_two_spellings_of_one_address_are_one_person() -> None:
    one = REGISTRIES.email("Ada@EXAMPLE.org")
    other = REGISTRIES.email("ada@example.ORG")

    assert one.key == other.key


def test_personal_details_do_not_get_into_logs() -> None:
    form = DetailsForm(name="Ada Okafor", email="ada@example.org", phone="+49 30 1")

    assert "Ada" not in repr(form)
    assert "ada@" not in repr(checked(DetailsForm(email="ada@example.org"), REGISTRIES))
