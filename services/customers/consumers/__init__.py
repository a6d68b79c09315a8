"""What this service does when others speak."""
