"""Orders that must be paid first, each answered once; their invoices bear their names."""

from alembic import op

revision = "0003"
down_revision = "0002"

ORDERS = (
    """
    create table orders(
        id text primary key,
        partner_id text not null,
        subscription_id text not null,
        gate text check (gate in ('payment', 'none')),
        total_minor bigint check (total_minor >= 0),
        currency text,
        subscription_version bigint,
        expires_at timestamptz,
        actor text,
        state text not null check (
            state in ('waiting', 'charging', 'cleared', 'declined', 'canceled')),
        constraint heard_of_unless_canceled check (state = 'canceled' or (
            gate is not null and total_minor is not null and currency is not null
            and subscription_version is not null and expires_at is not null and actor is not null))
    )""",
    """
    create index orders_to_answer on orders(subscription_id)
    where state in ('waiting', 'charging')""",
    "alter table invoices add column order_id text references orders",
    "create index invoices_by_order on invoices(order_id) where order_id is not null",
    "alter table payment_attempts drop constraint payment_attempts_cause_check",
    """
    alter table payment_attempts add constraint known_cause check (
        cause in ('first', 'renewal', 'retry', 'extra', 'manual', 'captured', 'order'))""",
    "alter table opened_periods drop constraint opened_periods_opened_by_check",
    """
    alter table opened_periods add constraint known_opening check (
        opened_by in ('payment', 'free', 'trial', 'manual', 'grant'))""",
)


def upgrade() -> None:
    for statement in ORDERS:
        op.execute(statement)
