"""Writes down what is true at the end: first what is outside, then the topics, at last the databases."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import orjson
from confluent_kafka import Consumer, TopicPartition

from deploy.platform import SERVICES
from shared.database import plain_url
from tests.chaos.world import World

# A row of these says nothing that the checker asks for, or holds what nobody should write down.
LEFT_OUT = {"idempotency", "private_sealing_keys", "signing_keys", "alembic_version", "issued_keys"}
OUTBOX = """
select id, topic, key, aggregate, subject, version, partner_id, headers,
       encode(sha256(payload), 'hex') as digest, published_at from outbox"""


def collect(world: World) -> None:
    directory = world.directory
    outside = directory / "outside"
    for rules, url in (("gateway", world.gateway), ("panel", world.panel), ("mail", world.mailbox)):
        text = httpx2.get(f"{url}/control/rules", timeout=20).text
        (outside / f"{rules}.rules.json").write_text(text)
    shutil.copytree(outside, directory / "history" / "outside", dirs_exist_ok=True)
    _dump_topics(world.broker.bootstrap, directory / "history" / "topics.jsonl")
    reads = {
        name: httpx2.get(f"{world.platform.ops_url(name)}/status", timeout=20).json()["reads"]
        for name in SERVICES
    }
    (directory / "history" / "reads.json").write_bytes(orjson.dumps(reads))
    databases = directory / "history" / "databases"
    databases.mkdir(parents=True, exist_ok=True)
    asyncio.run(_dump_databases(world, databases))


def _dump_topics(bootstrap: str, path: Path) -> None:
    """Every record of every topic from offset 0, by a plain consumer without a group."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "chaos-dump",
            "enable.auto.commit": False,
            "enable.partition.eof": False,
        }
    )
    ends: dict[tuple[str, int], int] = {}
    for name, topic in consumer.list_topics(timeout=20).topics.items():
        for partition in () if name.startswith("__") else topic.partitions:
            low, high = consumer.get_watermark_offsets(TopicPartition(name, partition), timeout=20)
            if high > low:
                ends[name, partition] = high
    consumer.assign([TopicPartition(name, partition, 0) for name, partition in ends])
    with path.open("wb") as file:
        while ends:
            for message in consumer.consume(1000, timeout=5):
                if message.error():
                    raise RuntimeError(f"the dump is broken off: {message.error()}")
                file.write(orjson.dumps(_record(message)) + b"\n")
                place = (str(message.topic()), int(message.partition() or 0))
                if (message.offset() or 0) + 1 >= ends.get(place, 0):
                    ends.pop(place, None)
    consumer.close()


def _record(message: Any) -> dict[str, Any]:
    return {
        "topic": message.topic(),
        "partition": message.partition(),
        "offset": message.offset(),
        "key": _text(message.key()),
        "value": _text(message.value()),
        "headers": [[name, _text(value)] for name, value in message.headers() or []],
    }


def _text(given: bytes | None) -> str | None:
    """Bytes as they are: any byte has one character of Latin-1."""
    return None if given is None else given.decode("latin-1")


async def _dump_databases(world: World, directory: Path) -> None:
    for name in SERVICES:
        sql = await connect(world, name)
        try:
            rows = await sql.fetch("select tablename from pg_tables where schemaname = 'public'")
            for table in {row[0] for row in rows} - LEFT_OUT:
                query = OUTBOX if table == "outbox" else f"select * from {table}"  # noqa: S608
                found = await sql.fetch(f"select row_to_json(t)::text from ({query}) t")  # noqa: S608
                lines = "".join(f"{row[0]}\n" for row in found)
                (directory / f"{name}.{table}.jsonl").write_text(lines, encoding="utf-8")
        finally:
            await sql.close()


async def connect(world: World, service: str) -> "asyncpg.Connection[asyncpg.Record]":
    url = plain_url(world.platform.databases[service])
    return await asyncpg.connect(url, timeout=10)
