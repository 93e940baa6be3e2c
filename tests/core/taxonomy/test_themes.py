"""Texts that share their telling words are one theme."""

from hypothesis import given
from hypothesis import strategies as st

from service.core.taxonomy.themes import MOST_READ, Spoken, Theme, themes

LOCKERS = [
    "The locker screen stayed black and would not open",
    "Locker screen black again, nothing would open",
    "Screen of the locker black, my parcel stuck inside",
]
GIFTS = ["No gift wrapping was offered", "I paid for gift wrapping and got none", "Gift wrapping came torn"]
ALONE = "What a strange colour this carpet has"


def spoken(*texts: str) -> list[Spoken]:
    return [Spoken(text=text, voice=f"v{at}") for at, text in enumerate(texts)]


def test_texts_about_one_thing_are_one_theme_and_what_is_like_nothing_is_none() -> None:
    found = themes(spoken(LOCKERS[0], GIFTS[0], ALONE, LOCKERS[1], GIFTS[1], LOCKERS[2], GIFTS[2], LOCKERS[0]))
    assert [one.members for one in found] == [(0, 3, 5, 7), (1, 4, 6)]
    assert {"black", "locker", "screen"} < set(found[0].words)
    assert found[1].words == ("gift", "wrapping")


def test_a_word_is_shown_that_three_people_have_written() -> None:
    texts = [Spoken(text=f"Ms Example kept the garden gate shut {at}", voice="one") for at in range(5)]
    assert themes(texts) == (Theme(members=(0, 1, 2, 3, 4), words=()),)


def test_scripts_without_spaces_are_read_by_their_letters() -> None:
    (theme,) = themes(spoken("荷物が壊れていた", "荷物が壊れて届いた", "荷物が壊れた"))
    assert theme.members == (0, 1, 2)


def test_nothing_is_no_theme() -> None:
    assert themes([]) == ()
    assert themes(spoken("", "12 34", ALONE)) == ()


@given(st.lists(st.text(alphabet="ab cdeé 壊れ", max_size=30), max_size=40))
def test_each_text_is_in_one_theme_at_most_and_themes_are_the_same_each_time(texts: list[str]) -> None:
    found = themes(spoken(*texts))
    members = [at for one in found for at in one.members]
    assert len(members) == len(set(members))
    assert found == themes(spoken(*texts))
    assert all(len(one.members) > 1 for one in found)


def test_what_comes_after_so_many_is_not_read() -> None:
    (theme,) = themes(spoken(*(["locker black"] * (MOST_READ - 9) + ["gift"] + ["locker black"] * 30)))
    assert len(theme.members) == MOST_READ - 1
