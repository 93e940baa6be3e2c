"""The guides: they list what there is, their examples run, their figures are the code's, and their links lead on."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.adapters.memory import MemoryStore
from service.adapters.meter import SHAPES
from service.adapters.playbook_files import gathering, load_text, yaml_reading
from service.api import bodies, connections, guard
from service.api.services import MOST_POLLS, MOST_REHEARSALS
from service.app.instruments import INSTRUMENTS
from service.core.assess import assess
from service.core.contracts import screen, values
from service.core.deliver.attempts import FIRST_WAIT, LONGEST_WAIT, MOST_ATTEMPTS
from service.core.deliver.gate import FAILURES, FIRST_REST
from service.core.digest import MOST_ALERTS, MOST_GROUPS
from service.core.digest.alike import MOST_COMPARED
from service.core.explain import MOST_ROUTES, Why
from service.core.explain.differ import MOST_OWNERS
from service.core.explain.document import Applies, Differences, Standing
from service.core.mapping import body
from service.core.mapping import expressions as mapping_expressions
from service.core.mapping.payload import MAX_TEXTS
from service.core.pipeline import cleaning, refused
from service.core.pipeline.rules import compile_playbook
from service.core.playbook import expressions
from service.core.playbook.model import Contradictions, Fatigue
from service.core.playbook.severity import SeverityRules
from service.core.playbook.volume import Downtimes, Reviews, Volume
from service.core.pseudonym import PseudonymKey
from service.core.records.feedback import Feedback, Metric
from service.core.records.words import (
    Attempted,
    Change,
    DigestReason,
    Disposition,
    FeedbackKind,
    FeedbackReason,
    NoticeReason,
    SlaReason,
    Unsent,
    Verdict,
    Wait,
)
from service.core.volume import DowntimeMode, EvidenceFlag
from service.core.weigh import compile_words, weigh
from service.runtime import telling
from service.runtime.delivery import LEASE
from service.runtime.relay import ROWS
from service.runtime.suite import run_case
from service.settings import PREFIX, Settings
from tests.builders import make_playbook
from tests.chaos.faults import FAULTS

TREE = Path(__file__).parents[2]
DOCS = TREE / "deploy" / "docs"
PAGES = (*sorted(DOCS.glob("*.md")), TREE / "README.md", TREE / "CONTRIBUTING.md")
AT = datetime(2026, 5, 4, 9, tzinfo=UTC)
KEY = PseudonymKey(key_id="t", secret=b"of the tests alone")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(name: str, title: str) -> str:
    """Return what stands under a heading, up to the next of its rank."""
    return page(name).split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of every table row but heads and rulers."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return [row for at, row in enumerate(cells) if not set("".join(row)) <= set("-: ") and not _is_head(cells, at)]


def _is_head(cells: list[list[str]], at: int) -> bool:
    return at + 1 < len(cells) and set("".join(cells[at + 1])) <= set("-: ")


def coded(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def fragments() -> list[dict[str, Any]]:
    return [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", page("playbook.md"), re.DOTALL)]


async def differences(document: dict[str, Any]) -> list[str]:
    loaded = load_text({"playbook.yaml": yaml.safe_dump(document, allow_unicode=True)})
    assert loaded.playbook is not None, loaded.faults
    rules = compile_playbook(loaded.playbook, instruments=INSTRUMENTS)
    outcomes = [await run_case(case, rules, KEY, MemoryStore) for case in loaded.playbook.tests]
    return [difference for outcome in outcomes for difference in outcome.differences]


async def test_the_smallest_playbook_of_the_guide_passes_its_check() -> None:
    assert await differences(fragments()[0]) == []


async def test_the_parts_that_the_guide_shows_make_a_playbook_that_passes_its_check() -> None:
    document: dict[str, Any] = {"version": 1, "name": "The guide's"}
    for fragment in fragments()[1:]:
        document |= fragment
    # What its routes name besides.
    document["taxonomy"] += [{"id": name, "label": {"en": name}} for name in ("product_safety", "recall")]
    teams = ("cx-operations", "arbitration", "product-quality", "legal-risk", "vip-care")
    document["teams"] += [{"id": name, "name": name} for name in teams]
    assert await differences(document) == []


SCALES = {"NPS": ("nps", 0, 10), "CSAT": ("csat", 1, 5), "ease": ("ces", 1, 7), "thumb": ("binary", 0, 1)}


def feedback_of(case: str) -> Feedback:
    word, number = case.split(maxsplit=1)[0], re.search(r"\d", case)
    metrics: tuple[Metric, ...] = ()
    if word in SCALES:
        kind, low, high = SCALES[word]
        raw = float(number[0]) if number and kind != "binary" else 0.0
        metrics = (Metric(kind=kind, raw=raw, scale_min=low, scale_max=high, higher_is_better=True),)
    said = [text for mark, text in (("negative word", "rude"), ("hot word", "cancel")) if mark in case]
    return Feedback(
        event_id="e",
        source="/s",
        subject="response/r",
        revision=1,
        occurred_at=AT,
        received_at=AT,
        kind=FeedbackKind.TICKET if "ticket" in case else FeedbackKind.SURVEY,
        change=Change.STATE,
        event_type="",
        text=" ".join(said),
        language="en",
        metrics=metrics,
        priority=word if "ticket" in case else None,
        tier="gold" if "priority tier" in case else None,
    )


@pytest.mark.parametrize(("case", "score", "severity"), rows(section("severity.md", "The formula")))
def test_the_cases_of_the_severity_guide_come_out_as_it_says(case: str, score: str, severity: str) -> None:
    rules = SeverityRules.model_validate(
        {
            "priority_tiers": ["gold"],
            "hot_words": [{"id": "cancel", "words": {"en": ["cancel"]}}],
            "sentiment": {"en": {"negative": ["rude"]}},
        }
    )
    feedback = feedback_of(case)
    found = assess(feedback, weigh(feedback, compile_words(rules), rules), 3 if "third contact" in case else 1, rules)
    assert (found.score, found.severity) == (float(score), severity)


def test_the_thresholds_of_the_volume_guide_are_the_defaults() -> None:
    rows_of = rows(section("volume.md", "The cuts"))
    told = {tick: tuple(float(figure) for figure in figures) for tick, *figures in rows_of}
    volumes = {tick: Volume.model_validate({"tick": tick}) for tick in ("weekly", "daily")}
    assert told == {tick: (*one.cuts(), *one.sibling_cuts(), one.recurrence_cut()) for tick, one in volumes.items()}


def test_the_dates_of_the_volume_guide_are_the_defaults() -> None:
    told = {row[0].strip("`"): row[1:] for row in rows(section("volume.md", "Following up"))[:2]}
    defaults = Reviews()
    assert told == {
        name: ["not asked for" if days is None else str(days) for days in (steps.owner, steps.cause, steps.action)]
        for name, steps in (("local", defaults.local), ("formal", defaults.formal))
    }


def test_what_the_playbook_guide_shows_of_downtime_and_contradictions_are_the_defaults() -> None:
    shown = next(one for one in fragments() if "contradictions" in one)
    assert Downtimes.model_validate(shown["volume"]["downtime"]) == Downtimes()
    asked = Contradictions.model_validate(shown["contradictions"])
    assert asked == Contradictions(arbiter=asked.arbiter)


def test_the_alert_guide_names_every_reason_of_a_contradiction_s_sides() -> None:
    told = set(coded(section("alerts.md", "Contradictions")))
    assert {*SlaReason, *FeedbackReason} <= told


def test_the_volume_guide_names_every_flag_and_every_mode_of_downtime() -> None:
    told = set(coded(page("volume.md")))
    assert {*EvidenceFlag, *DowntimeMode} - {EvidenceFlag.SMALL_SUBGROUP} <= told


def test_the_timers_of_the_alert_guide_are_the_defaults() -> None:
    told = {coded(name)[0]: meant(default) for name, default, _ in rows(section("alerts.md", "Timers"))}
    no_timers = {"floor", "ack_expiry", "claim_lease", "calendar", "budget", "flapping", "outcome"}
    limits = Fatigue().model_dump(exclude=no_timers)
    assert told == {name: value if isinstance(value, tuple) else (value,) for name, value in limits.items()}


def meant(text: str) -> tuple[timedelta | int, ...]:
    """Read durations such as `24 h, 72 h`, or a plain number."""
    seconds = {"s": 1, "min": 60, "h": 3600, "d": 86400}
    durations = re.findall(r"(\d+) (s|min|h|d)\b", text)
    return tuple(timedelta(seconds=int(count) * seconds[unit]) for count, unit in durations) or (int(text),)


def test_the_alert_guide_names_every_verdict_and_every_reason() -> None:
    verdicts = [coded(row[0])[0] for row in rows(section("alerts.md", "Verdicts"))]
    assert verdicts == [verdict.value for verdict in Verdict]
    told = section("alerts.md", "When a team is told")
    further = coded(next(line for line in told.splitlines() if "Two more reasons" in line))
    said = {*(coded(row[0])[0] for row in rows(told)), *further}
    assert said >= {reason.value for reason in NoticeReason}


def test_the_alert_guide_names_what_holds_a_notice_back_in_the_order_of_the_decision() -> None:
    told = [coded(row[0])[0] for row in rows(section("alerts.md", "What holds a notice back"))]
    assert told == [
        wait.value
        for wait in (Wait.FLAPPING, Wait.INHIBITED, Wait.SILENCED, Wait.SNOOZED, Wait.QUIET_HOURS, Wait.OVER_BUDGET)
    ]


def test_the_alert_guide_names_every_reason_and_bound_of_a_digest() -> None:
    told = section("alerts.md", "Digests")
    assert {*DigestReason} <= set(coded(told))
    bounds = (f"first {MOST_ALERTS} alerts", f"{MOST_GROUPS} groups at most", f"first {MOST_COMPARED} texts are read")
    assert [line for line in bounds if line not in told] == []


def test_the_alert_guide_names_every_disposition() -> None:
    told = [coded(row[0])[0] for row in rows(section("alerts.md", "What an alert turned out to be"))]
    assert told == [disposition.value for disposition in Disposition]


def test_the_operations_guide_names_every_setting() -> None:
    told = [name for row in rows(section("operations.md", "Settings")) for name in coded(row[0])]
    shared = ("database_", "kafka_")
    known = {name.upper() if name.startswith(shared) else PREFIX + name.upper() for name in Settings.model_fields}
    assert set(told) == known
    assert len(told) == len(known)


def test_the_operations_guide_names_every_metric() -> None:
    told = [name for row in rows(section("operations.md", "Metrics")) for name in coded(row[0])]
    assert set(told) == set(SHAPES)
    assert len(told) == len(SHAPES)


def test_the_limits_of_the_guide_are_those_of_the_code() -> None:
    page = (DOCS / "limits.md").read_text(encoding="utf-8")
    told = (
        f"| nesting of its JSON | {screen.MAX_DEPTH} |",
        f"together {values.IDENTITY_BYTES:,} bytes",
        f"| the years {values.YEARS[0]} to {values.YEARS[-1]} |",
        f"| {cleaning.MOST_CHARACTERS:,}; {cleaning.MOST_REDACTED:,} characters |",
        f"| {body.MAX_RECORDS:,}; {body.MAX_FORM_FIELDS}; 100; {MAX_TEXTS} |",
        f"| {mapping_expressions.MAX_LOOPED:,} |",
        f"| {refused.MOST_PAYLOAD:,} characters, redacted; {telling.MOST_KEY // 1024} KiB |",
        f"1 MiB; 4 MiB; {gathering.MAX_FILES} |",
        f"{yaml_reading.MAX_VALUES:,}; {yaml_reading.MAX_DEPTH}; {yaml_reading.MAX_CHARACTERS:,} |",
        f"{expressions.MAX_LENGTH:,} characters; {expressions.MAX_DEPTH}; {expressions.MAX_MACROS} |",
        f"| {bodies.LIMIT_BYTES >> 20} MiB; {bodies.SMALL_BYTES >> 10} KiB,",
        f"| {guard.HEAD_BYTES >> 10} KiB |",
        f"| {connections.MOST_CONNECTIONS}; {guard.MOST_BODIES} and {guard.MOST_UNKNOWN_BODIES}; {MOST_POLLS} |",
        f"| {MOST_REHEARSALS}; {MOST_ROUTES}, {MOST_OWNERS} |",
        f"| {telling.MOST_SHARED} records; {ROWS} rows or",
    )
    assert [line for line in told if line not in page] == []


def test_every_part_of_an_explanation_is_told() -> None:
    opening, parts = page("explain.md").split("\n## ")[0], set(Why.model_fields) - {"at", "playbook"}
    assert {name.split(".")[0] for row in rows(opening) for name in coded(row[0])} == parts
    named = coded(opening)
    assert [one for one in (*Standing, *Applies) if one.value not in named] == []
    told = {name for row in rows(section("explain.md", "What would have had to differ")) for name in coded(row[0])}
    assert told == set(Differences.model_fields)


def test_the_proof_names_every_fault() -> None:
    told = [name for row in rows(section("proof.md", "Faults: `make chaos`")) for name in coded(row[0])]
    assert sorted(told) == sorted(FAULTS)


def links() -> Iterator[tuple[Path, str]]:
    for file in PAGES:
        for target in re.findall(r"\]\(([^)]+)\)", file.read_text(encoding="utf-8")):
            yield file, target


def anchors(file: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("file", "target"), [pytest.param(*link, id=f"{link[0].name}: {link[1]}") for link in links()])
def test_links_lead_somewhere(file: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    there = (file.parent / path).resolve() if path else file
    assert there.exists()
    assert not anchor or anchor in anchors(there)


def test_the_channels_that_the_guide_shows_make_a_playbook_without_faults() -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", page("channels.md"), re.DOTALL)
    document = make_playbook().model_dump(by_alias=True, mode="json", exclude_defaults=True)
    part = yaml.safe_load(shown)
    document |= {"channels": part["channels"], "teams": [*document["teams"], *part["teams"]]}
    assert load_text({"playbook.yaml": yaml.safe_dump(document)}).faults == ()


def test_the_channel_guide_names_every_outcome_every_reason_and_the_bounds() -> None:
    when = section("channels.md", "When it does not get there")
    assert {*Attempted, *Unsent} <= set(coded(when + section("channels.md", "What is promised")))
    waits, rests = (FIRST_WAIT.seconds, LONGEST_WAIT.seconds // 60), (FIRST_REST.seconds // 2, FIRST_REST.seconds)
    assert "double from {} s to {} min".format(*waits) in when
    assert f"After {MOST_ATTEMPTS} attempts" in when
    assert "sent for {} to {} s".format(*rests) in when
    assert FAILURES == 5
    assert timedelta(minutes=2) == LEASE
