"""The composition root: the only module that knows every part of this service."""

from dataclasses import replace

from services.notifier.adapters.letter_renderer import LetterRenderer
from services.notifier.adapters.mail import Sender
from services.notifier.adapters.post import SmtpPost
from services.notifier.adapters.private_key_repository import generate_key
from services.notifier.adapters.smtp_pool import SmtpPool, SmtpServer
from services.notifier.adapters.sql_transaction import begin_with
from services.notifier.api.routes import routes
from services.notifier.consumers.billing import listen_to_billing
from services.notifier.consumers.customers import listen_to_customers
from services.notifier.consumers.subscriptions import listen_to_subscriptions
from services.notifier.context import Context, EdgeTransaction
from services.notifier.intents.deliver import deliveries
from services.notifier.queries.messages import OPEN_MAILS
from services.notifier.settings import Settings
from services.notifier.timers.mails import queue_mails_when_due
from services.notifier.timers.sealing_keys import keep_keys_at_start, keep_keys_when_due
from shared.access import Access, listen_for_keys
from shared.clock import system_now
from shared.closed_secrets import Lock, key_of
from shared.consumer import Consumer
from shared.database import Database
from shared.process import Service
from shared.test_clock import listen_for_clocks
from shared.timer_loop import TimerLoop
from shared.transaction import Transactions

NAME = "notifier"
MAILS_A_CONNECTION = 4


def build(settings: Settings) -> Service:
    database = Database(settings.database_url, name=NAME, pool_size=settings.pool_size)
    transactions = Transactions(database, f"/perennial/{NAME}")
    post = _post(settings)
    lock = Lock(key_of(settings.sealing_key_secret), "PERENNIAL_NOTIFIER__SEALING_KEY_SECRET")
    begin = begin_with(transactions, post.sender.domain, lock)
    context = Context(begin, post, post.render, generate_key)
    in_sets = replace(
        context, begin=begin_with(transactions, post.sender.domain, lock, in_sets=True)
    )
    access = Access(transactions.begin, lambda: system_now().timestamp())
    return Service(
        NAME,
        transactions,
        build_consumer(in_sets),
        build_timers(context),
        [
            deliveries(
                in_sets,
                system_now,
                MAILS_A_CONNECTION * settings.smtp_connections,
                settings.turns_a_second,
            )
        ],
        [routes(context, access)],
        access,
        OPEN_MAILS,
        turns_a_second=settings.turns_a_second,
        on_start=lambda: keep_keys_at_start(context),
        on_stop=post.close,
    )


def build_consumer(context: Context) -> Consumer[EdgeTransaction]:
    consumer = Consumer[EdgeTransaction](context.begin)
    listen_to_customers(consumer)
    listen_to_subscriptions(consumer)
    listen_to_billing(consumer)
    listen_for_keys(consumer)
    listen_for_clocks(consumer)
    return consumer


def build_timers(context: Context) -> TimerLoop[EdgeTransaction]:
    timers = TimerLoop[EdgeTransaction](context.begin)
    queue_mails_when_due(timers)
    keep_keys_when_due(timers, context)
    return timers


def _post(settings: Settings) -> SmtpPost:
    password = settings.smtp_password
    live = SmtpServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_tls,
        settings.smtp_username,
        password.get_secret_value() if password else None,
    )
    sandbox = SmtpServer(settings.sandbox_smtp_host, settings.sandbox_smtp_port)
    size = settings.smtp_connections
    return SmtpPost(
        LetterRenderer(), Sender(settings.mail_from), SmtpPool(live, size), SmtpPool(sandbox, size)
    )
