"""Stand-ins for what is outside the platform; they import nothing of it and keep their own books."""
