"""Categorisation: labels first, then keywords, and the automaton against a plain search of the same semantics."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.categorise import CategoryRules, categorise, compile_rules
from service.core.records.feedback import Categorised
from service.core.records.words import CategoryMethod
from service.core.text import fold

RULES = compile_rules(
    (
        CategoryRules(
            category="delivery",
            labels=("Late Parcel", "shared"),
            keywords={"en": ("delivery", "late delivery"), "de": ("lieferung",), "*": ("dhl",)},
            exclude=("delivery note*",),
        ),
        CategoryRules(
            category="refund",
            labels=("refund", "shared"),
            keywords={"en": ("refund*", "money back"), "de": ("rückerstattung",), "zh": ("退款",), "th": ("คืนเงิน",)},
        ),
        CategoryRules(category="invoice", keywords={"en": ("invoice",), "fr": ("straße",)}),
        CategoryRules(category="account", keywords={"en": ("log in", "c++")}),
    )
)
UNMAPPED = Categorised(category="unmapped", confidence=0.0, method=CategoryMethod.NONE)


def keyword(category: str, *matched: str, confidence: float = 2 / 3) -> Categorised:
    return Categorised(
        category=category,
        confidence=confidence,
        method=CategoryMethod.KEYWORD,
        categories=(category,),
        matched=matched,
    )


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("My DELIVERY!", "en", keyword("delivery", "delivery")),
        ("My delivery", "en-GB", keyword("delivery", "delivery")),
        ("My delivery", "de", UNMAPPED),
        ("Die Lieferung", "und", keyword("delivery", "lieferung")),
        ("Die Lieferung", None, keyword("delivery", "lieferung")),
        ("DHL", "fi", keyword("delivery", "dhl")),
        ("redelivery, deliveryman", "en", UNMAPPED),
        ("Late\n  delivery", "en", keyword("delivery", "late delivery", "delivery", confidence=3 / 3.5)),
        ("delivery delivery", "en", keyword("delivery", "delivery")),
        ("the delivery notes say delivery", "en", UNMAPPED),
        ("refunded", "en", keyword("refund", "refund*")),
        ("nonrefundable", "en", UNMAPPED),
        ("ＲＥＦＵＮＤ", "en", keyword("refund", "refund*")),
        ("RÜCKERSTATTUNG", "de", keyword("refund", "rückerstattung")),
        ("Rückerstattungen", "de", UNMAPPED),
        ("STRASSE", "fr", keyword("invoice", "strasse")),
        ("我要退款了", "zh", keyword("refund", "退款")),
        ("ขอคืนเงินด้วย", "th", keyword("refund", "คืนเงิน", confidence=3 / 3.5)),
        ("C++.", "en", keyword("account", "c++")),
        ("no refund, please", "en", keyword("refund", "refund*")),
        ("nothing of note", "en", UNMAPPED),
        ("\ud800\0", "en", UNMAPPED),
        ("", "en", UNMAPPED),
    ],
)
def test_a_text_is_known_by_whole_words_of_its_language(text: str, language: str | None, expected: Categorised) -> None:
    assert categorise(RULES, (), text, language) == expected


def test_a_label_outweighs_the_text_which_adds_further_categories() -> None:
    assert categorise(RULES, ("vip", " LATE  parcel"), "Where is my invoice, and the money back?", "en") == Categorised(
        category="delivery",
        confidence=1.0,
        method=CategoryMethod.LABEL,
        categories=("delivery", "refund", "invoice"),
        matched=("late parcel",),
    )


def test_labels_of_two_categories_share_the_confidence_and_the_taxonomy_decides() -> None:
    assert categorise(RULES, ("refund", "late parcel"), "", "en") == Categorised(
        category="delivery",
        confidence=0.5,
        method=CategoryMethod.LABEL,
        categories=("delivery", "refund"),
        matched=("late parcel",),
    )


def test_the_category_with_more_labels_comes_first() -> None:
    assert categorise(RULES, ("shared", "refund"), "", None) == Categorised(
        category="refund",
        confidence=2 / 3,
        method=CategoryMethod.LABEL,
        categories=("refund", "delivery"),
        matched=("refund", "shared"),
    )


def test_a_tie_of_keywords_goes_to_the_category_declared_first_at_half_the_confidence() -> None:
    assert categorise(RULES, (), "invoice, delivery", "en") == Categorised(
        category="delivery",
        confidence=1 / 3,
        method=CategoryMethod.KEYWORD,
        categories=("delivery", "invoice"),
        matched=("delivery",),
    )


def test_no_more_than_three_categories_are_named() -> None:
    result = categorise(RULES, (), "delivery refund invoice log in", "en")
    assert result.categories == ("account", "delivery", "refund")


@pytest.mark.parametrize(
    "empty", [(), (CategoryRules(category="a", labels=(" ",), keywords={"en": ("*", "")}, exclude=("",)),)]
)
def test_rules_without_words_leave_everything_unmapped(empty: tuple[CategoryRules, ...]) -> None:
    assert categorise(compile_rules(empty), ("", "*"), "anything *", "en") == UNMAPPED


# A small alphabet in which words collide often: letters, some that fold, a digit, a vowel sign, two scripts without
# spaces, and what stands between words.
LETTERS = st.text(st.sampled_from("abAßé1ि款คﬁ '-"), min_size=1, max_size=4)
KEYWORDS = st.tuples(LETTERS, st.sampled_from(["", "*"])).map("".join)
LANGUAGES = st.sampled_from(["en", "de", "*"])
CATEGORIES = st.lists(
    st.builds(
        CategoryRules,
        category=st.sampled_from("pqrs"),
        labels=st.lists(LETTERS, max_size=2).map(tuple),
        keywords=st.dictionaries(LANGUAGES, st.lists(KEYWORDS, max_size=3).map(tuple), max_size=2),
        exclude=st.lists(KEYWORDS, max_size=1).map(tuple),
    ),
    max_size=4,
    unique_by=lambda rules: rules.category,
)


@given(
    CATEGORIES,
    st.lists(LETTERS, max_size=2),
    st.lists(LETTERS, max_size=8).map("".join),
    st.sampled_from(["en", "de", None]),
)
def test_the_automaton_says_what_a_plain_search_says(
    categories: list[CategoryRules], labels: list[str], text: str, language: str | None
) -> None:
    assert categorise(compile_rules(categories), labels, text, language) == plain_search(
        categories, labels, text, language
    )


def plain_search(categories: list[CategoryRules], labels: list[str], text: str, language: str | None) -> Categorised:
    given_labels = {fold(label) for label in labels}
    named = [sorted({fold(label) for label in one.labels} & given_labels - {""}) for one in categories]
    said = [words_met(one, fold(text), language) for one in categories]
    totals = [sum(words.values()) for words in said]
    places = range(len(categories))
    by_label = [place for place in sorted(places, key=lambda place: -len(named[place])) if named[place]]
    by_keyword = [place for place in sorted(places, key=lambda place: -totals[place]) if totals[place]]
    ranking = (by_label + [place for place in by_keyword if place not in by_label])[:3]
    if not ranking:
        return UNMAPPED
    first = ranking[0]
    best, rival, *_ = *sorted(totals, reverse=True), 0
    confidence = len(named[first]) / sum(map(len, named)) if by_label else best / (best + rival) * best / (best + 0.5)
    by_weight = sorted(said[first], key=lambda word: (-said[first][word], word))
    return Categorised(
        category=categories[first].category,
        confidence=confidence,
        method=CategoryMethod.LABEL if by_label else CategoryMethod.KEYWORD,
        categories=tuple(categories[place].category for place in ranking),
        matched=tuple((named[first] if by_label else by_weight)[:8]),
    )


def words_met(rules: CategoryRules, text: str, language: str | None) -> Mapping[str, int]:
    if any(meets(fold(word), text) for word in rules.exclude):
        return {}
    spoken = [words for tag, words in rules.keywords.items() if language is None or tag in {language, "*"}]
    return {fold(word): weight(fold(word)) for words in spoken for word in words if meets(fold(word), text)}


def meets(word: str, text: str) -> bool:
    bare = word.removesuffix("*").rstrip()
    starts = [at for at in range(len(text)) if bare and text.startswith(bare, at)]
    return any(apart(text, at) and (word.endswith("*") or apart(text, at + len(bare))) for at in starts)


def apart(text: str, at: int) -> bool:
    joined = "abßé1िfsi"
    return not (0 < at < len(text) and text[at - 1] in joined and text[at] in joined)


def weight(word: str) -> int:
    bare = word.removesuffix("*").rstrip()
    return max(len(bare.split(" ")), (bare.count("款") + bare.count("ค")) // 2)
