"""Mails to customers: what they are told, when, and what became of each message."""
