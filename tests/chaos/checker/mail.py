"""I17 to I19: each mail once, to the right person, and none because something was read again."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

from tests.chaos.checker.history import History, Row, instant
from tests.chaos.checker.violation import Violation

# Each of these must be told to somebody: by which mail.
OWED = {
    "subscription.activated": {"credentials", "welcome"},
    "subscription.suspended": {"suspended"},
    "subscription.resumed": {"resumed"},
    "subscription.terminated": {"data_deleted"},
    "subscription.extended": {"extended"},
}


def sent_is_there(history: History) -> Iterator[Violation]:
    """I17: what is told as sent lies in the mailbox, and the other way round."""
    lying = _by_name(history)
    sent = {each.body["message"]["message_id"] for each in history.of("notification.sent")}
    for name in sent - lying.keys():
        yield Violation("I17", name, "told as sent, and not in the mailbox")
    for name in lying.keys() - sent:
        yield Violation("I17", name, "in the mailbox, and never told as sent")


def twice_only_where_cut(history: History) -> Iterator[Violation]:
    """I17: a mail comes again only where a cut lay between the mailbox's word and our note."""
    cuts, lying = _cuts(history), _by_name(history)
    for name, copies in lying.items():
        for copy in copies[:-1]:
            at = instant(copy["received_at"])
            if not any(since <= at <= until for since, until in cuts):
                yield Violation("I17", name, f"arrived again, though nothing was cut at {at}")
    causes: Counter[tuple[str, str, str]] = Counter()
    for first, *_ in lying.values():
        headers = first["headers"]
        causes[headers["X-Perennial-Template"], first["to"], headers["X-Perennial-Event"]] += 1
    for (template, to, cause), times in causes.items():
        if times > 1:
            yield Violation("I17", cause, f"{template} to {to} under {times} names")


def nobody_is_forgotten(history: History) -> Iterator[Violation]:
    """I17: what a person waits for has led to one mail, or to a word on why there is none."""
    told = _told(history)
    for topic, templates in OWED.items():
        for each in history.of(topic):
            times = sum(told[each.id][template] for template in templates)
            if times != 1:
                yield Violation("I17", each.id, f"{topic} of {each.subject}: told {times} times")


def ends_are_confirmed(history: History) -> Iterator[Violation]:
    """I17: who leaves, and who could not come, hears of it once."""
    told = _told(history)
    for each in history.of("subscription.canceled"):
        ever_ran = each.body["subscription"]["activated_at"]
        if ever_ran and told[each.id]["cancellation"] != 1:
            yield Violation("I17", each.id, f"the end of {each.subject} was not confirmed")
    for each in history.of("checkout.rejected"):
        if each.body["checkout"]["customer_id"] and told[each.id]["checkout_rejected"] != 1:
            yield Violation("I17", each.id, "rejected, and the customer was not told")


def replays_are_silent(history: History) -> Iterator[Violation]:
    """I18: while all topics were read again from their start, nothing new happened outside."""
    for line in history.lines("read_again"):
        since = instant(line["at"])
        for mail in history.mails:
            if instant(mail["received_at"]) > since:
                yield Violation("I18", mail["message_id"], "a mail because of a replay")
        # That it has given up a webhook for which nobody was at home moves no money.
        news = [each["kind"] for each in history.gateway[line["gateway"] :]]
        if set(news) - {"webhook_done"}:
            yield Violation("I18", "gateway", f"money moved because of a replay: {news}")
        if len(history.panel) != line["panel"]:
            yield Violation("I18", "panel", "the panel was called because of a replay")


def right_recipient(history: History) -> Iterator[Violation]:
    """I19: to the customer's own address, with nothing of another partner in it."""
    of_customer = {
        each.body["customer"]["id"]: each.body["customer"]["email"]
        for each in history.of("customer.created", "customer.updated")
    }
    wanted = {
        each.body["message"]["message_id"]: of_customer.get(each.body["message"]["customer_id"])
        for each in history.of("notification.sent")
    }
    brands = {line["partner_id"]: line["canary"] for line in history.lines("partner")}
    for mail in history.mails:
        name = mail["message_id"]
        if wanted.get(name) is not None and mail["envelope_to"] != [wanted[name]]:
            yield Violation("I19", name, f"went to {mail['envelope_to']}, not {wanted[name]}")
        text = f"{mail['from']} {mail['subject']} {mail['text']}"
        for partner, canary in brands.items():
            if canary in text and mail["headers"]["X-Perennial-Partner"] != partner:
                yield Violation("I19", name, f"has something of {partner} in it")


def _by_name(history: History) -> dict[str, list[Row]]:
    """All copies of each mail, in the order of their arrival."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for mail in sorted(history.mails, key=lambda each: each["n"]):
        found[mail["message_id"]].append(mail)
    return dict(found)


def _told(history: History) -> dict[str, Counter[str]]:
    """How often each event has led to a word on a mail, by template."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in history.of("notification.sent", "notification.failed"):
        message = each.body["message"]
        found[message["cause_event_id"]][message["template"]] += 1
    return found


def _cuts(history: History) -> list[tuple[datetime, datetime]]:
    """When a mail may have been taken without the notifier knowing it."""
    return [
        (instant(each["since"]), instant(each["until"]))
        for each in history.lines("fault", "restart")
        if each["cuts_mail"]
    ]
