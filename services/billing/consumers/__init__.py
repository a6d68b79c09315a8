"""What billing does when others speak."""
