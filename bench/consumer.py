"""Records a second through the consumer runtime, beside the bare copying of what they leave."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from aiokafka import AIOKafkaProducer
from uuid_utils.compat import uuid7

from bench.accounts import TABLES, Counting, account_ids, accounts, periods
from bench.broker import running_broker
from bench.run import Figure, Run, Stopwatch, require
from bench.server import Connection, bare_connection, empty_database
from bench.spent import Cores, Meter
from deploy.topics import Topic, make_topics
from shared.contracts.billing import PeriodOpened
from shared.database import Database
from shared.kafka import Consumption
from shared.outbox import COLUMNS
from shared.prompt_reading import MAX_RECORDS
from shared.transaction import Transactions

LEAST_SHARE = 1 / 4
PARTITIONS = 4
HANDBOOK = "12,000 to 14,000 records/s beside 48,000, on an idle machine"
PATIENCE_SECONDS = 300
SUBJECT, VERSION = COLUMNS.index("subject"), COLUMNS.index("version")
SET_ACCOUNTS = """
    update accounts a set version = t.version, periods = t.version
    from unnest($1::text[], $2::bigint[]) as t(id, version) where a.id = t.id"""
INBOX = ("topic", "id", "digest", "taken_at")


@dataclass(frozen=True)
class Pass:
    """`ours` and `raw`: records a second."""

    ours: float
    raw: float
    cores: Cores

    @property
    def share(self) -> float:
        return self.ours / self.raw

    @property
    def line(self) -> str:
        return (
            f"{self.ours:,.0f} records/s, raw {self.raw:,.0f}/s, share {self.share:.2f};"
            f" cores: {self.cores.told}"
        )


async def measure(run: Run) -> list[Figure]:
    """One topic, filled before; each pass reads it with a new group into an empty database."""
    records = run.sizes.records
    ids = account_ids(max(records // 6, 1))
    passes = []
    with running_broker(run.directory) as (bootstrap, broker_pid):
        await _publish(bootstrap, periods(records, ids, run.seed))
        trees = {"consumer": os.getpid(), "PostgreSQL": run.server_pid}
        if broker_pid is not None:
            trees["Kafka"] = broker_pid
        for n in range(run.sizes.passes + 1):
            passes.append(await _pass(run, bootstrap, trees, ids, n))
            run.tell(f"{f'pass {n}' if n else 'warm-up'}: {passes[-1].line}")
    return [_figure(passes[1:])]


async def _publish(bootstrap: str, events: Sequence[PeriodOpened]) -> None:
    await make_topics([Topic(PeriodOpened.type, PARTITIONS)], bootstrap=bootstrap)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5)
    await producer.start()
    try:
        for each in events:
            await producer.send(
                each.type,
                each.model_dump_json().encode(),
                key=each.standing.key.encode(),
                headers=_headers(each, uuid7()),
            )
        await producer.flush()
    finally:
        await producer.stop()


def _headers(event: PeriodOpened, event_id: UUID) -> list[tuple[str, bytes]]:
    told = {
        "ce_specversion": "1.0",
        "ce_id": str(event_id),
        "ce_source": "/perennial/billing",
        "ce_type": event.type,
        "ce_time": event.change.at.isoformat(),
        "ce_subject": event.standing.subject,
        "ce_dataschema": f"{event.type}/1",
        "content-type": "application/json",
        "ce_partnerid": event.standing.partner_id,
        "ce_causationid": "bench",
        "ce_correlationid": event.standing.subject,
        "ce_actor": event.change.actor,
        "ce_sequence": str(event.standing.version),
    }
    return [(name, value.encode()) for name, value in told.items()]


async def _pass(
    run: Run, bootstrap: str, trees: dict[str, int], ids: Sequence[str], n: int
) -> Pass:
    async with (
        empty_database(run.admin_url, f"bench_consumer_{n}") as ours,
        empty_database(run.admin_url, f"bench_copied_{n}") as raw,
        bare_connection(ours) as looking,
        bare_connection(raw) as copying,
    ):
        for each in (looking, copying):
            await _make_tables(each, ids)
        database = Database(ours, name="bench")
        consumer = accounts(Transactions(database, "/perennial/bench"), run.sizes.records)
        meter = Meter(trees)
        await _consume(consumer, bootstrap, f"bench-{run.seed}-{n}")
        cores = meter.read()
        await database.close()
        await _require_done(looking, run.sizes.records)
        return Pass(_speed(consumer, run.sizes.records), await _copied(looking, copying), cores)


async def _make_tables(connection: Connection, ids: Sequence[str]) -> None:
    for statement in TABLES:
        await connection.execute(statement)
    await connection.copy_records_to_table(
        "accounts", records=[(each, 0, 0) for each in ids], columns=("id", "version", "periods")
    )
    await connection.execute("vacuum analyze accounts")


async def _consume(consumer: Counting, bootstrap: str, group: str) -> None:
    consumption = Consumption(consumer, bootstrap, group)
    await consumption.start()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await consumer.all_done.wait()
    finally:
        await consumption.stop()


def _speed(consumer: Counting, records: int) -> float:
    """From the first poll's commit to the last one's: joining a group is no matter of speed."""
    at, first = consumer.first
    return (records - first) / (consumer.last_at - at)


async def _require_done(connection: Connection, records: int) -> None:
    for what, query in (
        ("state updates", "select sum(periods) from accounts"),
        ("inbox rows", "select count(*) from inbox"),
        ("events", "select count(*) from outbox"),
        ("versions", "select sum(version) from accounts"),
    ):
        found = await connection.fetchval(query)
        require(found == records, f"{found} {what} of {records}")


async def _copied(looking: Connection, copying: Connection) -> float:
    """Records a second: their rows in both tables and the accounts as they stand after them, as
    many a transaction as a poll has records.
    """
    taken = [tuple(row) for row in await looking.fetch(f"select {', '.join(INBOX)} from inbox")]  # noqa: S608  names above
    said = [
        tuple(row)
        for row in await looking.fetch(f"select {', '.join(COLUMNS)} from outbox order by seq")  # noqa: S608  names above
    ]
    watch = Stopwatch()
    for first in range(0, len(taken), MAX_RECORDS):
        part = slice(first, first + MAX_RECORDS)
        async with copying.transaction():
            await copying.copy_records_to_table("inbox", records=taken[part], columns=INBOX)
            await copying.copy_records_to_table("outbox", records=said[part], columns=COLUMNS)
            standing = {row[SUBJECT]: row[VERSION] for row in said[part]}
            await copying.execute(SET_ACCOUNTS, list(standing), list(standing.values()))
    return len(taken) / watch.seconds


def _figure(passes: Sequence[Pass]) -> Figure:
    share = median(each.share for each in passes)
    one = sorted(passes, key=lambda each: each.share)[len(passes) // 2]
    return Figure(
        name="records through the consumer runtime",
        value=one.ours,
        unit="/s",
        target=f"≥ {LEAST_SHARE:.0%} of raw",
        met=share >= LEAST_SHARE,
        raw=one.raw,
        spent=one.cores.spent,
        details={"each pass": [each.line for each in passes], "the prototype": HANDBOOK},
    )
