"""Relations of a playbook: each fault with its path, and nothing said of a sound one."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from service.core.playbook.faults import MAX_PARTS, faults
from service.core.playbook.model import Playbook

SOUND: Mapping[str, Any] = {
    "name": "Shop",
    "sources": {"forms": {"kind": "survey", "topic": "raw.forms", "subject": "id", "process": "delivery"}},
    "taxonomy": [
        {
            "id": "late",
            "label": {"en": "Late"},
            "keywords": {"en": ["late"]},
            "labels": ["Delay"],
            "process": "delivery",
        },
        {"id": "rude", "label": {"en": "Rude"}, "keywords": {"en": ["rude"]}},
    ],
    "processes": [
        {"id": "delivery", "name": "Delivery", "team": "carriers", "aliases": ["shipping"], "sla": "48h"},
        {"id": "care", "name": "Care", "team": "desk"},
    ],
    "severity": {
        "hot_words": [{"id": "cancel", "words": {"en": ["cancel"]}}],
        "overrides": [{"id": "safety", "words": {"en": ["injured"]}}],
        "sentiment": {"en": {"negative": ["bad"], "positive": ["good"]}},
    },
    "volume": {},
    "high_value": {"tiers": ["gold", "platinum"], "team": "desk"},
    "at_risk": {"team": "desk"},
    "access": [{"group": "people", "role": "agent", "teams": ["desk"]}],
    "calendars": {
        "uk": {
            "time_zone": "Europe/London",
            "business_hours": {"mon-fri": ["09:00-12:30", "13:00-17:30"], "sat": "10:00-14:00"},
            "quiet_hours": {"mon-fri": "20:00-07:00", "sat-sun": "00:00-24:00"},
            "holidays": ["2026-12-25"],
            "shifts": ["06:00", "14:00", "22:00"],
        },
        "always": {"time_zone": "UTC"},
    },
    "fatigue": {"calendar": "uk"},
    "teams": [
        {"id": "carriers", "name": "Carriers", "owns": [{"process": "delivery"}], "calendar": "always"},
        {"id": "desk", "name": "Desk", "owns": [{"process": "care"}]},
    ],
    "routes": {
        "team": "desk",
        "arbitration": "desk",
        "group_by": ["process", "category"],
        "routes": [
            {"id": "watch", "match": {"severity": "critical"}, "team": "desk", "continue": True},
            {"id": "uk", "match": {"region": "uk"}, "routes": [{"id": "uk-late", "match": {"category": "late"}}]},
            {"id": "owner", "when": "feedback.process != ''", "team": "owner"},
            {"id": "forms", "match": {"source": ["/forms", "/other/forms"], "kind": "survey"}},
        ],
    },
    "tests": [
        {
            "name": "Late",
            "events": [{"at": "2026-05-04T09:00:00Z", "source": "forms", "event": {}}],
            "verdicts": ["opened", "duplicate", "rejected(bad_json)"],
            "alerts": [{"team": "carriers", "category": "late", "severity": "high", "state": "open"}],
            "notices": [{"team": "carriers", "reason": "opened", "at": "2026-05-04T09:01:00Z"}],
        }
    ],
}

SOLVED: Mapping[str, Any] = {
    "h_local": 2.0,
    "h_formal": 4.5,
    "siblings": {"h_local": 3.0, "h_formal": 6.5},
    "tick": "weekly",
    "half_life_weeks": None,
    "two_of_three": False,
    "several_regions": False,
    "report": {},
}


def _with(path: tuple[str | int, ...], value: object, held: Any = SOUND) -> Any:  # noqa: ANN401 - a piece of a document
    """Return the sound document with one value put in, or put behind the end of a list."""
    if not path:
        return value
    if isinstance(held, Mapping):
        return {**held, path[0]: _with(path[1:], value, held.get(str(path[0])))}
    at = int(path[0])
    parts = list(held or [])
    return [*parts[:at], _with(path[1:], value, parts[at] if at < len(parts) else None), *parts[at + 1 :]]


def _paths(document: object) -> list[tuple[tuple[str | int, ...], str]]:
    return [(fault.path, fault.message) for fault in faults(Playbook.model_validate(document))]


def test_a_sound_playbook_has_no_fault() -> None:
    assert _paths(SOUND) == []


@pytest.mark.parametrize(
    "volume",
    [
        pytest.param({"calibrated": SOLVED}, id="cuts that were solved for this very rule"),
        pytest.param(
            {"by_region": True, "several_regions": True, "thresholds": [{"id": "uk", "region": "uk"}]},
            id="regions where they are cells",
        ),
        pytest.param(
            {"thresholds": [{"id": "care", "process": "care"}, {"id": "rude", "process": "care", "category": "rude"}]},
            id="a rule for some of another's cells",
        ),
        pytest.param(
            {"downtime": {"mode": "exclude", "least": "24h", "after": "7d"}}, id="the most that a day can hold"
        ),
        pytest.param({"downtime": {"mode": "stratify", "least": "1s", "after": "0s"}}, id="and the least"),
    ],
)
def test_what_volume_says_soundly_is_no_fault(volume: Mapping[str, Any]) -> None:
    assert _paths(_with(("volume",), volume)) == []


def test_contradictions_between_what_has_an_sla_and_its_feedback_are_no_fault() -> None:
    document = _with(("processes", 0, "sla"), "48h")
    assert _paths(document) == []
    assert _paths(_with(("contradictions",), {"arbiter": "desk"}, document)) == []


@pytest.mark.parametrize(
    ("identity", "message"),
    [
        ({"precedence": ["crm", "email", "crm"]}, "precedence: a type is listed twice; leave it where it ranks"),
        ({"precedence": ["crm"]}, "at least 2 items"),
        ({"precedence": ["crm", "email"], "shared_above": 0}, "greater than or equal to 1"),
    ],
)
def test_what_joins_the_references_of_a_customer_is_bounded(identity: Mapping[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Playbook.model_validate(_with(("identity",), identity))


def test_contradictions_without_an_arbiter_are_told_to_nobody() -> None:
    document = _with(("contradictions",), {"arbiter": "dask"}, _with(("processes", 0, "sla"), "48h"))
    assert _paths(document) == [(("contradictions", "arbiter"), "'dask' is not a known team; did you mean desk?")]


def test_contradictions_where_no_process_has_an_sla_can_never_be() -> None:
    document = _with(("contradictions",), {"arbiter": "desk"}, _with(("processes", 0, "sla"), None))
    message = "no process has an sla that feedback could contradict; give one an sla such as 48h, or leave this out"
    assert (("contradictions",), message) in _paths(document)


ROUTES, RULES, UK = ("routes", "routes"), ("volume", "thresholds"), ("calendars", "uk")
CASES: list[tuple[tuple[str | int, ...], object, tuple[str | int, ...], str]] = [
    # Downtime and contradictions
    (
        ("volume",),
        {"downtime": {"least": "0s"}},
        ("volume", "downtime", "least"),
        "is no part of a day: 0s would take every day for one of a downtime, more than 24h none",
    ),
    (
        ("volume",),
        {"downtime": {"least": "25h"}},
        ("volume", "downtime", "least"),
        "is no part of a day",
    ),
    (("volume",), {"downtime": {"after": "8d"}}, ("volume", "downtime", "after"), "is longer than 7d; who complains"),
    # Ids and names
    (("taxonomy", 1, "id"), "late", ("taxonomy", 1, "id"), "'late' is in taxonomy already; give each its own id"),
    (("taxonomy", 1, "id"), "unmapped", ("taxonomy", 1, "id"), "unmapped stands for no category; choose another id"),
    (("taxonomy", 1, "process"), "car", ("taxonomy", 1, "process"), "'car' is not a known process; did you mean care?"),
    (
        ("processes", 2),
        {"id": "care", "name": "C", "team": "desk"},
        ("processes", 2, "id"),
        "'care' is in processes already",
    ),
    (
        ("processes", 1, "team"),
        "x",
        ("processes", 1, "team"),
        "'x' is not a known team; add it, or use one of carriers,",
    ),
    (("processes", 1, "aliases"), ["shipping"], ("processes", 1, "aliases", 0), "'shipping' already stands for"),
    (("teams", 2), {"id": "desk", "name": "D"}, ("teams", 2, "id"), "'desk' is in teams already"),
    (("teams", 2), {"id": "owner", "name": "O"}, ("teams", 2, "id"), "'owner' is what a route says for whoever owns"),
    (("teams", 1, "owns"), [{}], ("teams", 1, "owns", 0), "owns everything; name at least one field"),
    (("teams", 1, "owns"), [{"process": "delivery"}], ("teams", 1, "owns", 0), "carriers owns the same"),
    (("teams", 1, "owns"), [{"category": "rud"}], ("teams", 1, "owns", 0, "category"), "'rud' is not a known category"),
    (("sources", "forms", "process"), "x", ("sources", "forms", "process"), "'x' is not a known process"),
    (
        ("sources", "more"),
        {"kind": "survey", "topic": "raw.forms", "subject": "id"},
        ("sources", "more", "topic"),
        "the source forms reads this topic already",
    ),
    # Words
    (("taxonomy", 1, "label"), {}, ("taxonomy", 1, "label"), "has no label; write one for each language"),
    (("taxonomy", 1, "labels"), ["delay"], ("taxonomy", 1, "labels", 0), "the tool's label 'delay' already means late"),
    (("taxonomy", 1, "keywords", "en"), ["Late"], ("taxonomy", 1, "keywords", "en"), "late has the very same words"),
    (("taxonomy", 1, "keywords", "de"), [], ("taxonomy", 1, "keywords", "de"), "has no words; write some"),
    (
        ("taxonomy", 1, "exclude"),
        ["Rude"],
        ("taxonomy", 1, "keywords", "en"),
        "'rude' is a keyword and excluded as well",
    ),
    (("severity", "hot_words", 0, "words"), {}, ("severity", "hot_words", 0, "words"), "has no words"),
    (("severity", "overrides", 0, "words", "en"), [], ("severity", "overrides", 0, "words", "en"), "has no words"),
    (
        ("severity", "overrides", 1),
        {"id": "safety", "words": {"en": ["hurt"]}},
        ("severity", "overrides", 1, "id"),
        "'safety' comes before; put the words of one class together",
    ),
    (("severity", "sentiment", "de"), {}, ("severity", "sentiment", "de"), "has no words"),
    (
        ("severity", "sentiment", "en", "positive"),
        ["Bad"],
        ("severity", "sentiment", "en"),
        "'bad' is both negative and positive",
    ),
    # Figures
    (
        ("severity", "priority"),
        {"urgent": 0.9, "high": 0.2, "normal": 0.25, "1 - odd": 0.9},
        ("severity", "priority", "high"),
        "counts for less than 'normal'; a worse priority must not count for less",
    ),
    (
        ("severity", "priority"),
        {"1 - Critical": 0.5, "2 - High": 0.6},
        ("severity", "priority", "1 - Critical"),
        "counts for less than '2 - High'",
    ),
    (
        ("volume",),
        {"h_local": 5, "h_formal": 4},
        ("volume", "h_local"),
        "5.0 is above h_formal, 4.0; a local adjustment must come",
    ),
    (
        ("volume",),
        {"local_min_customers": 9},
        ("volume", "local_min_customers"),
        "9 is above formal_min_customers, 5; a local adjustment must come",
    ),
    # Volume
    (
        ("volume", "siblings"),
        {"h_local": 9, "h_formal": 8},
        ("volume", "siblings", "h_local"),
        "9.0 is above h_formal, 8.0; a local adjustment must come",
    ),
    (
        ("volume", "zero_tolerance"),
        ["late", "rud"],
        ("volume", "zero_tolerance", 1),
        "'rud' is not a known category; did you mean rude?",
    ),
    (
        ("volume", "several_regions"),
        True,
        ("volume", "several_regions"),
        "counts regions, which by_region: false puts together; set by_region",
    ),
    (
        RULES,
        [{"id": "calm", "process": "care", "h_local": 5, "h_formal": 4}],
        (*RULES, 0, "h_local"),
        "5.0 is above h_formal, 4.0; a local adjustment must come",
    ),
    (
        RULES,
        [{"id": "calm", "process": "care", "local_min": 6}],
        (*RULES, 0, "local_min"),
        "6 is above formal_min, 5; a local adjustment must come",
    ),
    (
        RULES,
        [{"id": "calm", "process": "car"}],
        (*RULES, 0, "process"),
        "'car' is not a known process; did you mean care?",
    ),
    (
        RULES,
        [{"id": "calm", "category": "rud"}],
        (*RULES, 0, "category"),
        "'rud' is not a known category; did you mean rude?",
    ),
    (
        RULES,
        [{"id": "calm", "region": "uk"}],
        (*RULES, 0, "region"),
        "names a region, of which by_region: false knows none; set by_region",
    ),
    (
        RULES,
        [{"id": "calm", "process": "care"}, {"id": "calm", "process": "delivery"}],
        (*RULES, 1, "id"),
        "'calm' is in thresholds already; give each its own id",
    ),
    (
        RULES,
        [{"id": "calm", "process": "care"}, {"id": "eager", "process": "care"}],
        (*RULES, 1),
        "is for the same cells as 'calm'; one rule holds for a cell",
    ),
    (
        ("volume",),
        {"tick": "daily", "calibrated": SOLVED},
        ("volume", "calibrated", "tick"),
        "was solved with tick weekly, and it is daily now; run simulate-volume --solve again",
    ),
    (
        ("volume",),
        {"half_life_weeks": 26, "calibrated": SOLVED},
        ("volume", "calibrated", "half_life_weeks"),
        "was solved with half_life_weeks unset, and it is 26.0 now",
    ),
    (
        ("volume",),
        {"two_of_three": True, "calibrated": SOLVED},
        ("volume", "calibrated", "two_of_three"),
        "was solved with two_of_three off, and it is on now",
    ),
    (
        ("volume",),
        {"siblings": {"enabled": False}, "calibrated": SOLVED},
        ("volume", "calibrated", "siblings"),
        "was solved with siblings on, and it is off now",
    ),
    (("fatigue",), {"repeat": ["3d", "1d"]}, ("fatigue", "repeat"), "gets shorter; repeats back off"),
    (("fatigue",), {"repeat": ["1m"]}, ("fatigue", "repeat"), "has a step of 0s or below the interval"),
    # Routes
    (("routes", "arbitration"), "owner", ("routes", "arbitration"), "'owner' is not a known team"),
    ((*ROUTES, 1, "team"), "des", (*ROUTES, 1, "team"), "'des' is not a known team; did you mean desk?"),
    ((*ROUTES, 1, "routes", 0, "id"), "watch", (*ROUTES, 1, "routes", 0, "id"), "a route called 'watch' comes before"),
    (
        (*ROUTES, 0, "match"),
        {"severity": "sever"},
        (*ROUTES, 0, "match", "severity"),
        "'sever' is not a known severity",
    ),
    (
        (*ROUTES, 0, "match"),
        {"kind": "call"},
        (*ROUTES, 0, "match", "kind"),
        "'call' is not a known kind; add it, or use",
    ),
    ((*ROUTES, 0, "match"), {"kind": []}, (*ROUTES, 0, "match", "kind"), "kind has no value and so never matches"),
    ((*ROUTES, 0, "match"), {"process": "x"}, (*ROUTES, 0, "match", "process"), "'x' is not a known process"),
    (
        (*ROUTES, 0, "match"),
        {"source": "forms"},
        (*ROUTES, 0, "match", "source"),
        "'forms' is not a known source's URI",
    ),
    ((*ROUTES, 0, "when"), "feedback.score < 2", (*ROUTES, 0, "when"), "feedback.score may be absent; write has("),
    ((*ROUTES, 0, "repeat"), ["3d", "1d"], (*ROUTES, 0, "repeat"), "gets shorter; repeats back off"),
    (("routes", "group_by"), ["region", "tier"], ("routes", "group_by"), "each of region, tier may be unknown"),
    (("routes", "group_by"), ["kind", "kind"], ("routes", "group_by", 1), "kind is in the key already; take it out"),
    (
        ("routes", "group_by"),
        ["kind", "attributes.Comment"],
        ("routes", "group_by", 1),
        "attributes.Comment holds what somebody wrote, which never comes twice",
    ),
    # High-value customers, and customers at risk
    (
        ("processes", 0, "sla"),
        None,
        ("high_value", "tiers"),
        "no process has an sla, so that no case is ever late; give one to a process, such as sla: 48h",
    ),
    (("processes", 1, "sla"), "0s", ("processes", 1, "sla"), "makes every case late as it starts; write how long one"),
    (("high_value", "team"), "x", ("high_value", "team"), "'x' is not a known team; add it, or use one of carriers,"),
    (("high_value", "tiers"), ["gold", "gold"], ("high_value", "tiers", 1), "'gold' is in tiers already; take it out"),
    (("access", 0, "teams"), ["dsk"], ("access", 0, "teams", 0), "'dsk' is not a known team; did you mean desk?"),
    (
        ("access",),
        [{"group": "people", "role": "lead", "teams": "all"}, {"group": "people", "role": "lead", "teams": ["desk"]}],
        ("access", 1, "group"),
        "'people' is lead by an earlier line already; name all its teams there",
    ),
    (("at_risk", "team"), "dsk", ("at_risk", "team"), "'dsk' is not a known team; did you mean desk?"),
    (("at_risk", "within"), "0s", ("at_risk", "within"), "asks for cases that begin in the same instant; write within"),
    # Calendars
    (("teams", 0, "calendar"), "ukk", ("teams", 0, "calendar"), "'ukk' is not a known calendar; did you mean uk?"),
    (
        ("fatigue", "calendar"),
        "x",
        ("fatigue", "calendar"),
        "'x' is not a known calendar; add it, or use one of always",
    ),
    (
        (*UK, "business_hours"),
        {"mon-fri": "09:00-17:00", "fri-sat": "10:00-14:00"},
        (*UK, "business_hours", "fri-sat"),
        "fri is in mon-fri already; name each day once",
    ),
    (
        (*UK, "business_hours", "mon-fri"),
        ["09:00-13:00", "14:00-15:00", "12:30-17:00"],
        (*UK, "business_hours", "mon-fri", 2),
        "overlaps 09:00-13:00; write the two as one span",
    ),
    (
        (*UK, "quiet_hours"),
        {"mon": ["20:00-07:00", "23:30-24:00"]},
        (*UK, "quiet_hours", "mon", 1),
        "overlaps 20:00-07:00; write the two as one span",
    ),
    ((*UK, "business_hours"), {}, (*UK, "business_hours"), "has no hour in a week, so that nothing would ever be due"),
    ((*UK, "business_hours"), {"mon": []}, (*UK, "business_hours"), "has no hour in a week"),
    (
        (*UK, "quiet_hours"),
        {"mon-sun": "12:00-11:00", "sat": []},
        (*UK, "quiet_hours", "sat"),
        "sat is in mon-sun already; name each day once",
    ),
    (
        (*UK, "quiet_hours"),
        {"mon-sun": ["20:00-07:00", "07:00-20:00"]},
        (*UK, "quiet_hours"),
        "is quiet all week, so that nobody would ever be told; leave some hours out",
    ),
    ((*UK, "quiet_hours"), {"mon-sun": "00:00-24:00"}, (*UK, "quiet_hours"), "is quiet all week"),
    ((*UK, "holidays"), ["2026-12-25", "2026-12-25"], (*UK, "holidays", 1), "2026-12-25 is here already; take it out"),
    ((*UK, "shifts"), [], (*UK, "shifts"), "has no time; write one such as 06:00, or leave it out"),
    ((*UK, "shifts"), ["06:00", "14:00", "06:00"], (*UK, "shifts", 2), "06:00 is here already; take it out"),
    (
        ("calendars", "always", "holidays"),
        ["2026-12-25"],
        ("calendars", "always", "holidays"),
        "change nothing without business_hours or quiet_hours; write one of these",
    ),
    # Cases
    (("tests", 1), {**SOUND["tests"][0]}, ("tests", 1, "name"), "'Late' is in tests already; give each its own name"),
    (("tests", 0, "events", 0, "source"), "form", ("tests", 0, "events", 0, "source"), "'form' is not a known source"),
    (
        ("tests", 0, "events", 0, "at"),
        "2026-05-04T09:00:00",
        ("tests", 0, "events", 0, "at"),
        "has no offset; write UTC",
    ),
    (("tests", 0, "verdicts"), ["opend"], ("tests", 0, "verdicts", 0), "'opend' is not a known verdict; did you mean"),
    (("tests", 0, "alerts", 0, "team"), "x", ("tests", 0, "alerts", 0, "team"), "'x' is not a known team"),
    (("tests", 0, "alerts", 0, "kind"), "x", ("tests", 0, "alerts", 0, "kind"), "'x' is not a known kind"),
    (("tests", 0, "alerts", 0, "category"), "x", ("tests", 0, "alerts", 0, "category"), "'x' is not a known category"),
    (("tests", 0, "alerts", 0, "severity"), "x", ("tests", 0, "alerts", 0, "severity"), "'x' is not a known severity"),
    (("tests", 0, "alerts", 0, "state"), "x", ("tests", 0, "alerts", 0, "state"), "'x' is not a known state"),
    (("tests", 0, "alerts", 0, "level"), "x", ("tests", 0, "alerts", 0, "level"), "'x' is not a known level"),
    (("tests", 0, "notices", 0, "reason"), "x", ("tests", 0, "notices", 0, "reason"), "'x' is not a known reason"),
    (("tests", 0, "notices", 0, "at"), "2026-05-04T09:00:00", ("tests", 0, "notices", 0, "at"), "has no offset"),
    (
        ("tests", 1),
        {"name": "T", "events": [{"event": {}}]},
        ("tests", 1),
        "asks for nothing; give it verdicts, alerts",
    ),
]


@pytest.mark.parametrize(("place", "value", "path", "message"), CASES)
def test_a_relation_that_does_not_hold_is_a_fault_at_its_path(
    place: tuple[str | int, ...], value: object, path: tuple[str | int, ...], message: str
) -> None:
    found = _paths(_with(place, value))
    assert [(at, said[: len(message)]) for at, said in found] == [(path, message)]


def _routed(*routes: Mapping[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    return _paths(_with(ROUTES, list(routes)))


HIDDEN = "never reached: 'first' before it takes all of this; put it first, or let that one continue"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"match": {"region": "uk"}}),
        ({}, {"when": "feedback.region == 'uk'"}),
        ({"match": {"region": ["uk", "de"]}}, {"match": {"region": "uk"}}),
        ({"match": {"region": "uk"}}, {"match": {"region": "uk", "tier": "gold"}}),
        ({"match": {"region": "uk"}}, {"match": {"region": "uk"}, "continue": True}),
    ],
)
def test_a_route_behind_one_that_takes_all_of_it_is_never_reached(
    first: Mapping[str, Any], second: Mapping[str, Any]
) -> None:
    assert _routed({"id": "first", **first}, {"id": "second", **second}) == [((*ROUTES, 1, "id"), HIDDEN)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"continue": True}, {"match": {"region": "uk"}}),
        ({"when": "feedback.region == 'uk'"}, {"match": {"region": "uk"}}),
        ({"match": {"region": "uk"}}, {"match": {"region": ["uk", "de"]}}),
        ({"match": {"region": "uk", "tier": "gold"}}, {"match": {"region": "uk"}}),
    ],
)
def test_a_route_that_something_gets_to_is_no_fault(first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
    assert _routed({"id": "first", **first}, {"id": "second", **second}) == []


def test_a_child_sees_only_what_its_parent_lets_through() -> None:
    inner = [
        {"id": "first", "match": {"region": "uk"}},
        {"id": "second", "match": {"tier": "gold"}},
        {"id": "third", "match": {"region": "de"}},
    ]
    path = (*ROUTES, 0, "routes")
    assert _routed({"id": "outer", "match": {"region": "uk"}, "routes": inner}) == [
        ((*path, 1, "id"), HIDDEN),
        ((*path, 2, "match", "region"), "never matches: the routes above it take only region uk"),
    ]


def test_asking_for_an_owner_where_nobody_owns_anything_is_a_fault() -> None:
    teams = [{"id": "carriers", "name": "Carriers"}, {"id": "desk", "name": "Desk"}]
    message = "no team owns anything, so that all of this goes to arbitration; give a team `owns`"
    assert _paths(_with(("teams",), teams)) == [((*ROUTES, 2, "team"), message)]


def test_all_faults_are_reported_at_once() -> None:
    document = _with(
        ("taxonomy", 1, "process"), "x", _with(("routes", "arbitration"), "y", _with((*ROUTES, 1, "team"), "z"))
    )
    assert [path for path, _ in _paths(document)] == [
        ("taxonomy", 1, "process"),
        (*ROUTES, 1, "team"),
        ("routes", "arbitration"),
    ]


def test_a_playbook_of_too_many_parts_is_refused_before_they_are_compared() -> None:
    teams = [{"id": f"t{n}", "name": "T"} for n in range(MAX_PARTS + 1)]
    assert _paths(_with(("teams",), teams)) == [(("teams",), "has 1001 entries; a playbook has at most 1000")]
