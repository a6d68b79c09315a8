"""A card gateway: it takes money, gives it back, and tells the truth only when asked again."""
