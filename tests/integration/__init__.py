"""What needs a database or a broker."""
