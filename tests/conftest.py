"""Takes the testing kit in; nothing is imported from here."""

pytest_plugins = ["shared.testing.proof", "shared.testing.kafka", "shared.testing.postgres"]
