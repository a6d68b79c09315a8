"""Outwards: the database, the published events, the gateway."""
