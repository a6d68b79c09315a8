"""`perennial publish`: what an upstream's own Kafka client would do, for a first try."""

import typer
from aiokafka import AIOKafkaProducer

from deploy.installation import installed
from shared.ids import new_id


async def publish_here(topic: str, body: bytes, event_id: str) -> None:
    """One record in CloudEvents' binary mode, from the source that `make up` registered."""
    here = installed()
    name = event_id or new_id("evt")
    producer = AIOKafkaProducer(bootstrap_servers=here.bootstrap, acks="all")
    await producer.start()
    try:
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", name.encode()),
            ("ce_source", here.source.encode()),
            ("ce_type", topic.encode()),
            ("content-type", b"application/json"),
        ]
        sent = await producer.send_and_wait(topic, body, headers=headers)
    finally:
        await producer.stop()
    typer.echo(f"published {name} to {topic}/{sent.partition}@{sent.offset}")
