"""Fixtures that every test may ask for; each module says what it needs, and what happens where that is missing."""

from hypothesis import settings

pytest_plugins = (
    "tests.infrastructure.alertmanager",
    "tests.infrastructure.kafka",
    "tests.infrastructure.postgres",
)

# Speed is measured by the benchmarks: on a busy machine a property must not fail for being slow.
settings.register_profile("unhurried", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("unhurried")
