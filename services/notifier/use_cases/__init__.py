"""What this service can do, one file each."""
