"""Runs the migrations of the customers database."""

from shared.migrations import run_here

run_here()
