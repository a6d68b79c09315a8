"""What the platform says at the end, read page by page through its public HTTP APIs."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from deploy.demo.api import Api
from deploy.replay.customers import CURRENCY
from deploy.replay.expectation import ACTIVE, ENDED, TRIALING, Known, Totals

# The subscription's own words, in the words of the file; any other is a difference by itself.
STATUS = {"active": ACTIVE, "trialing": TRIALING, "terminated": ENDED}


@dataclass
class Documents:
    """Paid invoices, or payments that succeeded, by subscription."""

    count: Counter[str] = field(default_factory=Counter)
    minor: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True)
class Read:
    """`totals` has the services' own words: the counts by status, and the metric as it is given."""

    known: Mapping[str, Known]
    totals: Totals


def read_figures(api: Api) -> Read:
    with ThreadPoolExecutor(3) as readers:
        invoices = readers.submit(_documents, api, "/v1/invoices?status=paid", "paid_minor")
        payments = readers.submit(_documents, api, "/v1/payments?status=succeeded", "amount_minor")
        subscriptions = list(api.every("subscriptions", "/v1/subscriptions"))
    known = {
        each["checkout_reference"]: _known(each, invoices.result(), payments.result())
        for each in subscriptions
    }
    return Read(known, _totals(api, subscriptions, invoices.result(), payments.result()))


def _documents(api: Api, path: str, amount: str) -> Documents:
    found = Documents()
    for each in api.every("billing", path):
        _require_currency(each)
        found.count[each["subscription_id"]] += 1
        found.minor[each["subscription_id"]] += each[amount]
    return found


def _known(subscription: Mapping[str, Any], invoices: Documents, payments: Documents) -> Known:
    _require_currency(subscription)
    which = subscription["id"]
    status = STATUS.get(subscription["status"], subscription["status"])
    return Known(
        status=status,
        periods=subscription["periods_opened"],
        paid_invoices=invoices.count[which],
        invoiced_minor=invoices.minor[which],
        payments=payments.count[which],
        collected_minor=payments.minor[which],
        mrr_minor=subscription["amount_minor"] if status == ACTIVE else 0,
    )


def _totals(
    api: Api, subscriptions: list[dict[str, Any]], invoices: Documents, payments: Documents
) -> Totals:
    counted = Counter(each["status"] for each in subscriptions)
    return Totals(
        customers=len({each["customer_id"] for each in subscriptions}),
        active=counted["active"],
        trialing=counted["trialing"],
        ended=counted["terminated"],
        paid_invoices=invoices.count.total(),
        invoiced_minor=sum(invoices.minor.values()),
        payments=payments.count.total(),
        collected_minor=sum(payments.minor.values()),
        mrr_minor=_mrr(api),
    )


def _mrr(api: Api) -> int:
    """As the metric has it, by its own query and definition."""
    found = api.get("subscriptions", "/v1/metrics/mrr")["data"]
    return sum(each["mrr_minor"] for each in found if each["currency"] == CURRENCY)


def _require_currency(found: Mapping[str, Any]) -> None:
    if found["currency"] != CURRENCY:
        raise ValueError(f"{found['id']} is in {found['currency']}: nothing here is but {CURRENCY}")
