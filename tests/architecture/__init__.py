"""The rules of the code, each checked by a test."""
