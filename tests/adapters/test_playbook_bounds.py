"""How large a playbook's files may be, at the limit and beyond, and what used to happen without one."""

import time
import tracemalloc
from collections.abc import Mapping
from pathlib import Path

import pytest

from service.adapters.playbook_files import load, load_text
from service.adapters.playbook_files.gathering import MAX_FILES, MAX_TOTAL_BYTES
from service.adapters.playbook_files.yaml_reading import MAX_BYTES, MAX_CHARACTERS, MAX_DEPTH, MAX_VALUES
from tests.fuzz.targets import SMALLEST

SECONDS = 10.0
MEBIBYTE = 1 << 20


def messages(documents: Mapping[str, str]) -> list[str]:
    return [f"{fault.file}:{fault.line}:{fault.column}: {fault.message}" for fault in load_text(documents).faults]


def padded(size: int) -> str:
    return SMALLEST + "#" * (size - len(SMALLEST.encode()))


def test_a_file_is_taken_to_its_limit_and_refused_beyond() -> None:
    assert messages({"p": padded(MAX_BYTES)}) == []
    assert messages({"p": padded(MAX_BYTES + 1)}) == [f"p:1:1: the file is larger than {MAX_BYTES} bytes; split it"]


def test_files_are_taken_to_what_they_may_hold_together_and_refused_beyond() -> None:
    rest = {f"q{at}": "#" * MAX_BYTES for at in range(3)}
    assert messages({"p": padded(MAX_TOTAL_BYTES - 3 * MAX_BYTES), **rest}) == []
    assert messages({"p": padded(MAX_BYTES), **rest, "r": "#"}) == [
        f"r:1:1: the files together are larger than {MAX_TOTAL_BYTES} bytes; shorten them"
    ]


def test_so_many_files_are_taken_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "p000.yaml").write_text(SMALLEST)
    for at in range(1, MAX_FILES):
        (tmp_path / f"p{at:03}.yaml").write_text("")
    assert load(tmp_path).faults == ()
    (tmp_path / "q.yaml").write_text("")
    (fault,) = load(tmp_path).faults
    assert (fault.file, fault.message) == (str(tmp_path / "q.yaml"), f"a playbook has at most {MAX_FILES} files")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f"tests: [{'1,' * MAX_VALUES}]",
            f"more than {MAX_VALUES} values; split the playbook",
            id="values",
        ),
        pytest.param(
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
            f"more than {MAX_VALUES} values once aliases are expanded",
            id="a billion laughs",
        ),
        pytest.param(
            "a: &a [x]\n" + "".join(f"a{at}: &a{at} [[[[[*a{at - 1 if at else ''}]]]]]\n" for at in range(9)),
            f"more than {MAX_DEPTH} levels of nesting once aliases are expanded",
            id="deep by aliases",
        ),
        pytest.param("name: " + "[" * (MAX_DEPTH + 1), f"more than {MAX_DEPTH} levels of nesting", id="deep"),
        pytest.param(
            f"a: &a {'x' * 700_000}\nfatigue: {{wait: [{'*a,' * 2_000}]}}",
            f"more than {MAX_CHARACTERS} characters once aliases are expanded",
            id="a long text as a value, many times",
        ),
        pytest.param(
            f"a: &a {'x' * 700_000}\nb: {{{'*a : 1,' * 2_000}}}",
            f"more than {MAX_CHARACTERS} characters once aliases are expanded",
            id="a long text as a key, many times",
        ),
        pytest.param(
            f"a: &a [{'x' * 300_000}]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]",
            f"more than {MAX_CHARACTERS} characters once aliases are expanded",
            id="a long text in lists of lists",
        ),
    ],
)
def test_a_playbook_that_grows_by_its_aliases_is_refused_before_it_does(text: str, expected: str) -> None:
    began = time.process_time()
    assert expected in [fault.message for fault in load_text({"p": text}).faults]
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("form", ["fatigue: {{wait: [{}]}}", "b: {{{}}}", "routes: {{match: {{process: [{}]}}}}"])
def test_a_long_text_behind_many_aliases_used_to_take_gigabytes(form: str) -> None:
    text = f"a: &a {'x' * 200_000}\n" + form.format(("*a : 1," if form.startswith("b") else "*a,") * 2_000)
    tracemalloc.start()
    for _ in range(2):
        assert load_text({"p": text}).playbook is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 * MEBIBYTE


def test_a_text_behind_an_alias_or_two_is_no_fault() -> None:
    text = SMALLEST.replace(
        "name: Late\n", f"name: Late\n    run_for: 1h\n    events: &events [{{event: {{a: {'x' * 9_000}}}}}]\n"
    )
    assert "characters" not in "".join(messages({"p": text}))


def test_a_format_that_names_a_part_twice_used_to_raise_from_loading() -> None:
    (fault,) = load_text({"p": SMALLEST.replace('"%d/%m/%Y"', '"%d/%d/%Y"')}).faults
    assert (fault.path, fault.message) == (
        ("sources", "tool", "time", "default"),
        "'%d/%d/%Y' names a part of the time twice",
    )
