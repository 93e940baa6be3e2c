"""The job that all peers of the race share: judge an event, and write what comes of it in one transaction.

It stands on pydantic, orjson and a database driver alone, never on the service, so that it runs in every peer's
environment. `judge` is steps 1, 3, 4 and 5; dedup, rows, alert and outbox are written by `own` (an ORM, per event) or
by `sql` (statements for a whole batch).
"""
