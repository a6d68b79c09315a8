"""Calls to the gateway: claimed, made with no transaction open, settled."""
