import gc
from collections.abc import Iterator

import pytest

from service.runtime.collector import spare_what_stays


@pytest.fixture(autouse=True)
def _the_collector_as_it_was() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_lives_is_out_of_the_collectors_sight_and_what_comes_is_not() -> None:
    spare_what_stays()
    assert gc.get_freeze_count() > 0
    newcomer: list[object] = []
    newcomer.append(newcomer)
    assert any(one is newcomer for one in gc.get_objects())
