"""What this service does when a time has come."""
