"""What the fuzz targets begin with keeps every promise, with and without the fuzzer."""

import json
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import __main__ as fuzz
from tests.fuzz import campaign
from tests.fuzz.campaign import Heard, Ran
from tests.fuzz.targets import TARGETS, payloads, vary_json


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_of_a_target_keeps_its_promise(name: str) -> None:
    target = TARGETS[name]
    for seed in target.seeds():
        target.case(seed[: target.longest])


def test_the_shares_of_the_targets_make_a_whole() -> None:
    assert sum(target.share for target in TARGETS.values()) == pytest.approx(1)


def test_a_mapping_that_ships_has_a_payload_to_begin_with() -> None:
    assert len({number for number, _ in payloads()}) > 1


def test_an_input_that_is_json_varies_as_a_value_and_any_other_not_at_all() -> None:
    varied = {vary_json(b'\xffce_id: 1\n\n{"id": "a"}', Random(seed)) for seed in range(20)}
    assert len(varied) > 1
    assert {one.partition(b"\n\n")[0] for one in varied} == {b"\xffce_id: 1"}
    assert vary_json(b'\0{"id": "a"', Random(0)) == b'\0{"id": "a"'


def test_what_the_fuzzer_says_is_read_for_its_figures() -> None:
    heard = Heard()
    shown = [
        heard.take("INFO: Running with entropic power schedule (0xFF, 100)."),
        heard.take("#128\tNEW    cov: 9 ft: 10 corp: 2/2b lim: 4 exec/s: 0 rss: 90Mb L: 1/1 MS: 1 ChangeBit-"),
        heard.take("#4096\tpulse  cov: 1417 ft: 4539 corp: 94/57Kb lim: 1380 exec/s: 256 rss: 102Mb"),
        heard.take("stat::number_of_executed_units: 4565"),
    ]
    assert (shown, heard) == ([False, False, True, False], Heard(cases=4565, coverage=1417, features=4539))


def test_without_the_fuzzer_it_says_so_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert fuzz.main([]) == 3
    said = capsys.readouterr()
    assert (said.out, said.err.startswith("atheris is not installed")) == ("", True)


@pytest.mark.parametrize(("findings", "failed", "status"), [((), False, 0), (("crash-1",), False, 1), ((), True, 1)])
def test_each_target_has_a_line_of_json_and_a_finding_is_no_success(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    findings: tuple[str, ...],
    status: int,
    *,
    failed: bool,
) -> None:
    def ran(target: str, *, cases: int, seed: int, **_: object) -> Ran:
        return Ran(
            target=target, cases=cases, seconds=1.0, seed=seed, coverage=2, features=3, findings=findings, failed=failed
        )

    monkeypatch.setattr("importlib.util.find_spec", lambda _: True)
    monkeypatch.setattr(campaign, "run", ran)
    found = fuzz.main(["redaction", "intake", "--cases", "10", "--seed", "7", "--findings", str(tmp_path)])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["target"], line["cases"], line["seed"]) for line in lines] == [("redaction", 5, 7), ("intake", 5, 7)]
    assert [line["findings"] for line in lines] == [list(findings)] * 2
    assert found == status
