"""What runs the platform and its surroundings: on this machine, in tests, in containers."""
