"""Mechanisms and contracts that two services need; no business rule lives here."""
