"""What must be looked up in lists of the world, since no rule of ours can tell it."""

from typing import Protocol

from services.customers.domain.email import Email


class Directory(Protocol):
    """Lists that are kept elsewhere: mail syntax, countries, languages."""

    def email(self, text: str) -> Email:
        """One plain address.

        Raises:
            InvalidEmail: it is none, or more than one; the message says why.
        """

    def is_country(self, code: str) -> bool:
        """Whether it is an ISO 3166-1 alpha-2 code, in capitals."""

    def is_language(self, code: str) -> bool:
        """Whether it is an ISO 639 code of two or three letters."""
