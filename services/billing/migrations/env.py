"""Alembic's entry: runs this service's revisions within the kernel's transaction."""

from shared.migrations import run_here

run_here()
