"""One real Kafka broker as a process of this machine."""
