"""Billing: what is owed, what was paid, and which periods may run."""
