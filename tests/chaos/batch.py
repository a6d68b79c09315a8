"""Catches a service in the middle of a transaction: its outbox is locked from outside until it waits."""

import asyncio
import time
from collections.abc import Callable

from tests.chaos.collect import connect
from tests.chaos.world import World

# It has written, and waits for the lock: nothing of it is committed.
WAITING = """
select count(*) from pg_stat_activity
where datname = $1 and wait_event_type = 'Lock' and backend_xid is not null
  and query ilike '%insert into outbox%'"""
PATIENCE = 6.0


async def in_a_batch(world: World, service: str, strike: Callable[[], None]) -> bool:
    """Strike while a transaction of the service hangs before its commit; False if none came by."""
    holder, watcher = await connect(world, service), await connect(world, service)
    try:
        async with holder.transaction():
            await holder.execute("lock table outbox in exclusive mode")
            caught, deadline = False, time.monotonic() + PATIENCE
            while not caught and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
                caught = bool(await watcher.fetchval(WAITING, service))
            if caught:
                # Whatever comes in now joins what is lost.
                await asyncio.sleep(0.3)
            strike()
        return caught
    finally:
        await holder.close()
        await watcher.close()
