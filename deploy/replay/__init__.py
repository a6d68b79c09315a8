"""A telephone provider's real customers, carried through six years and compared with their file."""
