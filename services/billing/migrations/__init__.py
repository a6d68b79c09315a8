"""How the database of billing came to its shape."""
