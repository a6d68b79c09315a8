"""The composition root: the only module that knows every part of this service."""

from dataclasses import replace

import httpx2

from services.subscriptions.adapters.account_repository import OPEN_WISHES, STUCK_WISHES
from services.subscriptions.adapters.configuration_schema import find_fault, find_misfit
from services.subscriptions.adapters.panel_http import HttpPanel
from services.subscriptions.adapters.sql_transaction import begins
from services.subscriptions.api.cancellation import cancellation_routes
from services.subscriptions.api.extension import extension_routes
from services.subscriptions.api.holds import hold_routes
from services.subscriptions.api.metrics import metric_routes
from services.subscriptions.api.offers import offer_routes
from services.subscriptions.api.orders import order_routes
from services.subscriptions.api.subscriptions import subscription_routes
from services.subscriptions.consumers.billing import listen_to_billing
from services.subscriptions.consumers.customers import listen_to_customers
from services.subscriptions.context import Context, EdgeTransaction
from services.subscriptions.intents.accounts import account_calls
from services.subscriptions.settings import Settings
from services.subscriptions.timers.deadlines import keep_deadlines
from shared.access import Access, listen_for_keys
from shared.consumer import Consumer
from shared.database import Database
from shared.process import Service
from shared.sealing import listen_for_sealing_keys
from shared.test_clock import listen_for_clocks
from shared.timer_loop import TimerLoop
from shared.transaction import Transactions

NAME = "subscriptions"


def build(settings: Settings) -> Service:
    database = Database(settings.database_url, name=NAME, pool_size=settings.pool_size)
    transactions = Transactions(database, f"/perennial/{NAME}")
    client = httpx2.AsyncClient(
        base_url=settings.panel_url,
        timeout=settings.panel_timeout_seconds,
        limits=httpx2.Limits(max_connections=settings.panel_calls_at_once),
    )
    context = Context(
        begins(transactions), HttpPanel(client), transactions.live, find_misfit, find_fault
    )
    in_sets = replace(context, begin=begins(transactions, in_sets=True))
    access = Access(transactions.begin, lambda: transactions.live().timestamp())
    return Service(
        name=NAME,
        transactions=transactions,
        consumer=build_consumer(in_sets),
        timers=build_timers(context),
        intents=[account_calls(in_sets, settings.panel_calls_at_once)],
        routers=[
            offer_routes(context, access),
            subscription_routes(context, access),
            cancellation_routes(context, access),
            extension_routes(context, access),
            hold_routes(context, access),
            order_routes(context, access),
            metric_routes(context, access),
        ],
        access=access,
        open_effects=OPEN_WISHES,
        stuck_effects=STUCK_WISHES,
        on_stop=client.aclose,
    )


def build_consumer(context: Context) -> Consumer[EdgeTransaction]:
    consumer = Consumer[EdgeTransaction](context.begin)
    listen_for_keys(consumer)
    listen_for_clocks(consumer)
    listen_for_sealing_keys(consumer)
    listen_to_customers(consumer, context)
    listen_to_billing(consumer)
    return consumer


def build_timers(context: Context) -> TimerLoop[EdgeTransaction]:
    timers = TimerLoop[EdgeTransaction](context.begin, context.live_now)
    keep_deadlines(timers)
    return timers
