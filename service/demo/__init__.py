"""The demo: nine weeks of a retailer's life as a seeded stream of events, and a table of what becomes of it."""
