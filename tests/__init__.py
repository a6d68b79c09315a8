"""What is promised, as tests: by what they need to run (see README.md)."""
