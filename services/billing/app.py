"""The composition root: the only module that knows every part of this service."""

from dataclasses import replace

import httpx2

from services.billing.adapters.gateway_http import HttpGateway
from services.billing.adapters.sql_transaction import SqlTransactions
from services.billing.api.documents import document_routes
from services.billing.api.payments import payment_routes
from services.billing.api.webhooks import webhook_routes
from services.billing.consumers.customers import listen_to_customers
from services.billing.consumers.orders import listen_to_orders
from services.billing.consumers.subscriptions import ALL, listen_to_subscriptions
from services.billing.context import Context, EdgeTransaction
from services.billing.intents.charges import charges
from services.billing.intents.lookups import lookups
from services.billing.intents.refunds import refunds
from services.billing.intents.verifications import verifications
from services.billing.intents.webhooks import webhooks
from services.billing.queries.audits import OPEN_EFFECTS
from services.billing.settings import Settings
from services.billing.timers.due import fire_billing_timers
from shared.access import Access, listen_for_keys
from shared.clock import system_now
from shared.consumer import Consumer
from shared.database import Database
from shared.process import Service
from shared.test_clock import listen_for_clocks
from shared.timer_loop import TimerLoop
from shared.transaction import Transactions

NAME = "billing"


def build(settings: Settings) -> Service:
    database = Database(settings.database_url, name=NAME, pool_size=settings.pool_size)
    transactions = Transactions(database, f"/perennial/{NAME}")
    client = _client(settings)
    context = build_context(settings, transactions, client)
    in_sets = replace(context, begin=SqlTransactions(transactions, in_sets=True).begin)
    access = Access(transactions.begin, lambda: system_now().timestamp())
    timers = TimerLoop[EdgeTransaction](context.begin)
    fire_billing_timers(timers)
    return Service(
        name=NAME,
        transactions=transactions,
        consumer=build_consumer(in_sets),
        timers=timers,
        intents=(
            charges(in_sets),
            lookups(in_sets),
            verifications(in_sets),
            refunds(in_sets),
            webhooks(in_sets),
        ),
        routers=(
            document_routes(context, access),
            payment_routes(context, access),
            webhook_routes(context),
        ),
        access=access,
        open_effects=OPEN_EFFECTS,
        # What was decided before a boundary must have been heard before it is billed.
        barriers={"renewal": [each.type for each in ALL]},
        on_stop=client.aclose,
    )


def build_context(
    settings: Settings, transactions: Transactions, client: httpx2.AsyncClient
) -> Context:
    secret = settings.webhook_secret
    return Context(
        begin=SqlTransactions(transactions).begin,
        gateways={settings.default_gateway: HttpGateway(client)},
        default_gateway=settings.default_gateway,
        webhook_secrets=(
            {settings.default_gateway: secret.get_secret_value()} if secret is not None else {}
        ),
        patience=settings.patience,
        technical_now=system_now,
    )


def build_consumer(context: Context) -> Consumer[EdgeTransaction]:
    consumer = Consumer[EdgeTransaction](context.begin)
    listen_to_subscriptions(consumer, context)
    listen_to_orders(consumer)
    listen_to_customers(consumer, context)
    listen_for_keys(consumer)
    listen_for_clocks(consumer)
    return consumer


def _client(settings: Settings) -> httpx2.AsyncClient:
    timeout = httpx2.Timeout(
        settings.gateway_read_seconds, connect=settings.gateway_connect_seconds
    )
    return httpx2.AsyncClient(base_url=settings.gateway_url, timeout=timeout)
