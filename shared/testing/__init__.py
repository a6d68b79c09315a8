"""The testing kit: fixtures as pytest plugins, and what they are made of."""
