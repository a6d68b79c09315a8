"""A service panel: it opens, changes and closes the accounts by which customers use a service."""
