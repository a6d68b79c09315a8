"""Bugs that must be noticed: each is put into a running service, never into its code."""
