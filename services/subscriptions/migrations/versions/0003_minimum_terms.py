"""The minimum term of an offer, and of each subscription that was made from it; 0 is none."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for table in ("offers", "subscriptions"):
        op.execute(
            f"alter table {table} add column minimum_periods int not null default 0"
            " check (minimum_periods >= 0)"
        )
