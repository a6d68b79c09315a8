"""The four services as they are built, over a bus, an outside world and a clock that a test moves."""
