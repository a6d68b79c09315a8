"""What needs neither a database nor a broker."""
