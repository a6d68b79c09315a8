"""What billing does, one act a file; each over a set."""
