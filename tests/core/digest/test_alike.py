"""Which texts say much the same, in words, in few words, and in scripts without spaces."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.digest.alike import MOST_COMPARED, voices

LATE = "My kettle is 5 days late and nobody can say where it is."


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(LATE, LATE.upper(), id="case"),
        pytest.param(LATE, "“My kettle: is 5 days late — and nobody can say where it is”", id="punctuation"),
        pytest.param(LATE, "My toaster is 11 days late and nobody can say where it is.", id="a word and a figure"),
        pytest.param(LATE, f"Hello, {LATE} Please call me.", id="a greeting and an end"),
        pytest.param("Too slow", "way too slow!", id="three words"),
        pytest.param("Don't know", "dont know", id="an apostrophe"),
        pytest.param("The parcel never came.", "The parcel never arrived.", id="four words of which one differs"),
        pytest.param("😡😡", "😡😡", id="no words at all"),
        pytest.param("荷物がまだ届いていません。", "荷物がまだ届いていません!!", id="Japanese"),
        pytest.param(
            "配達が三日も遅れていて困っています",
            "配達が三日も遅れていて本当に困っています",
            id="Japanese with a word more",
        ),
        pytest.param("พัสดุยังไม่มาถึงเลย", "พัสดุ ยังไม่มาถึงเลยค่ะ", id="Thai"),
        pytest.param("遅い", "遅い。", id="two letters"),
        pytest.param("मेरा पार्सल अभी तक नहीं आया", "मेरा पार्सल अभी तक नहीं पहुँचा।", id="Hindi"),
    ],
)
def test_texts_that_say_much_the_same_are_told_once(first: str, second: str) -> None:
    assert list(voices([first, second], 3)) == [(first, 2)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(LATE, "My kettle arrived broken and nobody answers the phone.", id="another complaint"),
        pytest.param("Refund is late", "Delivery is late", id="another thing in three words"),
        pytest.param("Late", "Rude", id="another word"),
        pytest.param("荷物がまだ届いていません", "対応がとても失礼でした", id="another complaint in Japanese"),
        pytest.param("遅い", "Slow", id="another script"),
        pytest.param("😡", "🙂", id="another face"),
    ],
)
def test_texts_that_say_something_else_are_told_both(first: str, second: str) -> None:
    assert list(voices([first, second], 3)) == [(first, 1), (second, 1)]


def test_what_resembles_nothing_shown_comes_before_what_does() -> None:
    again = "My kettle is 5 days late and nobody can say where it is. I have called three times and I am fed up by now."
    assert list(voices([LATE, again, again, "Rude."], 2)) == [(LATE, 1), ("Rude.", 1)]
    assert list(voices([LATE, again, again], 2)) == [(LATE, 1), (again, 2)]


def test_blank_texts_are_nobody_s_voice() -> None:
    assert list(voices(["", " \n", "Late"], 3)) == [("Late", 1)]


@given(st.lists(st.text(max_size=40), max_size=20), st.integers(1, 4))
def test_each_text_is_counted_at_most_once_and_what_is_shown_differs(texts: list[str], most: int) -> None:
    shown = list(voices(texts, most))
    said = [one for one in texts if one.strip()]
    assert len(shown) <= most
    assert [text for text, _ in shown[:1]] == said[:1]
    assert sum(count for _, count in voices(texts, len(texts) + 1)) == len(said)
    assert [count for _, count in voices([text for text, _ in shown], most)] == [1] * len(shown)


def test_the_longest_list_of_texts_that_all_differ_is_read_in_a_moment() -> None:
    texts = [
        " ".join(f"{chr(97 + at % 26)}{chr(97 + at // 26)}w{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(55))
        for at in range(600)
    ]
    began = time.process_time()
    assert len(list(voices(texts, 3))) == 3
    assert time.process_time() - began < 2.0


def test_what_comes_after_two_hundred_texts_is_not_read() -> None:
    assert list(voices([LATE] * (MOST_COMPARED + 1), 3)) == [(LATE, MOST_COMPARED)]
