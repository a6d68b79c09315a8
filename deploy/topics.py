"""The topics of the platform: what `topics.toml` names, and making what a cluster lacks of it."""

import argparse
import asyncio
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code

DECLARED = Path(__file__).with_name("topics.toml")
ALREADY_EXISTS = 36


@dataclass(frozen=True)
class Topic:
    name: str
    partitions: int
    replication: int = 1
    settings: Mapping[str, str] | None = None


class TopicsNotMade(Exception):
    """The cluster refused; the message names each topic and its reason."""


def declared_topics(
    *, partitions: int | None = None, replication: int | None = None
) -> list[Topic]:
    """All topics of `topics.toml`, with other numbers where a small cluster needs them."""
    page = tomllib.loads(DECLARED.read_text(encoding="utf-8"))
    copies = replication or page["replication"]
    in_sync = {"min.insync.replicas": str(min(page["in_sync"], copies))}
    return [
        Topic(name, partitions or page["partitions"], copies, group["settings"] | in_sync)
        for group in page["kept"]
        for name in group["topics"]
    ]


async def make_topics(
    topics: Collection[Topic], *, bootstrap: str, connection: Mapping[str, Any] | None = None
) -> list[str]:
    """Make those that are missing and name them; what is there already is left as it is.

    `connection` says how to reach a cluster that wants TLS or a password, as aiokafka takes it.

    Raises:
        TopicsNotMade: one or more were refused; the others exist.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **connection or {})
    await admin.start()
    try:
        there = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.name not in there]
        if not missing:
            return []
        answer = await admin.create_topics([_request(topic) for topic in missing])
    finally:
        await admin.close()
    outcome = {name: (code, said) for name, code, said in answer.topic_errors}
    refused = {name: why for name, why in outcome.items() if why[0] not in {0, ALREADY_EXISTS}}
    if refused:
        raise TopicsNotMade(
            "; ".join(f"{name}: {said or for_code(code)}" for name, (code, said) in refused.items())
        )
    return [name for name, (code, _) in outcome.items() if code != ALREADY_EXISTS]


def _request(topic: Topic) -> NewTopic:
    return NewTopic(
        topic.name,
        topic.partitions,
        topic.replication,
        topic_configs=dict(topic.settings or {}),
    )


def main() -> None:
    """Make the topics that the platform needs and the cluster lacks."""
    parser = argparse.ArgumentParser(prog="python -m deploy.topics", description=main.__doc__)
    parser.add_argument("--bootstrap", default="127.0.0.1:9092", help="host:port of a broker")
    parser.add_argument("--partitions", type=int, help="for all, instead of the declared number")
    parser.add_argument("--replication", type=int, help="copies, 1 on a single broker")
    asked = parser.parse_args()
    topics = declared_topics(partitions=asked.partitions, replication=asked.replication)
    try:
        made = asyncio.run(make_topics(topics, bootstrap=asked.bootstrap))
    except (KafkaError, TopicsNotMade) as error:
        raise SystemExit(f"{asked.bootstrap}: {error}") from None
    for name in made:
        print(f"made {name}")
    print(f"{len(made)} made, {len(topics) - len(made)} were there")


if __name__ == "__main__":
    main()
