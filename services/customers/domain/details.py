"""Who a person is and how to reach them: as somebody wrote it, and as it was found to be sound."""

import re
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final

from services.customers.domain.directory import Directory
from services.customers.domain.email import Email
from services.customers.domain.text import require_plain, require_said
from shared.calendar import require_zone
from shared.errors import Invalid

_PHONE: Final = re.compile(r"\+?[0-9()./ -]+(?:(?:x|ext\.?|#) ?[0-9]{1,6})?")
_LANGUAGE: Final = re.compile(r"([a-z]{2,3})(?:-[A-Za-z0-9]{2,8})*")
_FEWEST_DIGITS, _MOST_DIGITS = 5, 20


class InvalidEmail(Invalid):
    code = "invalid_email"


class InvalidPhone(Invalid):
    code = "invalid_phone"


class UnknownCountry(Invalid):
    code = "unknown_country"


class UnknownLanguage(Invalid):
    code = "unknown_language"


class CustomerType(StrEnum):
    INDIVIDUAL = "individual"
    ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    country: str
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    postal_code: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsForm:
    """As written by whoever asks: nothing in it is believed. None is what was not said."""

    type: CustomerType | None = None
    name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    vat_number: str | None = field(default=None, repr=False)
    address: Address | None = field(default=None, repr=False)
    timezone: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Checked; None is what was not said."""

    type: CustomerType | None = None
    name: str | None = field(default=None, repr=False)
    email: Email | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    vat_number: str | None = field(default=None, repr=False)
    address: Address | None = field(default=None, repr=False)
    timezone: str | None = None
    language: str | None = None

    def said(self) -> dict[str, object]:
        """Only what was said, by name."""
        pairs = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: value for name, value in pairs if value is not None}


def checked(form: DetailsForm, directory: Directory) -> Details:
    """
    Raises:
        Invalid: the first field that is wrong, by its name within the form.
    """
    _require_plain_texts(form)
    if form.name is not None:
        require_said(form.name, "name")
    email = None if form.email is None else directory.email(form.email)
    if form.phone is not None:
        _require_phone(form.phone)
    if form.address is not None:
        _require_country(form.address.country, directory)
    if form.timezone is not None:
        require_zone(form.timezone)
    if form.language is not None:
        _require_language(form.language, directory)
    return Details(
        type=form.type,
        name=None if form.name is None else form.name.strip(),
        email=email,
        phone=form.phone,
        vat_number=form.vat_number,
        address=form.address,
        timezone=form.timezone,
        language=form.language,
    )


def _require_plain_texts(form: DetailsForm) -> None:
    for each in ("name", "email", "phone", "vat_number", "timezone", "language"):
        if (text := getattr(form, each)) is not None:
            require_plain(text, each)
    if form.address is None:
        return
    for part in fields(form.address):
        if (text := getattr(form.address, part.name)) is not None:
            require_plain(text, f"address.{part.name}")


def _require_phone(text: str) -> None:
    digits = sum(each.isdigit() for each in text)
    if not _PHONE.fullmatch(text) or not _FEWEST_DIGITS <= digits <= _MOST_DIGITS:
        raise InvalidPhone(
            "this is not a telephone number",
            field="phone",
            way_out="Send it as +49 30 1234567, or leave it out.",
        )


def _require_country(code: str, directory: Directory) -> None:
    if not directory.is_country(code):
        raise UnknownCountry(
            f"{code!r} is not a country",
            field="address.country",
            way_out="Give the two capital letters of ISO 3166-1, such as DE.",
        )


def _require_language(tag: str, directory: Directory) -> None:
    match = _LANGUAGE.fullmatch(tag)
    if match is None or not directory.is_language(match[1]):
        raise UnknownLanguage(
            f"{tag!r} is not a language",
            field="language",
            way_out="Give a language tag, such as de or pt-BR, or leave it out.",
        )
