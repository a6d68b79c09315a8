"""The gateway's word brought to billing's door: late, out of order, twice, or never."""

from random import Random

import orjson

from services.billing.api.webhooks import signature
from tests.model.world import SECRET, World


async def bring(world: World, chance: Random, most: int | None = 1, loses: float = 0.0) -> None:
    """`most` of those that are owed, any of them first; with None all that are not lost."""
    owed = world.gateway.webhooks
    chance.shuffle(owed)
    for _ in range(len(owed) if most is None else min(most, len(owed))):
        event = owed.pop()
        if chance.random() < loses:
            continue
        for _ in range(chance.choice((1, 1, 2))):
            await _tell(world, event)


async def _tell(world: World, event: dict[str, object]) -> None:
    body = orjson.dumps(event)
    stamp = str(int(world.clock.instant.timestamp()))
    headers = {
        "webhook-id": str(event["id"]),
        "webhook-timestamp": stamp,
        "webhook-signature": signature(SECRET, str(event["id"]), stamp, body),
    }
    billing = world.billing
    if not await billing.survive(
        lambda: billing.http.post("/v1/webhooks/gateway", content=body, headers=headers)
    ):
        world.gateway.webhooks.append(event)
