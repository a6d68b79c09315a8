"""A tiny history in which everything is right: one sale, one renewal, one rejection, one letter."""

import hashlib
import json
from typing import Any

from tests.chaos.checker.history import POISON, History, Record
from tests.unit.chaos.documents import NOW, PARTNER, invoice_of, mail_of, standing_of, state_of

START, MIDDLE, END = "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z"
LATER, LATEST = "2027-04-01T00:00:00Z", "2027-05-01T00:00:00Z"
BOUNDARIES = (START, MIDDLE, END, LATER, LATEST)
SOURCES = {
    "checkout.accepted": "customers",
    "checkout.rejected": "customers",
    "customer.created": "customers",
    "order.refused": "subscriptions",
    "notification.sent": "notifier",
}
READS = {
    "customers": ["checkout.completed", "subscription.activated", "order.refused"],
    "subscriptions": ["checkout.accepted", "period.opened"],
    "billing": ["subscription.created", "subscription.activated", "checkout.rejected"],
    "notifier": ["subscription.created", "subscription.activated", "checkout.rejected"],
}


class Sound:
    """Its lists may be altered; `history` is what the checker gets."""

    def __init__(self) -> None:
        self.journal: list[dict[str, Any]] = []
        self.gateway: list[dict[str, Any]] = []
        self.panel: list[dict[str, Any]] = []
        self.mails: list[dict[str, Any]] = []
        self.records: list[Record] = []
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self._upstream()
        self._life()
        self._money()
        self._outside()
        self._databases()

    def history(self) -> History:
        return History(
            journal=self.journal,
            gateway=self.gateway,
            panel=self.panel,
            mails=self.mails,
            records=self.records,
            reads=READS,
            tables=self.tables,
        )

    def say(self, topic: str, key: str, subject: str, version: int, **body: Any) -> str:
        """One event, on its topic and in its outbox; returns its id."""
        cause = body.pop("cause", "")
        name, service = f"{topic}-{subject}-{version}", SOURCES.get(topic, topic.partition(".")[0])
        service = {"subscription": "subscriptions"}.get(service, service)
        service = service if service in READS else "billing"
        body.setdefault("change", {"kind": "any", "at": START})
        value = json.dumps(body)
        headers = {
            "ce_id": name,
            "ce_source": service,
            "ce_subject": subject,
            "ce_sequence": str(version),
            "ce_causationid": cause,
            "ce_time": START,
        }
        self.put(topic, key, value, list(headers.items()))
        aggregate = "standing" if service == "billing" else subject.partition("_")[0]
        row = {"id": name, "topic": topic, "aggregate": aggregate, "subject": subject}
        digest = hashlib.sha256(value.encode()).hexdigest()
        self.row(f"{service}.outbox", **row, version=version, digest=digest)
        for reader, topics in READS.items():
            if topic in topics:
                self.row(f"{reader}.inbox", topic=topic, id=name)
        return name

    def put(
        self, topic: str, key: str | None, value: str | None, headers: list[tuple[str, str | None]]
    ) -> Record:
        offset = sum(each.topic == topic for each in self.records)
        record = Record(topic, 0, offset, key, value, headers)
        self.records.append(record)
        return record

    def row(self, table: str, **columns: Any) -> None:
        self.tables.setdefault(table, []).append(columns)

    def _upstream(self) -> None:
        for who, taken in (("good", 100), ("bad", 100)):
            self.journal.append(
                {
                    "kind": "sale",
                    "checkout_id": f"shop-{who}",
                    "event_id": f"evt-{who}",
                    "reference": f"ch_{who}",
                    "taken_minor": taken,
                    "currency": "EUR",
                }
            )
            acknowledged = {"kind": "acknowledged", "what": "sale", "name": f"evt-{who}"}
            self.journal.append({**acknowledged, "place": ["checkout.completed", 0, 0]})
            self.put("checkout.completed", who, "{}", [("ce_id", f"evt-{who}")])
            self.row("customers.checkouts", reference=f"shop-{who}")
        letter = self.put("checkout.completed", "k", "{not", [(POISON, "1"), ("ce_id", None)])
        self.row(
            "customers.parked",
            topic=letter.topic,
            partition=letter.partition,
            at_offset=letter.offset,
            state="dead",
            reason="not_json",
            detail="",
            key="\\x" + b"k".hex(),
            value="\\x" + b"{not".hex(),
        )
        self.journal.append({"kind": "partner", "partner_id": PARTNER, "canary": "Television one"})
        self.journal.append({"kind": "partner", "partner_id": "ptn_2", "canary": "Television two"})

    def _life(self) -> None:
        person = {"id": "cus_1", "version": 1, "email": "a@example.com"}
        self.say("customer.created", "cus_1", "customer_1", 1, customer=person)
        accepted = self.say("checkout.accepted", "chk_1", "chk_1", 1)
        self.subscription("created", 1, "created", 0, cause=accepted)
        activated = self.subscription("activated", 2, "active", 1)
        self.subscription("renewed", 3, "active", 2)
        self.command("extend", "extend-1")
        said = {"grant_id": "grt_1", "change": {"kind": "extended", "at": NOW}}
        self.subscription("extended", 4, "active", 2, granted=1, **said)
        bad = self.say("checkout.accepted", "chk_2", "chk_2", 1)
        order = {"checkout_id": "chk_2"}
        refused = self.say("order.refused", "chk_2", "ord_2", 1, order=order, cause=bad)
        checkout = {"reference": "shop-bad", "customer_id": "cus_1"}
        rejected = self.say(
            "checkout.rejected", "chk_2", "chk_2", 2, checkout=checkout, cause=refused
        )
        for n, (template, cause) in enumerate(
            (
                ("credentials", activated),
                ("extended", "subscription.extended-subscription_1-4"),
                ("checkout_rejected", rejected),
            )
        ):
            self.mail(n, template, cause)

    def command(self, order: str, key: str) -> None:
        """Something that the partner asked for, and that was accepted."""
        asked = {"order": order, "subscription_id": "subscription_1", "key": key}
        self.journal.append({"kind": "command", **asked, "outcome": "accepted"})

    def subscription(self, what: str, version: int, status: str, opened: int, **more: Any) -> str:
        name, granted = "subscription_1", more.pop("granted", 0)
        runs, end = more.pop("runs", opened - 1), BOUNDARIES[opened + granted]
        period = {"no": runs, "start": BOUNDARIES[runs], "end": end} if opened else None
        counted = {"period": period, "periods_opened": opened, "periods_granted": granted}
        state = {
            **state_of(version, status),
            **counted,
            "next_boundary_at": end if opened else None,
            "activated_at": START if version > 1 else None,
            "holds": more.pop("holds", []),
            "ends_at": more.pop("ends_at", None),
        }
        return self.say(f"subscription.{what}", name, name, version, subscription=state, **more)

    def mail(self, n: int, template: str, cause: str) -> None:
        name = f"<msg_{n}@example.com>"
        message = {
            "message_id": name,
            "template": template,
            "customer_id": "cus_1",
            "cause_event_id": cause,
        }
        self.say("notification.sent", "cus_1", f"message_{n}", 1, message=message, cause=cause)
        self.row("notifier.messages", id=f"message_{n}", version=1)
        self.mails.append(mail_of(n, name, template, cause))

    def _money(self) -> None:
        name, version = "subscription_1", 0
        for no, (start, end) in enumerate(((START, MIDDLE), (MIDDLE, END))):
            reference = ("ch_good", "ch_renewal")[no]
            period = {"no": no, "start": start, "end": end}
            for topic, status in (("issued", "open"), ("paid", "paid")):
                version += 1
                invoice = invoice_of(no, status, start, end)
                paid = {"settled_by": "gateway"} if status == "paid" else {}
                self.say(
                    f"invoice.{topic}",
                    name,
                    name,
                    version,
                    standing=standing_of(version),
                    invoice=invoice,
                    **paid,
                )
            payment = {
                "key": f"inv_{no}/1",
                "invoice_id": f"inv_{no}",
                "amount_minor": 100,
                "currency": "EUR",
                "reference": reference,
            }
            version += 1
            said = {"standing": standing_of(version), "payment": payment}
            self.say("payment.succeeded", name, name, version, **said)
            version += 1
            self.say(
                "period.opened",
                name,
                name,
                version,
                standing=standing_of(version),
                period=period,
                by="payment",
                invoice_id=f"inv_{no}",
            )
            self.row(
                "billing.payment_attempts",
                key=f"inv_{no}/1",
                n=1,
                invoice_id=f"inv_{no}",
                state="succeeded",
                reference=reference,
            )
            self.book(f"payment/inv_{no}/1", 100)
        self.book("refund/1", -100)
        self.book("receipt/1", 100)

    def opened(self, no: int, start: str, end: str, by: str = "payment") -> None:
        """One period more than the two that billing has told of."""
        self.say(
            "period.opened",
            "subscription_1",
            "subscription_1",
            9,
            standing=standing_of(9),
            period={"no": no, "start": start, "end": end},
            by=by,
            invoice_id=f"inv_{no}",
        )

    def book(self, cause: str, amount: int) -> None:
        for n, (account, minor) in enumerate(
            (("gateway_clearing", amount), ("receivable", -amount))
        ):
            entry = {"cause": cause, "n": n, "account": account, "amount_minor": minor}
            self.row("billing.ledger_entries", **entry, currency="EUR")

    def charge(self, reference: str, key: str | None, amount: int = 100) -> None:
        charge = {"reference": reference, "key": key, "status": "succeeded", "amount": amount}
        self.gateway.append({"kind": "charge", "charge": {**charge, "currency": "EUR"}})

    def give_back(self, reference: str, amount: int = 100) -> None:
        name = f"re_{len(self.gateway)}"
        refund = {"reference": name, "charge": reference, "status": "succeeded", "amount": amount}
        self.gateway.append({"kind": "refund", "refund": refund})

    def _outside(self) -> None:
        self.charge("ch_good", None)
        self.charge("ch_bad", None)
        self.charge("ch_renewal", "inv_1/1")
        self.give_back("ch_bad")
        self.panel.append(
            {
                "operation": "create",
                "outcome": "done",
                "external_id": "subscription_1",
                "account": {"status": "enabled", "password": "one"},
            }
        )
        entries = [["payment/inv_0/1", 0, 100], ["payment/inv_0/1", 1, -100]]
        self.journal.append({"kind": "ledger", "entries": entries})
        again = {"kind": "read_again", "at": END, "gateway": 4, "panel": 1}
        self.journal.append(again)
        self.gateway.append({"kind": "webhook_done", "id": "gwe_1", "outcome": "given_up"})

    def _databases(self) -> None:
        copy = {"version": 4, "status": "active"}
        row = {**copy, "id": "subscription_1", "customer_id": "cus_1", "offer": "tv"}
        self.row("subscriptions.subscriptions", **row, currency="EUR")
        self.row("notifier.subscriptions", id="subscription_1", **copy)
        terms = {**copy, "periods_opened": 2, "periods_granted": 1}
        self.row("billing.contracts", subscription_id="subscription_1", version=8, terms=terms)
        self.row("customers.customers", id="customer_1", version=1)
        self.row("notifier.contacts", customer_id="cus_1", version=1, email="a@example.com")
        self.row("billing.clocks", partner_id=PARTNER, now=NOW)
        self.row(
            "billing.timers",
            partner_id=PARTNER,
            sandbox=True,
            fired_at=NOW,
            due_at=MIDDLE,
            kind="renewal",
            subject="subscription_1",
        )
