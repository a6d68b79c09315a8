"""Judges a history from the outside; it knows the published words and nothing of the services."""
