"""The composition root: the only module that knows every part of this service."""

from dataclasses import replace

from services.customers.adapters.password_hasher import PasswordHasher
from services.customers.adapters.registries import Registries
from services.customers.adapters.sql_transaction import begins
from services.customers.adapters.token_signer import TokenSigner
from services.customers.api.api_keys import api_key_routes
from services.customers.api.checkouts import checkout_routes
from services.customers.api.customers import customer_routes
from services.customers.api.operators import operator_routes, sign_in_routes
from services.customers.api.partners import partner_routes
from services.customers.api.sandbox_clocks import clock_routes
from services.customers.api.sources import source_routes
from services.customers.consumers.checkouts import listen_to_upstreams
from services.customers.consumers.clocks import listen_to_followers
from services.customers.consumers.subscriptions import listen_to_subscriptions
from services.customers.context import Context, EdgeTransaction
from services.customers.settings import Settings
from services.customers.timers.clock_watch import fire_clock_watches
from services.customers.timers.signing_keys import fire_rotations, see_to_a_signing_key
from shared.access import Access, listen_for_keys
from shared.clock import system_now
from shared.closed_secrets import Lock, key_of
from shared.consumer import Consumer
from shared.database import Database
from shared.ids import new_id
from shared.origin import Origin
from shared.process import Service
from shared.test_clock import listen_for_clocks
from shared.timer_loop import TimerLoop
from shared.transaction import Transactions

NAME = "customers"
# Nothing outside is called from here.
NO_EFFECTS = "select '' as partner_id, '' as item where false"


def build(settings: Settings) -> Service:
    database = Database(settings.database_url, name=NAME, pool_size=settings.pool_size)
    transactions = Transactions(database, f"/perennial/{NAME}")
    lock = Lock(key_of(settings.key_secret), "PERENNIAL_CUSTOMERS__KEY_SECRET")
    context = Context(
        begin=begins(transactions, lock),
        directory=Registries(),
        passwords=PasswordHasher(),
        tokens=TokenSigner(),
        live_now=system_now,
        gateway=settings.default_gateway,
        followers=settings.clock_followers,
    )
    access = Access(transactions.begin, lambda: system_now().timestamp())
    admin_token = settings.admin_token and settings.admin_token.get_secret_value()
    return Service(
        name=NAME,
        transactions=transactions,
        consumer=build_consumer(replace(context, begin=begins(transactions, lock, in_sets=True))),
        timers=build_timers(context),
        intents=(),
        routers=(
            partner_routes(context, access, admin_token or None),
            source_routes(context, access),
            api_key_routes(context, access),
            operator_routes(context, access),
            sign_in_routes(context),
            clock_routes(context, access),
            customer_routes(context, access),
            checkout_routes(context, access),
        ),
        access=access,
        open_effects=NO_EFFECTS,
        on_start=lambda: _start(context),
    )


def build_consumer(context: Context) -> Consumer[EdgeTransaction]:
    consumer = Consumer[EdgeTransaction](context.begin)
    listen_to_upstreams(consumer, context)
    listen_to_subscriptions(consumer)
    listen_for_keys(consumer)
    listen_for_clocks(consumer)
    listen_to_followers(consumer, context)
    return consumer


def build_timers(context: Context) -> TimerLoop[EdgeTransaction]:
    timers = TimerLoop[EdgeTransaction](context.begin)
    fire_rotations(timers, context)
    fire_clock_watches(timers, context)
    return timers


async def _start(context: Context) -> None:
    """The first process of all makes the first key for actor tokens; the others find it there.

    Raises:
        SecretUnreadable: keys were stored with a secret that this process does not have.
    """
    origin = Origin.first("service:customers", new_id("start"))

    async def work(tx: EdgeTransaction) -> None:
        await tx.sources.guard_keys()
        await see_to_a_signing_key(context, tx, origin)

    await context.carry_out(work)
