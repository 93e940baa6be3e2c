"""Fixtures that every test may ask for; each module says what it needs, and what happens where that is missing."""

pytest_plugins = (
    "tests.infrastructure.alertmanager",
    "tests.infrastructure.chromium",
    "tests.infrastructure.kafka",
    "tests.infrastructure.postgres",
)
