"""How invoices and credit notes are numbered: gapless, each series for itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from shared.calendar import local_date
from shared.ids import PartnerId


class DocumentKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


PREFIX = {DocumentKind.INVOICE: "INV", DocumentKind.CREDIT_NOTE: "CN"}


class Series(NamedTuple):
    """A sandbox partner has series of its own, since it is a partner of its own."""

    partner_id: PartnerId
    kind: DocumentKind
    year: int


@dataclass(slots=True)
class Numbered:
    """The number of a document and the day it bears; both are given when it is stored.

    Shared by the document and the events that tell of it. `seq` counts from 1 in its series.
    """

    kind: DocumentKind
    issued_at: datetime
    year: int = 0
    seq: int = 0
    number: str = ""

    def assign(self, series: Series, seq: int, not_before: datetime) -> None:
        """The date never runs backwards along a series."""
        self.issued_at = max(self.issued_at, not_before)
        self.year, self.seq = series.year, seq
        self.number = f"{PREFIX[series.kind]}-{series.year}-{seq:06d}"


def series_of(document: Numbered, partner_id: PartnerId, zone: str) -> Series:
    """The fiscal year is the calendar year where the partner is at home."""
    return Series(partner_id, document.kind, local_date(document.issued_at, zone).year)
