"""Payments and what follows a failed one, refunds, webhooks, and the ledger that only grows."""

from alembic import op

revision = "0002"
down_revision = "0001"

PAYMENTS = (
    """
    create table payment_attempts(
        id text primary key,
        key text not null constraint one_attempt_a_key unique,
        partner_id text not null,
        subscription_id text not null,
        invoice_id text not null references invoices,
        n int not null check (n > 0),
        amount_minor bigint not null check (amount_minor > 0),
        currency text not null,
        gateway text not null,
        method_ref text not null,
        cause text not null check (
            cause in ('first', 'renewal', 'retry', 'extra', 'manual', 'captured')),
        actor text not null,
        created_at timestamptz not null,
        state text not null check (state in (
            'created', 'sent', 'unknown', 'needs_review', 'succeeded', 'failed', 'called_off')),
        reference text,
        code text,
        is_hard boolean not null,
        lease_token uuid,
        lease_until timestamptz,
        sent_at timestamptz,
        next_at timestamptz,
        calls int not null default 0,
        looks int not null default 0,
        check ((state = 'succeeded') = (reference is not null))
    )""",
    """
    create unique index one_open_attempt_an_invoice on payment_attempts(invoice_id)
    where state in ('created', 'sent', 'unknown', 'needs_review')""",
    """
    create unique index one_attempt_a_reference on payment_attempts(gateway, reference)
    where reference is not null""",
    "create index attempts_to_send on payment_attempts(id) where state = 'created'",
    "create index attempts_to_find on payment_attempts(id) where state in ('sent', 'unknown')",
    "create index attempts_by_partner on payment_attempts(partner_id, id)",
    """
    create table dunnings(
        invoice_id text constraint one_dunning_an_invoice primary key references invoices,
        partner_id text not null,
        subscription_id text not null,
        state text not null check (state in ('retrying', 'grace', 'exhausted', 'closed')),
        grace_until timestamptz not null,
        retries jsonb not null
    )""",
    """
    create unique index one_running_dunning_a_subscription on dunnings(subscription_id)
    where state <> 'closed'""",
    """
    create table verifications(
        subscription_id text primary key references contracts,
        partner_id text not null,
        gateway text not null,
        reference text not null,
        amount_minor bigint not null check (amount_minor > 0),
        currency text not null,
        asked_at timestamptz not null,
        state text not null check (state in ('asked', 'confirmed', 'refused', 'called_off')),
        lease_token uuid,
        lease_until timestamptz,
        next_at timestamptz,
        first_look_at timestamptz,
        looks int not null default 0
    )""",
    "create index verifications_to_find on verifications(subscription_id) where state = 'asked'",
    """
    create table refunds(
        id text primary key,
        key text not null constraint one_refund_a_cause unique,
        partner_id text not null,
        subscription_id text,
        checkout_id text,
        bill_to text,
        gateway text not null,
        reference text not null,
        amount_minor bigint check (amount_minor > 0),
        currency text,
        reason text not null,
        is_booked boolean not null,
        state text not null check (state in (
            'ordered', 'pending', 'succeeded', 'failed', 'nothing_left', 'needs_review')),
        version bigint not null,
        correlation_id text not null,
        ordered_at timestamptz not null,
        lease_token uuid,
        lease_until timestamptz,
        next_at timestamptz,
        calls int not null default 0
    )""",
    "create index refunds_to_send on refunds(id) where state in ('ordered', 'pending')",
    "create index refunds_by_partner on refunds(partner_id, id)",
    """
    create table webhooks(
        gateway text not null,
        id text not null,
        type text not null,
        key text,
        reference text,
        body bytea not null,
        received_at timestamptz not null,
        state text not null check (state in ('stored', 'handled')),
        lease_token uuid,
        lease_until timestamptz,
        next_at timestamptz,
        looks int not null default 0,
        detail text,
        constraint one_webhook_an_id primary key (gateway, id)
    )""",
    "create index webhooks_to_handle on webhooks(received_at) where state = 'stored'",
)

LEDGER = (
    """
    create table ledger_transactions(
        cause text constraint booked_once primary key,
        partner_id text not null,
        kind text not null,
        booked_at timestamptz not null
    )""",
    """
    create table ledger_entries(
        cause text not null references ledger_transactions,
        n smallint not null,
        partner_id text not null,
        account text not null,
        bill_to text,
        currency text not null,
        amount_minor bigint not null check (amount_minor <> 0),
        primary key (cause, n)
    )""",
    "create index entries_by_account on ledger_entries(partner_id, account, currency)",
    """
    create function refuse_unbalanced_entries() returns trigger language plpgsql as $$
    begin
        if exists (select from fresh group by cause, currency having sum(amount_minor) <> 0) then
            raise exception 'ledger entries do not add up to zero'
                using errcode = 'check_violation', constraint = 'entries_add_up_to_zero';
        end if;
        return null;
    end $$""",
    # The entries of a transaction come in one statement, so no moment exists in which they do not
    # add up; a trigger for each row, put off to the commit, would promise less at ten times the cost.
    """
    create trigger entries_add_up_to_zero after insert on ledger_entries
    referencing new table as fresh for each statement
    execute function refuse_unbalanced_entries()""",
    """
    create function refuse_change() returns trigger language plpgsql as $$
    begin
        raise exception 'the ledger is only ever added to'
            using errcode = 'check_violation', constraint = 'append_only';
    end $$""",
    """
    create trigger append_only before update or delete on ledger_entries
    for each statement execute function refuse_change()""",
    """
    create trigger append_only before update or delete on ledger_transactions
    for each statement execute function refuse_change()""",
)


def upgrade() -> None:
    for statement in (*PAYMENTS, *LEDGER):
        op.execute(statement)
