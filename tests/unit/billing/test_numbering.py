from datetime import UTC, datetime, timedelta

from services.billing.domain.numbering import DocumentKind, Numbered, series_of
from tests.unit.billing.stories import ACME, BERLIN, NOW


def test_the_fiscal_year_turns_where_the_partner_is_at_home() -> None:
    document = Numbered(DocumentKind.INVOICE, datetime(2026, 12, 31, 23, 30, tzinfo=UTC))

    assert series_of(document, ACME, BERLIN).year == 2027
    assert series_of(document, ACME, "America/New_York").year == 2026


def test_invoices_and_credit_notes_have_series_of_their_own() -> None:
    invoice, note = (Numbered(kind, NOW) for kind in DocumentKind)

    assert series_of(invoice, ACME, BERLIN) != series_of(note, ACME, BERLIN)


def test_a_number_says_its_kind_and_year_and_its_date_never_runs_backwards() -> None:
    document = Numbered(DocumentKind.CREDIT_NOTE, NOW)

    document.assign(series_of(document, ACME, BERLIN), 17, NOW + timedelta(seconds=1))

    assert document.number == "CN-2026-000017"
    assert document.issued_at == NOW + timedelta(seconds=1)
