"""One command a file: load, let the domain decide, save what it said."""
