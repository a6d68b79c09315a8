"""Alembic's entry; the kernel runs it within its lock."""

from shared.migrations import run_here

run_here()
