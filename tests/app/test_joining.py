"""How many processes a command has: those beside the first can only decide."""

from collections.abc import Collection

import pytest

from service.app.cores import usable_cores
from service.app.joining import processes_of
from service.settings import Role, read_settings


@pytest.mark.parametrize(
    ("asked", "roles", "processes"),
    [
        ("1", Role, 1),
        ("3", Role, 3),
        ("3", [Role.WORKER], 3),
        ("3", [Role.API, Role.RELAY], 1),
        ("auto", Role, usable_cores()),
    ],
)
def test_only_a_service_that_decides_has_several_processes(asked: str, roles: Collection[Role], processes: int) -> None:
    settings = read_settings({"DATABASE_URL": "-", "KAFKA_BOOTSTRAP_SERVERS": "-"}, embedded=True, processes=asked)
    assert processes_of(settings, tuple(roles)) == processes
