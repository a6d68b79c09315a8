"""Measures the platform against what the machine can do at all, in one and the same run."""
