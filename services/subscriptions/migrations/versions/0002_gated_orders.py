"""Orders that wait for billing before they change a subscription; one at a time on each."""

from alembic import op

revision = "0002"
down_revision = "0001"

ORDERS = (
    "alter table orders drop constraint orders_kind_check",
    "alter table orders drop constraint orders_status_check",
    "alter table orders drop constraint applied_to_a_subscription",
    """
    alter table orders
        alter column checkout_id drop not null,
        add column gate text check (gate in ('payment', 'none')),
        add column items jsonb,
        add column currency text,
        add column total_minor bigint check (total_minor >= 0),
        add column subscription_version bigint,
        add column expires_at timestamptz,
        add column is_cleared boolean not null default false,
        add column period jsonb,
        add constraint known_kind check (kind in ('new', 'resume')),
        add constraint known_status check (status in ('placed', 'applied', 'refused', 'canceled')),
        add constraint new_by_a_checkout check ((kind = 'new') = (checkout_id is not null)),
        add constraint applied_to_a_subscription check (
            kind <> 'new' or (status = 'applied') = (subscription_id is not null)),
        add constraint gated_with_its_terms check (kind = 'new' or (
            subscription_id is not null and gate is not null and items is not null
            and currency is not null and total_minor is not null
            and subscription_version is not null and expires_at is not null))""",
    """
    create unique index one_waiting_order_a_subscription on orders(partner_id, subscription_id)
    where status = 'placed'""",
)


def upgrade() -> None:
    for statement in ORDERS:
        op.execute(statement)
