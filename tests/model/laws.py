"""What must hold after every single step, whatever has just gone wrong."""

from typing import Final

from tests.model.meanwhile import Meanwhile
from tests.model.process import Process
from tests.model.story import Story
from tests.model.world import World

EVERYWHERE: Final = """
    select 'I20 ' || kind || ' of ' || subject || ' fired at ' || fired_at || ', due ' || due_at
    from timers where fired_at < due_at
    union all
    select 'timer ' || kind || ' of ' || subject || ' failed: ' || coalesce(detail, '')
    from timers where attempts > 0 and fired_at is null
    union all
    select 'I15 ' || topic || ' was put aside: ' || reason || ', ' || detail
    from parked where state in ('parked', 'dead')"""
OF_SERVICE: Final = {
    "customers": """
    union all
    select 'I8 checkout ' || reference || ' is fulfilled by nothing'
    from checkouts where status = 'fulfilled' and subscription_id is null""",
    "subscriptions": """
    union all
    select 'I8 checkout ' || checkout_id || ' became two subscriptions'
    from subscriptions group by partner_id, checkout_id having count(*) > 1
    union all
    select 'I11 ' || s.id || ' is at version ' || s.version || ' and has said ' || count(o.seq)
    from subscriptions s left join outbox o on (o.aggregate, o.subject) = ('subscription', s.id)
    group by s.id, s.version having s.version <> count(o.seq)""",
    "billing": """
    union all
    select 'I4 ' || cause || ' adds up to ' || sum(amount_minor)
    from ledger_entries group by cause, currency having sum(amount_minor) <> 0
    union all
    select 'I5 invoice ' || i.id || ' is not the sum of its lines'
    from invoices i join invoice_lines l on l.invoice_id = i.id
    group by i.id having i.total_minor <> sum(l.amount_minor)
    union all
    select 'I1 ' || subscription_id || ' owes period ' || period_no || ' twice'
    from invoices where status in ('open', 'paid') and credited_minor = 0
    group by subscription_id, period_no having count(*) > 1
    union all
    select 'I1 ' || identity || ' is charged twice'
    from invoice_lines where not is_reversed group by identity having count(*) > 1
    union all
    select 'I2 two attempts at ' || invoice_id || ' are open'
    from payment_attempts where state in ('created', 'sent', 'unknown', 'needs_review')
    group by invoice_id having count(*) > 1
    union all
    select 'I2 the attempts at ' || invoice_id || ' are numbered with gaps'
    from payment_attempts group by invoice_id having max(n) <> count(*) or min(n) <> 1
    union all
    select 'I3 attempt ' || id || ' was left to a person' from payment_attempts
    where state = 'needs_review'
    union all
    select 'I1 refunds of ' || r.reference || ' exceed what came in'
    from refunds r join payment_attempts a using (gateway, reference)
    where r.state not in ('failed', 'nothing_left')
    group by r.reference, a.id having sum(r.amount_minor) > a.amount_minor
    union all
    select 'I11 ' || c.subscription_id || ' stands at ' || c.version || ' and has said ' || count(o.seq)
    from contracts c left join outbox o
        on (o.aggregate, o.subject) = ('standing', c.subscription_id)
    group by c.subscription_id having c.version <> count(o.seq)
    union all
    select 'B4 series ' || kind || ' ' || year || ' has a gap' from (
        select 'invoice' as kind, series_year as year, series_seq as seq from invoices
        union all select 'credit_note', series_year, series_seq from credit_notes) d
    group by kind, year having max(seq) <> count(*) or min(seq) <> 1""",
    "notifier": "",
}


class Laws:
    """A service that has committed nothing since the last look is not looked at again."""

    def __init__(self, world: World, story: Story) -> None:
        self._world = world
        self._meanwhile = Meanwhile(world, story)
        self._seen: dict[str, int] = {}

    async def broken(self) -> list[str]:
        found = list(self._world.gateway.complaints)
        changed = [each for each in self._world.processes.values() if self._has_changed(each)]
        for process in changed:
            found += await _broken_in(process)
        return found + await self._meanwhile.broken({each.name for each in changed})

    def _has_changed(self, process: Process) -> bool:
        before = self._seen.get(process.name)
        self._seen[process.name] = process.trouble.commits
        return before != process.trouble.commits


async def _broken_in(process: Process) -> list[str]:
    rows = await process.sql.fetch(EVERYWHERE + OF_SERVICE[process.name])
    return [row[0] for row in rows]
