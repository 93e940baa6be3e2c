from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.picture import picture

_SVG = "{http://www.w3.org/2000/svg}"


def week(last: str, x: int, expected: float = 1.0, low: int = 0, high: int = 3) -> dict[str, Any]:
    return {"last": last, "x": x, "expected": expected, "low": low, "high": high}


EVIDENCE = {
    "window": ["2026-04-27", "2026-05-10"],
    "says": "12 counted in 14 days where 2.0 were to be expected.",
    "course": [week("2026-04-26", 1), week("2026-05-03", 4), week("2026-05-10", 8)],
}


def drawn(title: str, evidence: dict[str, Any]) -> ET.Element:
    svg = picture(title, evidence)
    assert svg is not None
    return ET.fromstring(svg)  # noqa: S314 - our own picture


def bars(root: ET.Element) -> list[tuple[float, str | None]]:
    return [(float(one.get("height", 0)), one.get("fill")) for one in root.findall(f"{_SVG}rect")[1:]]


def test_each_week_is_a_bar_as_high_as_its_count_and_the_window_is_dark() -> None:
    heights = bars(drawn("Local adjustment", EVIDENCE))
    assert [fill for _, fill in heights] == ["#9aa8bd", "#b4232a", "#b4232a"]
    assert [height / heights[0][0] for height, _ in heights] == pytest.approx([1, 4, 8], rel=0.01)


def test_the_picture_is_told_to_who_can_not_see_it() -> None:
    root = drawn("Late <parcels> & more", EVIDENCE)
    assert root.findtext(f"{_SVG}title") == "Late <parcels> & more"
    assert root.findtext(f"{_SVG}desc") == (
        "12 counted in 14 days where 2.0 were to be expected. Week by week: 1 where 0 to 3 were usual, "
        "4 where 0 to 3 were usual, 8 where 0 to 3 were usual."
    )


def test_a_review_without_weeks_has_no_picture() -> None:
    assert picture("An old one", {"window": ["2026-05-04", "2026-05-10"], "x": 3}) is None
    assert picture("None at all", {}) is None


@given(
    st.lists(st.tuples(st.integers(0, 100_000), st.floats(0, 1e5), st.integers(0, 200_000)), min_size=1, max_size=12),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=200),
)
def test_whatever_was_counted_stays_within_the_frame(weeks: list[tuple[int, float, int]], title: str) -> None:
    course = [week(f"2026-05-{at + 10}", x, expected, 0, high) for at, (x, expected, high) in enumerate(weeks)]
    root = drawn(title, {"window": ["2026-05-10", "2026-05-12"], "course": course})
    for one in root.findall(f"{_SVG}rect")[1:]:
        top = float(one.get("y", -1))
        assert top >= 0
        assert top + float(one.get("height", -1)) <= 180
    assert len(root.findall(f"{_SVG}text")) <= 12


def test_nothing_counted_at_all_is_drawn_flat() -> None:
    flat = {"window": ["2026-05-04", "2026-05-10"], "course": [week("2026-05-10", 0, 0.0, 0, 0)]}
    assert bars(drawn("Quiet", flat)) == [(0.0, "#b4232a")]
