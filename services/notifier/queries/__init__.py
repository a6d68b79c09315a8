"""The read side: rows for people, without locks."""
