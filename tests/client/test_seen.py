"""What was handled is no news; one suite for both ways to remember it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.client import Seen, SeenHere, SeenInFile


@pytest.fixture(params=["here", "file"])
def seen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Seen]:
    if request.param == "here":
        yield SeenHere()
        return
    with SeenInFile(tmp_path / "seen.db") as one:
        yield one


def test_a_revision_is_news_until_it_or_a_later_one_was_handled(seen: Seen) -> None:
    assert not seen.is_news("a", 0)
    assert seen.is_news("a", 1)
    seen.keep("a", 2)
    seen.keep("a", 1)
    assert [seen.is_news("a", revision) for revision in (1, 2, 3)] == [False, False, True]
    assert seen.is_news("b", 1)


def test_a_file_remembers_over_a_restart(tmp_path: Path) -> None:
    with SeenInFile(tmp_path / "seen.db") as before:
        before.keep("a", 3)
    with SeenInFile(tmp_path / "seen.db") as after:
        assert (after.is_news("a", 3), after.is_news("a", 4)) == (False, True)


def test_what_was_handled_longest_ago_is_forgotten_first() -> None:
    seen = SeenHere(most=2)
    for about in ("a", "b", "a", "c"):
        seen.keep(about, 1)
    assert [seen.is_news(about, 1) for about in ("a", "b", "c")] == [False, True, False]
