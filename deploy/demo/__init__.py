"""The first minute: two hundred checkouts, two billing cycles, and what came of them."""
