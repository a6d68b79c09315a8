"""What the ports are made of: SQL, contracts, hashes, registries."""
