"""The customers service: partners and who may act for them, checkouts, and customer accounts."""
