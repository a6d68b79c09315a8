"""Other platforms, measured on the same machine in the same run."""
