"""Stories across services, in real processes."""
