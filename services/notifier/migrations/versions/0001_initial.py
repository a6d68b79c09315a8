"""The first tables: messages, what mails must know of others, and the private sealing keys."""

from alembic import op

from shared.schema import KERNEL_0001

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
    create table contacts(
        partner_id text not null,
        customer_id text not null,
        version bigint not null,
        name text not null,
        email text not null,
        email_ascii text not null,
        language text not null,
        timezone text not null,
        notifications_enabled boolean not null,
        primary key (partner_id, customer_id)
    )""",
    """
    create table brands(
        partner_id text primary key,
        version bigint not null,
        name text not null,
        support_email text not null,
        sandbox boolean not null,
        notifications_enabled boolean not null
    )""",
    """
    create table offers(
        partner_id text not null,
        code text not null,
        version bigint not null,
        name text not null,
        primary key (partner_id, code)
    )""",
    # Version 0: asked for and not heard of yet. Such a row is a lock and nothing else.
    """
    create table subscriptions(
        partner_id text not null,
        id text not null,
        version bigint not null default 0,
        customer_id text,
        bill_to text,
        status text,
        offer text,
        interval_unit text,
        interval_count int,
        currency text,
        total_minor bigint,
        timezone text,
        created_at timestamptz,
        next_boundary_at timestamptz,
        ends_at timestamptz,
        canceled_at timestamptz,
        holds text[],
        primary key (partner_id, id),
        constraint known_once_heard check (version = 0 or customer_id is not null)
    )""",
    """
    create table waiting_occasions(
        event_id text not null,
        what text not null,
        partner_id text not null,
        subscription_id text not null,
        facts jsonb not null,
        at timestamptz not null,
        actor text not null,
        correlation_id text not null,
        traceparent text,
        primary key (event_id, what)
    )""",
    "create index waiting_occasions_for on waiting_occasions(partner_id, subscription_id)",
    """
    create table messages(
        n bigint generated always as identity,
        id text primary key,
        partner_id text not null,
        customer_id text not null,
        subscription_id text,
        template text not null,
        facts jsonb not null,
        cause_event_id text not null,
        cause_at timestamptz not null,
        actor text not null,
        correlation_id text not null,
        traceparent text,
        since timestamptz not null,
        state text not null
            check (state in ('planned', 'queued', 'sending', 'sent', 'failed', 'suppressed')),
        version bigint not null default 0,
        seal_kid text,
        seal_jwe text,
        seal_expires_at timestamptz,
        attempts int not null default 0 check (attempts >= 0),
        retry_at timestamptz,
        lease_token text,
        lease_until timestamptz,
        detail text,
        ended_at timestamptz,
        constraint one_mail_a_cause unique (template, customer_id, cause_event_id),
        constraint under_way_means_leased check ((state = 'sending') = (lease_token is not null)),
        constraint ended_means_told check
            ((state in ('sent', 'failed', 'suppressed')) = (version > 0 and ended_at is not null)),
        constraint no_secret_after_the_end check (ended_at is null or seal_jwe is null)
    )""",
    "create index messages_queued on messages(n) where state = 'queued'",
    "create index messages_under_way on messages(lease_until) where state = 'sending'",
    """
    create index messages_planned on messages(partner_id, subscription_id)
    where state = 'planned'""",
    "create index messages_newest on messages(partner_id, n desc)",
    "create index messages_of_customer on messages(partner_id, customer_id, n desc)",
    """
    create table private_sealing_keys(
        kid text primary key,
        public_jwk text not null,
        private_jwk text not null,
        created_at timestamptz not null,
        expires_at timestamptz not null
    )""",
)


def upgrade() -> None:
    for statement in (*KERNEL_0001, *TABLES):
        op.execute(statement)
