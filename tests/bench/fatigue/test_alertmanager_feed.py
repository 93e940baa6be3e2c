"""What an Alertmanager is told to fire and to end, and its configuration."""

from datetime import datetime

from msgspec.structs import replace

from service.bench.fatigue.alertmanager.config import config
from service.bench.fatigue.alertmanager.feed import Post, posts
from service.bench.fatigue.replayed import Step
from service.core.assess import assess
from service.core.pipeline.rules import compile_playbook
from service.core.playbook.severity import SeverityRules
from service.core.records.decisions import Contribution
from service.core.records.feedback import Signals
from tests.bench.fatigue.deciding import DAY, HOUR
from tests.builders import START, make_contribution, make_feedback, make_playbook, make_target, with_routes

RULES = compile_playbook(make_playbook())
LABELS = (
    ("alertname", "feedback"),
    ("category", "delivery"),
    ("id", "/surveys response/1 "),
    ("key_category", "delivery"),
    ("key_process", "shipping"),
    ("process", "shipping"),
    ("route", "root"),
    ("severity", "high"),
    ("team", "desk"),
)


def step(at: datetime, *contributions: Contribution) -> Step:
    return Step(at=at, source="/surveys", subject="response/1", contributions=contributions)


def labelled(**changes: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((dict(LABELS) | changes).items()))


def fires(at: datetime = START, **changes: str) -> Post:
    return Post(at=at, labels=labelled(**changes), began_at=at, ends=False)


def ends(at: datetime, began_at: datetime = START, **changes: str) -> Post:
    return Post(at=at, labels=labelled(**changes), began_at=began_at, ends=True)


def test_a_complaint_fires_once_until_its_case_is_done() -> None:
    one = make_contribution()
    done = replace(one, feedback=replace(one.feedback, done=True))
    steps = [step(START, one), step(START + HOUR, one), step(START + 2 * HOUR, done), step(START + DAY, one)]
    assert list(posts(steps, RULES)) == [fires(), ends(START + 2 * HOUR), fires(START + DAY)]


def test_what_is_withdrawn_or_harmless_ends() -> None:
    one = make_contribution()
    harmless = replace(one, assessed=replace(one.assessed, negative=False))
    for after in ((), (harmless,)):
        steps = [step(START, one), step(START + HOUR, *after)]
        assert list(posts(steps, RULES)) == [fires(), ends(START + HOUR)]


def test_another_team_or_severity_is_another_alert_in_its_place() -> None:
    one = make_contribution()
    milder = Signals(negativity=0.6, scored=True)
    changed = replace(one, assessed=assess(one.feedback, milder, 1, SeverityRules()))
    moved = replace(one, routed=replace(one.routed, owner=make_target(team="legal")))
    assert list(posts([step(START, one), step(START + HOUR, changed), step(START + DAY, moved)], RULES)) == [
        fires(),
        ends(START + HOUR),
        fires(START + HOUR, severity=changed.assessed.severity.value),
        ends(START + DAY, START + HOUR, severity=changed.assessed.severity.value),
        fires(START + DAY, team="legal"),
    ]


def test_what_is_below_the_floor_or_stale_fires_nothing() -> None:
    strict = compile_playbook(make_playbook(fatigue={"floor": "critical"}))
    old = make_contribution(make_feedback(occurred_at=START - 8 * DAY))
    assert list(posts([step(START, make_contribution())], strict)) == []
    assert list(posts([step(START, old)], RULES)) == []


def test_a_copy_is_an_alert_of_the_other_team_s_in_a_group_of_its_own() -> None:
    copied = make_contribution(targets=[make_target(), make_target(team="legal", copy=True)])
    assert list(posts([step(START, copied)], RULES)) == [fires(team="legal", key_copy="true"), fires()]


def test_teams_are_receivers_keys_are_groups_and_timers_are_divided() -> None:
    rules = compile_playbook(with_routes({"id": "slow", "team": "legal", "interval": "4h", "wait": "0s"}))
    posted = [fires(), fires(team="legal"), fires(team="legal", route="slow", key_copy="true")]
    usual = {"group_wait": "100ms", "group_interval": "1500ms", "repeat_interval": "144000ms"}
    slow = {"group_wait": "1ms", "group_interval": "24000ms", "repeat_interval": "144000ms"}
    assert config(posted, rules, "http://127.0.0.1:1", 600) == {
        "route": {
            "receiver": "nobody",
            "group_by": ["key_category", "key_copy", "key_process"],
            **usual,
            "routes": [
                {"receiver": "desk", "matchers": ['team="desk"', 'route=~"root"'], **usual},
                {"receiver": "legal", "matchers": ['team="legal"', 'route=~"slow"'], **slow},
                {"receiver": "legal", "matchers": ['team="legal"', 'route=~"root"'], **usual},
            ],
        },
        "receivers": [
            {"name": "nobody"},
            *(
                {
                    "name": team,
                    "webhook_configs": [{"url": f"http://127.0.0.1:1/{team}", "send_resolved": True, "max_alerts": 0}],
                }
                for team in ("desk", "legal")
            ),
        ],
    }
