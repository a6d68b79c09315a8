"""The platform of a test: four services, the bus between them, and the outside they call."""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

import services.billing.app as billing
import services.customers.app as customers
import services.notifier.app as notifier
import services.subscriptions.app as subscriptions
from deploy.postgres import drop_database, make_database
from services.billing.settings import Settings as BillingSettings
from services.customers.settings import Settings as CustomersSettings
from services.notifier.settings import Settings as NotifierSettings
from services.subscriptions.settings import Settings as SubscriptionsSettings
from shared.database import plain_url
from shared.migrations import upgrade
from shared.process import Service
from tests.model.bus import Bus
from tests.model.clock import JANUARY_31, Clock
from tests.model.gateway import Gateway
from tests.model.names import Names
from tests.model.outside import Mailbox, Panel
from tests.model.owed import not_owed
from tests.model.process import Process
from tests.model.snapshot import keep, restore
from tests.model.trouble import do_not_wait

ADMIN = "administrator-of-the-model"
SECRET = "whsec_" + "c2VjcmV0IG9mIHRoaXMgdGVzdA=="
NAMES = ("customers", "subscriptions", "billing", "notifier")
NOWHERE = {"kafka_bootstrap": "nowhere:9092", "port": 1, "ops_port": 1, "pool_size": 3}


@dataclass
class World:
    """`partner_id` and `api_key` are those of the one partner, whose shop is `source`."""

    clock: Clock
    bus: Bus
    gateway: Gateway
    panel: Panel
    mailbox: Mailbox
    names: Names = field(default_factory=Names)
    processes: dict[str, Process] = field(default_factory=dict)
    partner_id: str = ""
    api_key: str = ""
    source: str = ""

    @property
    def customers(self) -> Process:
        return self.processes["customers"]

    @property
    def subscriptions(self) -> Process:
        return self.processes["subscriptions"]

    @property
    def billing(self) -> Process:
        return self.processes["billing"]

    @property
    def notifier(self) -> Process:
        return self.processes["notifier"]

    async def keep(self) -> None:
        """As it is now it shall be again when it begins anew."""
        self.names.keep()
        for each in self.processes.values():
            await keep(each.sql)

    async def begin_anew(self, at: datetime) -> None:
        """Nothing is left of what was since `keep`, and it is another day."""
        self.clock.instant = at
        self.names.begin_anew()
        self.bus.clear()
        self.gateway.clear()
        self.panel.clear()
        self.mailbox.clear()
        for each in self.processes.values():
            each.trouble.plan(None)
            each.answered.clear()
            await restore(each.sql)


def _makers(urls: Mapping[str, str]) -> dict[str, Callable[[], Service]]:
    told: dict[str, dict[str, Any]] = {
        name: {**NOWHERE, "database_url": urls[name]} for name in NAMES
    }
    mail: dict[str, Any] = {"smtp_host": "nowhere", "smtp_port": 1}
    mail |= {f"sandbox_{name}": value for name, value in mail.items()}
    of = (
        CustomersSettings(**told["customers"], admin_token=SecretStr(ADMIN)),
        SubscriptionsSettings(**told["subscriptions"], panel_url="http://nowhere"),
        BillingSettings(**told["billing"], webhook_secret=SecretStr(SECRET)),
        NotifierSettings(**told["notifier"], **mail),
    )
    return {
        "customers": lambda: customers.build(of[0]),
        "subscriptions": lambda: subscriptions.build(of[1]),
        "billing": lambda: billing.build(of[2]),
        "notifier": lambda: notifier.build(of[3]),
    }


def _put_in_place(world: World, patch: pytest.MonkeyPatch) -> None:
    """Behind the ports: the composition roots find our outside where they look for the real one."""
    world.clock.rule(patch)
    world.names.rule(patch)
    do_not_wait(patch)
    patch.setattr(subscriptions, "HttpPanel", lambda _: world.panel)
    patch.setattr(billing, "HttpGateway", lambda _: world.gateway)
    patch.setattr(notifier, "SmtpPost", lambda *_: world.mailbox)


@asynccontextmanager
async def standing(admin_url: str, patch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """All four services on databases of their own."""
    clock = Clock(JANUARY_31)
    world = World(clock, Bus(), Gateway(clock), Panel(), Mailbox())
    _put_in_place(world, patch)
    urls = {name: await _database(admin_url, name) for name in NAMES}
    for name, make in _makers(urls).items():
        sql = await asyncpg.connect(plain_url(urls[name]))
        world.processes[name] = Process(name, make, world.bus, sql)
        world.processes[name].start()
        await world.processes[name].begin()
    world.gateway.look_up = partial(not_owed, world.billing.sql)
    yield world
    for each in world.processes.values():
        await each.stop()
    for url in urls.values():
        await drop_database(admin_url, str(make_url(url).database))


async def _database(admin_url: str, service: str) -> str:
    """One that need not survive a crash of the machine."""
    name = f"model_{service}_{secrets.token_hex(6)}"
    url = await make_database(admin_url, name)
    await upgrade(url, service)
    sql = await asyncpg.connect(plain_url(url))
    await sql.execute(f"alter database {name} set synchronous_commit = off")
    await sql.close()
    return url
