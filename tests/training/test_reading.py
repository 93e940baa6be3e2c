"""LABELLED is read line by line: redacted, and every fault with its line and what to do about it."""

import orjson
import pytest

from service.training import Labelled, LineFault, read_labelled


def _read(*lines: object) -> tuple[list[Labelled], list[LineFault]]:
    found, faults = read_labelled([orjson.dumps(line) for line in lines], "GB")
    return list(found), list(faults)


def test_a_line_may_say_everything() -> None:
    line = {
        "id": 7,
        "text": "late again",
        "language": "en",
        "question": "How was it?",
        "labels": ["delivery", "delivery", "staff"],
        "severity": 60,
        "sentiment": -0.5,
        "group": 12,
        "team": "ignored",
    }
    assert _read(line) == (
        [
            Labelled(
                id="7",
                text="late again",
                language="en",
                question="How was it?",
                labels=("delivery", "staff"),
                severity=60,
                sentiment=-0.5,
                group="12",
                number=1,
            )
        ],
        [],
    )


def test_text_and_question_are_redacted() -> None:
    ((line,), _) = _read({"id": "1", "text": "write to jo@example.org", "question": "Dear jo@example.org?"})
    assert (line.text, line.question) == ("write to [email]", "Dear [email]?")


def test_a_blank_line_is_none_and_counts() -> None:
    found, faults = read_labelled([b"\n", b'{"id": "1", "text": "a"}\n'], "GB")
    assert ([one.number for one in found], list(faults)) == ([2], [])


def test_an_id_that_stands_twice_names_both_lines() -> None:
    _, faults = _read({"id": "1", "text": "a"}, {"id": 1, "text": "b"})
    assert faults == [LineFault(2, "id '1' stands in line 1 as well: give each its own.")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["id"], "no object"),
        ({"text": "a"}, "`id` is not there"),
        ({"id": "1"}, "`text` is not there"),
        ({"id": "1", "text": 5}, "`text` is not there"),
        ({"id": "1", "text": "a", "labels": "card"}, "`labels` is no list"),
        ({"id": "1", "text": "a", "labels": [""]}, "`labels` is no list"),
        ({"id": "1", "text": "a", "severity": 101}, "`severity` is no number from 0 to 100"),
        ({"id": "1", "text": "a", "severity": True}, "`severity` is no number from 0 to 100"),
        ({"id": "1", "text": "a", "sentiment": "good"}, "`sentiment` is no number from -1 to 1"),
        ({"id": "1", "text": "a", "question": 3}, "`question` is no text"),
        ({"id": "1", "text": "a", "group": ["en", 1]}, "`group` is no text or number"),
    ],
)
def test_a_line_at_fault_says_what_to_do(line: object, said: str) -> None:
    found, (fault,) = _read(line)
    assert (found, fault.number) == ([], 1)
    assert said in fault.message


def test_what_is_no_json_says_so() -> None:
    assert "This is no JSON" in read_labelled([b"{"], "GB")[1][0].message
