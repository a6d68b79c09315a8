"""What the embedded broker forgets at its end, the outboxes still know: publish that again."""

import asyncpg

from deploy.platform import SERVICES
from shared.database import plain_url


async def publish_unread_again(databases: dict[str, str], reads: dict[str, set[str]]) -> int:
    """Mark as unpublished what a service has published and a reader of its topic has not taken.

    Args:
        databases: the URL of each service's database.
        reads: the topics that each service reads.

    Returns:
        How many events go out again. Readers that have them already drop them.
    """
    connections = {name: await asyncpg.connect(plain_url(databases[name])) for name in SERVICES}
    try:
        return sum([await _of(name, connections, reads) for name in SERVICES])
    finally:
        for each in connections.values():
            await each.close()


async def _of(
    publisher: str,
    connections: "dict[str, asyncpg.Connection[asyncpg.Record]]",
    reads: dict[str, set[str]],
) -> int:
    rows = await connections[publisher].fetch(
        "select id, topic from outbox where published_at is not null"
    )
    unread = set()
    for reader, topics in reads.items():
        sent = {(row["topic"], row["id"]) for row in rows if row["topic"] in topics}
        taken = await connections[reader].fetch(
            "select topic, id from inbox where topic = any($1::text[])", sorted(topics)
        )
        unread |= sent - {(row["topic"], row["id"]) for row in taken}
    await connections[publisher].execute(
        "update outbox set published_at = null where id = any($1::uuid[])",
        [event_id for _, event_id in unread],
    )
    return len(unread)
