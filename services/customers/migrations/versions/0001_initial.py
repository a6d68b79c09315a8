"""The kernel's tables and all that this service owns."""

from alembic import op

from shared.schema import KERNEL_0001

revision = "0001"
down_revision = None

TABLES = (
    """
    create table partners(
        id text primary key,
        version bigint not null check (version > 0),
        sandbox boolean not null,
        name text not null,
        timezone text not null,
        country text not null,
        currency text not null,
        support_email text not null,
        notifications_enabled boolean not null,
        created_at timestamptz not null
    )""",
    """
    create table test_clocks(
        id text primary key,
        partner_id text not null references partners,
        version bigint not null check (version > 0),
        status text not null check (status in ('ready', 'advancing', 'failed')),
        step bigint not null,
        phase int not null,
        round bigint not null,
        now timestamptz not null,
        target timestamptz not null,
        turn text not null,
        moved_at timestamptz not null,
        answers jsonb not null,
        failure jsonb,
        constraint a_failed_clock_says_why check ((status = 'failed') = (failure is not null)),
        constraint one_clock_a_partner unique (partner_id),
        constraint a_clock_never_overshoots check (now <= target)
    )""",
    """
    create table sources(
        id text primary key,
        partner_id text not null references partners,
        uri text not null,
        trusted_for_prices boolean not null,
        signing_key text,
        created_at timestamptz not null,
        constraint one_partner_a_source unique (uri)
    )""",
    "create index sources_of_partner on sources(partner_id, id)",
    # The kernel's api_keys is what every service knows of keys; this is what their owner knows.
    """
    create table issued_keys(
        id text primary key,
        partner_id text not null references partners,
        version bigint not null check (version > 0),
        hash text not null unique,
        hint text not null,
        scopes text[] not null,
        status text not null check (status in ('active', 'revoked')),
        created_at timestamptz not null
    )""",
    "create index issued_keys_of_partner on issued_keys(partner_id, id)",
    """
    create table operators(
        id text primary key,
        partner_id text not null references partners,
        email text not null,
        email_ascii text not null,
        email_key text not null,
        name text not null,
        role text not null,
        scopes text[] not null,
        password_hash text not null,
        created_at timestamptz not null,
        constraint one_operator_an_address unique (partner_id, email_key)
    )""",
    # Names are hashes: who tried to sign in from where is nobody's business afterwards.
    """
    create table sign_in_buckets(
        name text primary key,
        tokens double precision not null,
        at timestamptz not null
    )""",
    "create index sign_in_buckets_idle on sign_in_buckets(at)",
    """
    create table known_addresses(
        pair text primary key,
        at timestamptz not null
    )""",
    """
    create table signing_keys(
        kid text primary key,
        private_jwk text not null,
        public_jwk text not null,
        created_at timestamptz not null,
        expires_at timestamptz not null
    )""",
    """
    create table customers(
        id text primary key,
        partner_id text not null,
        version bigint not null check (version > 0),
        reference text,
        type text not null check (type in ('individual', 'organization')),
        name text not null,
        email text not null,
        email_ascii text not null,
        email_key text not null,
        phone text,
        vat_number text,
        address jsonb,
        timezone text not null,
        language text not null,
        notifications_enabled boolean not null,
        sign_in_enabled boolean not null,
        claims_email boolean not null,
        told_at timestamptz not null,
        created_at timestamptz not null,
        constraint recognised_by_something check (claims_email or reference is not null)
    )""",
    """
    create unique index one_customer_a_reference on customers(partner_id, reference)
    where reference is not null""",
    """
    create unique index one_customer_an_address on customers(partner_id, email_key)
    where claims_email""",
    "create index customers_of_partner on customers(partner_id, id)",
    "create index customers_by_email on customers(partner_id, email_key)",
    """
    create table checkouts(
        id text primary key,
        partner_id text not null,
        reference text not null,
        source text not null,
        digest bytea not null,
        status text not null check (status in ('accepted', 'fulfilled', 'rejected')),
        version bigint not null check (version > 0),
        customer_id text,
        offer text not null,
        currency text not null,
        items jsonb not null,
        timezone text not null,
        price_trusted boolean not null,
        payment jsonb not null,
        metadata jsonb not null,
        subscription_id text,
        rejection jsonb,
        received_at timestamptz not null,
        ended_at timestamptz,
        constraint one_checkout_a_reference unique (partner_id, reference),
        constraint a_rejected_checkout_says_why
            check ((status = 'rejected') = (rejection is not null)),
        constraint an_ended_checkout_says_when
            check ((status = 'accepted') = (ended_at is null)),
        constraint a_good_checkout_has_a_customer
            check (status = 'rejected' or customer_id is not null)
    )""",
    "create index checkouts_of_partner on checkouts(partner_id, id)",
    "create index checkouts_of_customer on checkouts(partner_id, customer_id)",
)


def upgrade() -> None:
    for statement in (*KERNEL_0001, *TABLES):
        op.execute(statement)
