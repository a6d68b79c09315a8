"""An e-mail address in its two forms, and the one under which its owner is known."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Email:
    """`text` is for people, `ascii` for machines that know no international domains.

    Where the domain has no other letters, the two are the same.
    """

    text: str
    ascii: str

    @property
    def key(self) -> str:
        """What tells two persons apart.

        Case counts by the letter of the standard and at no provider, so it does not here.
        """
        return self.ascii.casefold()
