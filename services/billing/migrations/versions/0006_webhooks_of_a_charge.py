"""An index for what was told of a charge whose own answer has come."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("create index webhooks_of_a_charge on webhooks(key) where state = 'stored'")
