"""The loops: they move records, time and outbox rows between ports, and decide nothing."""
