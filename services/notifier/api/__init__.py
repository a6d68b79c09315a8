"""HTTP for operators and a partner's own systems."""
