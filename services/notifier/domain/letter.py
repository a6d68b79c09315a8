"""A message with all that is needed to write it, as known at this moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.notifier.domain.message import Message
from services.notifier.domain.people import Brand, Contact


@dataclass(frozen=True, slots=True)
class Addressed:
    """`offer_name` is what people call the offer; its code stands in until it is known."""

    message: Message
    contact: Contact
    brand: Brand
    offer_name: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """`secrets` live as long as the letter is being written, and nowhere else. `at` is the time
    of writing, the partner's.
    """

    to: Addressed
    at: datetime
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str
