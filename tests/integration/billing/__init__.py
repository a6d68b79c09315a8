"""Billing on a real database and with the real stand-in of the gateway."""
