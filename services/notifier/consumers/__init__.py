"""What this service does when another one speaks."""
