"""The kernel's tables and all that this service owns."""

from alembic import op

from shared.schema import KERNEL_0001

revision = "0001"
down_revision = None

TABLES = (
    """
    create table offers(
        partner_id text not null,
        code text not null,
        id text not null unique,
        version bigint not null check (version > 0),
        name text not null,
        interval_unit text not null check (interval_unit in ('day', 'week', 'month', 'year')),
        interval_count int not null check (interval_count > 0),
        trial_days int not null check (trial_days >= 0),
        end_of_term text not null check (end_of_term in ('suspend', 'terminate')),
        products jsonb not null,
        primary key (partner_id, code)
    )""",
    """
    create table orders(
        id text primary key,
        partner_id text not null,
        kind text not null check (kind in ('new')),
        status text not null check (status in ('applied', 'refused')),
        checkout_id text not null,
        subscription_id text,
        refusal jsonb,
        placed_at timestamptz not null,
        version bigint not null check (version >= 0),
        constraint one_order_a_checkout unique (partner_id, checkout_id),
        constraint refused_with_a_reason check ((status = 'refused') = (refusal is not null)),
        constraint applied_to_a_subscription
            check ((status = 'applied') = (subscription_id is not null))
    )""",
    """
    create table rejected_checkouts(
        partner_id text not null,
        checkout_id text not null,
        primary key (partner_id, checkout_id)
    )""",
    """
    create table subscriptions(
        partner_id text not null,
        id text not null unique,
        customer_id text not null,
        bill_to text not null,
        checkout_id text,
        checkout_reference text,
        offer text not null,
        interval_unit text not null check (interval_unit in ('day', 'week', 'month', 'year')),
        interval_count int not null check (interval_count > 0),
        currency text not null,
        timezone text not null,
        trial_days int not null check (trial_days >= 0),
        end_of_term text not null check (end_of_term in ('suspend', 'terminate')),
        created_at timestamptz not null,
        version bigint not null check (version > 0),
        status text not null check (status in ('created', 'trialing', 'active', 'past_due',
            'grace', 'suspended', 'canceled', 'terminated')),
        facet text not null check (facet in ('created', 'trialing', 'active', 'ending', 'past_due',
            'grace', 'suspended', 'ended', 'canceled', 'terminated')),
        items jsonb not null,
        first_opened_at timestamptz,
        activated_at timestamptz,
        anchor_on date,
        anchor_period_no int,
        running_no int,
        running_since timestamptz,
        opened jsonb not null,
        settled jsonb not null,
        granted int not null check (granted >= 0),
        grants jsonb not null,
        covered_until timestamptz,
        ends_at timestamptz,
        canceled_at timestamptz,
        terminated_at timestamptz,
        holds jsonb not null,
        standing jsonb not null,
        obeyed jsonb not null,
        primary key (partner_id, id),
        constraint one_subscription_a_checkout unique (partner_id, checkout_id),
        constraint anchored_when_activated check ((activated_at is null) = (anchor_on is null)),
        constraint suspended_while_held
            check (status <> 'suspended' or jsonb_array_length(holds) > 0)
    )""",
    "create index subscriptions_newest on subscriptions(partner_id, created_at desc, id desc)",
    "create index subscriptions_of_customer on subscriptions(partner_id, customer_id)",
    """
    create table subscription_history(
        partner_id text not null,
        subscription_id text not null,
        version bigint not null,
        type text not null,
        status text not null,
        kind text not null,
        reason text,
        actor text not null,
        at timestamptz not null,
        causation_id text not null,
        correlation_id text not null,
        primary key (partner_id, subscription_id, version)
    )""",
    """
    create table accounts(
        partner_id text not null,
        subscription_id text not null,
        wanted_version bigint not null,
        told_version bigint not null default 0,
        status text not null check (status in ('enabled', 'disabled', 'deleted')),
        plan text not null,
        configuration jsonb not null,
        expires_at timestamptz not null,
        is_open boolean not null default false,
        actor text not null,
        causation_id text not null,
        correlation_id text not null,
        traceparent text,
        lease text,
        leased_until timestamptz,
        attempts int not null default 0,
        next_at timestamptz not null,
        last_answer text,
        primary key (partner_id, subscription_id)
    )""",
    "create index accounts_to_tell on accounts(next_at) where told_version < wanted_version",
)


def upgrade() -> None:
    for statement in (*KERNEL_0001, *TABLES):
        op.execute(statement)
