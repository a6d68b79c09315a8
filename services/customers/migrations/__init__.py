"""The customers database over time."""
