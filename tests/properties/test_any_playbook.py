"""Whatever stands in a playbook's files, loading gives a playbook or faults with their places; nothing raises."""

import io
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from service.assets import playbooks
from tests.fuzz.mutation import mutated
from tests.fuzz.promises import keeps_loading
from tests.fuzz.targets import SMALLEST

few = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
RANDOM = st.randoms(use_true_random=False)
FILES = sorted(playbooks().glob("*/*.yaml"))
LINES = SMALLEST.splitlines(keepends=True)
SCRAPS = (
    *("&a ", "*a", "<<: *a", "- ", "? ", ": ", "!!python/object:os.system x", "!!binary aGk=", "!a b", "|\n", ">-\n"),
    *("---\n", "...\n", "%YAML 1.1\n", "\t", "\ufeff", "\u0085", "\u2028", "\x07", "'", '"', "\\", "{", "[", "}", "]"),
    *("999999999999999999", "1e99", ".inf", ".nan", "0x1F", "1_000", "yes", "2026-05-04", "~", "null", "x" * 3_000),
    *("\ud800", "\udcff", "#", "\n", "  ", "name: again\n", "include: [../x.yaml]\n", "include: {a: b}\n"),
)


def test_the_playbook_that_is_mangled_here_is_sound() -> None:
    assert keeps_loading({"p": SMALLEST}).faults == ()


@given(random=RANDOM, times=st.integers(1, 4))
@settings(few, max_examples=250)
def test_an_almost_right_text_loads_or_its_faults_have_places(random: Random, times: int) -> None:
    text = SMALLEST
    for _ in range(times):
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice(SCRAPS) + text[at + random.choice((0, 0, 1, 9)) :]
    keeps_loading({"p": text})


@given(random=RANDOM)
@settings(few, max_examples=120)
def test_lines_out_of_their_order_load_or_their_faults_have_places(random: Random) -> None:
    lines = [line for line in LINES if random.random() < 0.9]
    at, to = random.randrange(len(lines)), random.randrange(len(lines))
    lines[at], lines[to] = lines[to], lines[at]
    keeps_loading({"p": "".join(lines), "q": "".join(LINES[: random.randrange(4)])})


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
@given(random=RANDOM, times=st.integers(1, 3))
@settings(few, max_examples=6)
def test_a_shipped_file_with_a_wrong_value_loads_or_its_faults_have_places(
    file: Path, random: Random, times: int
) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_unicode = True
    written = io.StringIO()
    yaml.dump(_plain(mutated(yaml.load(file), random, times)), written)
    keeps_loading({file.name: written.getvalue()})


@given(text=st.text(max_size=80) | st.lists(st.sampled_from(SCRAPS), max_size=12).map("".join))
@settings(few, max_examples=300)
def test_any_text_loads_or_its_faults_have_places(text: str) -> None:
    keeps_loading({"p": text})


def _plain(value: object) -> object:
    """Leave out what YAML's writer has no form for."""
    if isinstance(value, dict):
        return {str(name).encode(errors="replace").decode(): _plain(held) for name, held in value.items()}
    if isinstance(value, list):
        return [_plain(held) for held in value]
    return value.encode(errors="replace").decode()[:2_000] if isinstance(value, str) else value
