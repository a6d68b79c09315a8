"""Calls to the outside: the mail server."""
