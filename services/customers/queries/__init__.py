"""The read side: SQL to frozen rows, no lock and no aggregate."""
