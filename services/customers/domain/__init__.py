"""The rules: pure, without time, I/O or framework."""
