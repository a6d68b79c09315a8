"""The rules: which mail follows from what, when it goes out, and how a message ends."""
