"""Runs the migrations of the subscriptions database."""

from shared.migrations import run_here

run_here()
