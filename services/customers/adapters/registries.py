"""The lists of the world, from the packages that keep them."""

import pycountry
from email_validator import EmailNotValidError, validate_email

from services.customers.domain.details import InvalidEmail
from services.customers.domain.email import Email

WAY_OUT = "Send one plain address, such as name@example.org."


class Registries:
    """Nothing is asked over the network: whether a mailbox exists shows when mail is sent to it."""

    def __init__(self) -> None:
        self._countries = frozenset(each.alpha_2 for each in pycountry.countries)
        self._languages = frozenset(
            code
            for each in pycountry.languages
            for code in (getattr(each, "alpha_2", None), each.alpha_3)
            if code
        )

    def email(self, text: str) -> Email:
        """International domains are allowed; before the @ only ASCII is, for want of machines that
        can deliver anything else.
        """
        try:
            found = validate_email(
                text,
                check_deliverability=False,
                allow_smtputf8=False,
                allow_quoted_local=False,
                allow_domain_literal=False,
                strict=True,
            )
        except EmailNotValidError as why:
            raise InvalidEmail(str(why), field="email", way_out=WAY_OUT) from None
        if found.ascii_email is None:
            raise InvalidEmail("the address has no ASCII form", field="email", way_out=WAY_OUT)
        return Email(found.normalized, found.ascii_email)

    def is_country(self, code: str) -> bool:
        return code in self._countries

    def is_language(self, code: str) -> bool:
        return code in self._languages
