"""HTML to text, cleaning, shortening and folding: exact results, and what holds for any string."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.text import clean, fold, html_to_text, is_word_edge, shorten, visible

ANY_TEXT = st.text(st.characters(exclude_categories=()))
MARKUP = st.lists(
    st.sampled_from(
        ["<", ">", "<p>", "</p>", "<br/>", "<script>", "</script>", "<!--", "-->", "<![", "<!doctype", "<?", "</",
         "<a b=", '"', "'", "=", "&", "&#", "&lt;", "&#0;", "&#xD800;", "9" * 5000, "text", " ",
         "\n", "\0", "\ud800", "é"]
    )
).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("no markup", "no markup"),
        ("<p>Late &amp; <b>bro</b>ken.</p>\n<p>Refund?</p>", "Late & broken.\n\nRefund?"),
        ("one<br>two<BR />three", "one\ntwo\nthree"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("<tr><td>Order</td><td>SO-5531</td></tr>", "Order SO-5531"),
        ("a<script>if (a</b>) {}</script>b<style>p{}</style >c", "abc"),
        ("a<script>never closed", "a"),
        ("a<!-- <p>hidden</p> -->b", "ab"),
        ('<a title="1 > 0">link</a>', "link"),
        ("<a title='unclosed>link</a>", "link"),
        ("2 < 3 and 3 > 2", "2 < 3 and 3 > 2"),
        ("kept <b although never closed", "kept <b although never closed"),
        ("kept <!-- although never closed", "kept <!-- although never closed"),
        ("a<![if !supportLists]>b<![endif]><?xml?></>c", "abc"),
        ("&lt;b&gt; &nbsp;&euro;5 &#8364; &unknown;", "<b> €5 € &unknown;"),
        ("&#" + "9" * 5000 + ";", "\ufffd"),
        ("<div>" * 9 + "deep" + "</div>" * 9, "deep"),
    ],
)
def test_html_reads_as_its_reader_would_see_it(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


@pytest.mark.parametrize(
    "piece", ["<a ", "<a b='", '<a b="', "<!--", "<![CDATA[", "</", "<div>", "<script></scrip", "<b> </b>", "&#", "<?"]
)
def test_a_hostile_document_costs_no_more_than_its_length(piece: str) -> None:
    # The standard library's parser would need minutes for one of these; the suite's own time is the limit here.
    assert len(html_to_text(piece * 50_000)) <= len(piece) * 50_000


@given(MARKUP | ANY_TEXT)
def test_any_markup_gives_text_with_paragraphs_no_further_apart_than_one_blank_line(markup: str) -> None:
    text = html_to_text(markup)
    assert text == text.strip()
    assert "\n\n\n" not in text
    assert "  " not in text


def test_cleaning_leaves_only_what_can_be_seen() -> None:
    assert visible("a\0b\x1b[1m\r\nc\rd\u2028e\tf\u200b\u202e\ufeffg\ud800\x85") == "ab[1m\nc\nd\ne\tfg\ufffd\n"


@given(ANY_TEXT, st.integers(0, 200))
def test_clean_text_is_bounded_stable_and_free_of_controls(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert clean(cleaned, limit) == cleaned
    assert not [c for c in cleaned if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t"]


@pytest.mark.parametrize(
    ("limit", "kept"),
    [(40, "Charged to 4111 1111 1111 1111 yesterday"), (35, "Charged to"), (25, "Charged to"), (9, "Charged")],
)
def test_shortening_leaves_no_half_word_and_no_half_number(limit: int, kept: str) -> None:
    assert shorten("Charged to 4111 1111 1111 1111 yesterday", limit) == kept


def test_a_text_without_spaces_is_shortened_where_the_limit_is() -> None:
    assert shorten("退款还没有到账", 4) == "退款还没"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Third\n TIME  ", "third time"),
        ("Straße", "strasse"),
        ("ＲＥＦＵＮＤ", "refund"),
        ("didn’t", "didn't"),
        ("A\ud800é", "a\ufffdé"),
        ("ﬁne İ", "fine i̇"),
        ("e" + "\u0301" * 50_000, "é" + "\u0301" * 29),
    ],
)
def test_folding_makes_equal_what_readers_take_as_equal(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(ANY_TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "at", "edge"),
    [
        ("refund", 0, True),
        ("refund", 6, True),
        ("refund", 3, False),
        ("no refund", 3, True),
        ("no-refund", 3, True),
        ("v2", 1, False),
        ("要退款", 1, True),
        ("我的ups包裹", 2, True),
        ("ขอเงินคืน", 2, True),
        ("पैसा", 1, False),
        ("", 0, True),
    ],
)
def test_words_end_where_letters_digits_and_marks_do(text: str, at: int, *, edge: bool) -> None:
    assert is_word_edge(text, at) is edge
