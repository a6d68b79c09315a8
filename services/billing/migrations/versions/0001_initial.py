"""What is billable, and the numbered documents about it, with the constraints that guard them."""

from alembic import op

from shared.schema import KERNEL_0001

revision = "0001"
down_revision = None

CONTRACTS = (
    """
    create table contracts(
        subscription_id text primary key,
        partner_id text not null,
        checkout_id text,
        correlation_id text not null,
        terms jsonb not null,
        gateway text,
        method_ref text,
        anchor_on date,
        anchor_no int,
        periods_opened int not null check (periods_opened >= 0),
        periods_granted int not null check (periods_granted >= 0),
        renews_at timestamptz,
        timers_no int not null,
        is_rejected boolean not null,
        version bigint not null,
        standing text not null check (standing in ('current', 'retrying', 'grace', 'exhausted')),
        paid_through timestamptz,
        open_invoice_id text,
        next_attempt_at timestamptz,
        grace_until timestamptz,
        check ((gateway is null) = (method_ref is null)),
        check ((anchor_on is null) = (anchor_no is null))
    )""",
    "create index contracts_by_checkout on contracts(partner_id, checkout_id)",
    """
    create table opened_periods(
        subscription_id text not null references contracts,
        period_no int not null check (period_no >= 0),
        partner_id text not null,
        starts_at timestamptz not null,
        ends_at timestamptz not null check (ends_at > starts_at),
        opened_by text not null check (opened_by in ('payment', 'free', 'trial', 'manual')),
        invoice_id text,
        constraint one_opening_a_period primary key (subscription_id, period_no)
    )""",
    # Two transactions that speak of one checkout, whichever is first, take turns at its row.
    """
    create table checkouts(
        partner_id text not null,
        checkout_id text not null,
        rejected_at timestamptz,
        primary key (partner_id, checkout_id)
    )""",
    """
    create table claimed_references(
        gateway text not null,
        reference text not null,
        partner_id text not null,
        checkout_id text not null,
        constraint one_owner_a_reference primary key (gateway, reference)
    )""",
    """
    create table partners(
        partner_id text primary key,
        timezone text not null,
        version bigint not null
    )""",
)

DOCUMENTS = (
    """
    create table number_series(
        partner_id text not null,
        kind text not null check (kind in ('invoice', 'credit_note')),
        year int not null,
        last_seq bigint not null,
        last_issued_at timestamptz not null,
        primary key (partner_id, kind, year)
    )""",
    """
    create table invoices(
        id text primary key,
        partner_id text not null,
        subscription_id text not null,
        bill_to text not null,
        currency text not null,
        total_minor bigint not null check (total_minor > 0),
        paid_minor bigint not null check (paid_minor >= 0),
        credited_minor bigint not null check (credited_minor between 0 and total_minor),
        period_no int not null,
        period_start timestamptz not null,
        period_end timestamptz not null check (period_end > period_start),
        due_at timestamptz not null,
        issued_at timestamptz not null,
        series_year int not null,
        series_seq bigint not null,
        number text not null,
        status text not null check (status in ('open', 'paid', 'void', 'uncollectible')),
        attempts int not null check (attempts >= 0),
        settled_by text check (settled_by in ('gateway', 'manual')),
        gateway text,
        reference text,
        constraint one_invoice_a_number unique (partner_id, series_year, series_seq),
        check ((status = 'paid') = (settled_by is not null)),
        check (status <> 'paid' or paid_minor = total_minor)
    )""",
    "create index invoices_by_subscription on invoices(subscription_id, period_no)",
    "create index invoices_by_partner on invoices(partner_id, id)",
    # PostgreSQL's own ranges stand in for the extension btree_gist, which not every server has.
    'create type name_range as range (subtype = text, collation = "C")',
    """
    create table invoice_lines(
        identity text not null,
        invoice_id text not null references invoices,
        partner_id text not null,
        subscription_id text not null,
        item_id text not null,
        product text not null,
        quantity int not null check (quantity > 0),
        unit_price_minor bigint not null check (unit_price_minor >= 0),
        amount_minor bigint not null check (amount_minor = quantity * unit_price_minor),
        period_start timestamptz not null,
        period_end timestamptz not null,
        is_reversed boolean not null default false,
        primary key (invoice_id, identity),
        constraint one_charge_at_a_time exclude using gist (
            name_range(subscription_id || '/' || item_id, subscription_id || '/' || item_id, '[]')
                with =,
            tstzrange(period_start, period_end) with &&
        ) where (not is_reversed)
    )""",
    "create unique index one_charge_an_identity on invoice_lines(identity) where not is_reversed",
    """
    create table credit_notes(
        id text primary key,
        partner_id text not null,
        invoice_id text not null references invoices,
        subscription_id text not null,
        bill_to text not null,
        currency text not null,
        total_minor bigint not null check (total_minor > 0),
        reason text not null,
        issued_at timestamptz not null,
        series_year int not null,
        series_seq bigint not null,
        number text not null,
        constraint one_credit_note_a_number unique (partner_id, series_year, series_seq)
    )""",
)


def upgrade() -> None:
    for statement in (*KERNEL_0001, *CONTRACTS, *DOCUMENTS):
        op.execute(statement)
