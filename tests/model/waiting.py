"""What a service still has to do, seen from outside, and from when on it may be done."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from tests.model.process import Process

LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
# When a lease has ended and a pause is over; a row that has neither is to be done now.
FREE: Final = "greatest(coalesce({lease}, $1), coalesce({pause}, $1))"


def _free(lease: str, pause: str) -> str:
    return FREE.format(lease=lease, pause=pause)


KERNEL: Final = """
    select 'relay' as what, $1::timestamptz as at, true as open
        where exists (select from outbox where published_at is null)
    union all (select 'timers', greatest(due_at, coalesce(not_before, $1)), false from timers
               where fired_at is null order by 2 limit 1)
    union all (select 'parked', next_at, true from parked where state = 'parked'
               and next_at is not null order by next_at limit 1)"""
ACCOUNTS: Final = _free("leased_until + interval '1 second'", "next_at")
GATEWAY: Final = _free("lease_until", "next_at")
OF_SERVICE: Final = {
    "customers": "",
    "subscriptions": f"""
    union all select 'accounts', {ACCOUNTS}, true
        from accounts where told_version < wanted_version""",  # noqa: S608  constants
    "billing": f"""
    union all select 'charges', $1, true from payment_attempts where state = 'created'
    union all select 'lookups', {GATEWAY}, true from payment_attempts
        where state in ('sent', 'unknown')
    union all select 'verifications', {GATEWAY}, true from verifications
        where state = 'asked'
    union all select 'refunds', {GATEWAY}, true from refunds
        where state = 'ordered'
    union all select 'refunds', {GATEWAY}, false from refunds
        where state = 'pending' and (next_at is not null or lease_until is not null)
    union all select 'webhooks', {GATEWAY}, true from webhooks
        where state = 'stored'""",  # noqa: S608  constants
    "notifier": """
    union all select 'mails', coalesce(retry_at, $1), true from messages where state = 'queued'
    union all select 'mails', lease_until, true from messages where state = 'sending'""",
}


class Work(NamedTuple):
    """`open`: at rest there is none of it. A timer of next year and a refund that settles the day
    after tomorrow wait for a time, not for us.
    """

    what: str
    at: datetime
    open: bool


async def work_of(process: Process) -> list[Work]:
    rows = await process.sql.fetch(
        f"select what, min(at) as at, open from ({KERNEL}{OF_SERVICE[process.name]}) as w"  # noqa: S608  constants
        " group by what, open order by 2, 1",
        LONG_AGO,
    )
    return [Work(*row) for row in rows]
