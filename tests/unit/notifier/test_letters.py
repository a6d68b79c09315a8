"""How letters read, in both forms, and what they can never be made to say."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from services.notifier.adapters.letter_renderer import TEMPLATES, LetterRenderer
from services.notifier.adapters.mail import Sender, compose
from services.notifier.adapters.mime import UnsafeHeader
from services.notifier.domain.letter import Letter
from services.notifier.domain.template import Template
from tests.unit.notifier.letters import END, a_letter
from tests.unit.notifier.stories import BRAND, CONTACT, NOON

RENDER = LetterRenderer()
SENDER = Sender("no-reply@perennial.example")
EVIL = 'Ann <script>alert(1)</script>\r\nBcc: all@example.org\n\n"><img src=x>'


def text(template: Template, **told: Any) -> str:
    return RENDER(a_letter(template, **told)).text


def folded(template: Template, **told: Any) -> str:
    return " ".join(text(template, **told).split())


def mail_of(letter: Letter) -> bytes:
    return compose(letter, RENDER(letter), SENDER)


def read_back(mail: bytes) -> EmailMessage:
    found = message_from_bytes(mail, policy=default)
    assert isinstance(found, EmailMessage)
    return found


@pytest.mark.parametrize("template", Template)
def test_every_kind_of_mail_is_written_in_both_forms(template: Template) -> None:
    written = RENDER(a_letter(template))

    assert written.subject
    assert written.text.endswith("help@acme.example.")
    assert max(len(line) for line in written.text.splitlines()) <= 76
    assert written.html.startswith("<!DOCTYPE html>")
    assert "Acme Hosting" in written.html
    assert "None" not in written.subject + written.text + written.html


@pytest.mark.parametrize("template", Template)
def test_no_mail_loads_anything_from_elsewhere(template: Template) -> None:
    html = RENDER(a_letter(template)).html

    assert not any(sign in html for sign in ("src=", "url(", "<link", "<script", "@import"))


@pytest.mark.parametrize("template", Template)
def test_a_name_that_tries_to_be_markup_or_a_header_stays_a_name(template: Template) -> None:
    contact = replace(CONTACT, name=EVIL)

    letter = a_letter(template, contact=contact, reason=EVIL, message=EVIL)
    mail = read_back(mail_of(letter))

    assert "<script" not in RENDER(letter).html
    assert "<img" not in RENDER(letter).html
    assert mail["Bcc"] is None
    assert not any(line.startswith("Bcc:") for line in RENDER(letter).text.splitlines())


def test_there_is_a_letter_for_every_kind_and_no_other() -> None:
    assert {each.name for each in (TEMPLATES / "letters").iterdir()} == set(Template)


def test_the_credentials_are_shown_as_they_are() -> None:
    written = RENDER(a_letter(Template.CREDENTIALS))

    assert "  User name: u5f2c\n  Password: p<&>w\n" in written.text
    assert "p&lt;&amp;&gt;w" in written.html
    assert written.subject == "Your Pro Plan is ready"


def test_an_offer_whose_name_is_not_known_yet_goes_by_its_code() -> None:
    written = RENDER(a_letter(Template.RESUMED, offer_name=None))

    assert written.subject == "Your pro is back"


def test_dates_are_those_of_the_place_where_the_customer_lives() -> None:
    in_america = replace(CONTACT, timezone="America/New_York")

    assert "1 April 2027, 00:00 (Europe/Berlin)" in folded(Template.CANCELLATION)
    assert "31 March 2027, 18:00 (America/New_York)" in folded(
        Template.CANCELLATION, contact=in_america
    )


@pytest.mark.parametrize(
    ("currency", "shown"), [("EUR", "19.99 EUR"), ("JPY", "1999 JPY"), ("KWD", "1.999 KWD")]
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, shown: str) -> None:
    assert shown in folded(Template.PAYMENT_FAILED, currency=currency)


def test_a_failed_payment_names_the_next_attempt() -> None:
    said = folded(Template.PAYMENT_FAILED)

    assert "We try again on 2 March 2027, 12:00 (Europe/Berlin)" in said
    assert "add another payment method" in said


def test_the_last_failed_payment_names_the_end_of_the_grace() -> None:
    said = folded(
        Template.PAYMENT_FAILED, next_attempt_at=None, grace_until=END.isoformat(), final=True
    )

    assert "Your service goes on until 1 April 2027, 00:00 (Europe/Berlin)" in said


def test_a_failed_first_payment_says_how_long_the_order_waits() -> None:
    said = folded(Template.PAYMENT_FAILED, status="created", code="no_method")

    assert "there is no payment method on file" in said
    assert "waits for you until 2 March 2027, 11:00 (Europe/Berlin)" in said


def test_a_failed_order_says_that_nothing_is_owed_and_how_to_try_again() -> None:
    said = folded(Template.PAYMENT_FAILED, next_attempt_at=None, final=True, ordered=True)

    assert "Nothing has changed, nothing is owed" in said
    assert "order it once more" in said
    assert "charged right away" not in said


@pytest.mark.parametrize(
    ("hold", "said"),
    [
        ("non_payment", "Pay before that day and everything is back"),
        ("ended", "take the subscription up again in one step"),
        ("requested", "is suspended as requested"),
        ("abuse", "because of the way it was used"),
        ("fraud_review", "while we check whether somebody else has used your account"),
    ],
)
def test_each_kind_of_suspension_is_explained_in_its_own_words(hold: str, said: str) -> None:
    assert said in folded(Template.SUSPENDED, hold=hold)


def test_the_suspicion_behind_a_fraud_review_is_not_mailed_to_the_suspect() -> None:
    told = text(Template.SUSPENDED, hold="fraud_review", reason="stolen card ring")

    assert "stolen card ring" not in told


def test_a_reminder_in_a_trial_speaks_of_its_end() -> None:
    written = RENDER(a_letter(Template.RENEWAL_REMINDER, status="trialing"))

    assert written.subject == "Your trial of Pro Plan ends on 1 April 2027"


def test_a_win_back_after_the_end_does_not_speak_of_the_future() -> None:
    before = folded(Template.WIN_BACK, at=END - timedelta(days=1))
    after = folded(Template.WIN_BACK, at=END + timedelta(days=1))

    assert "your Pro Plan ends on 1 April 2027" in before
    assert "your Pro Plan ended on 1 April 2027" in after


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"intervals": 2}, "extended by 2 months. This costs you nothing."),
        ({"intervals": 1}, "extended by 1 month. This costs you nothing."),
        (
            {"intervals": 0, "until": "2027-05-01"},
            "extended until 1 May 2027. This costs you nothing.",
        ),
        (
            {"intervals": 1, "paid_externally_minor": 1999},
            "extended by 1 month. We have booked your payment of 19.99 EUR.",
        ),
    ],
)
def test_an_extension_says_how_long_and_at_what_price(facts: dict[str, Any], said: str) -> None:
    assert said in folded(Template.EXTENDED, **facts)


def test_a_rejected_checkout_says_where_the_money_goes() -> None:
    assert "goes back to where it came from" in folded(Template.CHECKOUT_REJECTED)
    assert "Nothing was charged." in folded(Template.CHECKOUT_REJECTED, was_paid=False)


def test_a_mail_bears_the_marks_by_which_it_is_found_again() -> None:
    letter = a_letter(Template.WIN_BACK)

    mail = read_back(mail_of(letter))

    assert mail["Message-ID"] == f"<{letter.to.message.id}@perennial.example>"
    assert mail["From"] == "Acme Hosting <no-reply@perennial.example>"
    assert mail["To"] == "ann@example.org"
    assert mail["Reply-To"] == "help@acme.example"
    assert mail["Date"].datetime == NOON
    assert {name: mail[name] for name in mail if name.startswith("X-Perennial-")} == {
        "X-Perennial-Template": "win_back",
        "X-Perennial-Message": letter.to.message.id,
        "X-Perennial-Partner": "ptn_acme",
        "X-Perennial-Event": "evt_1",
    }
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_the_repeat_of_a_mail_bears_the_same_message_id() -> None:
    first = read_back(mail_of(a_letter(Template.WIN_BACK)))
    again = read_back(mail_of(a_letter(Template.WIN_BACK, at=NOON + timedelta(hours=1))))

    assert first["Message-ID"] == again["Message-ID"]


@pytest.mark.parametrize("end", ["\n", "\r", "\x00", "\x7f"])
@pytest.mark.parametrize("where", ["brand", "support_email", "address"])
def test_a_control_character_in_a_header_stops_the_mail(where: str, end: str) -> None:
    value = f"a{end}Bcc: all@example.org"
    brand, contact = BRAND, CONTACT
    if where == "brand":
        brand = replace(BRAND, name=value)
    elif where == "support_email":
        brand = replace(BRAND, support_email=value)
    else:
        contact = replace(CONTACT, email=value, email_ascii=value)

    with pytest.raises(UnsafeHeader):
        mail_of(a_letter(Template.WIN_BACK, brand=brand, contact=contact))


def test_names_beyond_ascii_arrive_as_they_are() -> None:
    brand = replace(BRAND, name='Bücher & Cie, "Köln"')

    mail = read_back(mail_of(a_letter(Template.WIN_BACK, brand=brand, offer_name="Größe ☃")))

    assert mail["From"].addresses[0].display_name == 'Bücher & Cie, "Köln"'
    assert mail["Subject"] == "Your Größe ☃ ends on 1 April 2027: stay?"


def test_an_address_beyond_ascii_is_written_in_utf8() -> None:
    contact = replace(CONTACT, email="jörg@example.org", email_ascii="")

    mail = mail_of(a_letter(Template.WIN_BACK, contact=contact))

    assert "To: jörg@example.org".encode() in mail
