"""An index for the kernel's timers that have failed; there are few."""

from alembic import op

from shared.schema import KERNEL_0002

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for statement in KERNEL_0002:
        op.execute(statement)
