"""What of a silence no alert can meet."""

from collections.abc import Mapping

import pytest

from service.core.playbook.faults import faults
from service.core.playbook.matching import Unmet, asks_for_nothing, unmet
from tests.builders import make_playbook

PLAYBOOK = make_playbook(
    routes={
        "team": "desk",
        "arbitration": "judges",
        "routes": [{"id": "by-region", "group_by": ["region", "attributes.depot"], "team": "owner"}],
    }
)


@pytest.mark.parametrize(
    "matchers",
    [
        {"team": ("drivers", "desk"), "category": ("delivery", "unmapped", "*"), "process": ("", "*", "shipping")},
        {"route": ("root", "by-region", "late_case", "volume"), "kind": ("event",), "level": ("formal_review",)},
        {"region": ("anywhere",), "attributes.depot": ("north",), "subject": ("/s\n1",), "severity": ("low",)},
    ],
)
def test_what_alerts_have_can_be_met(matchers: Mapping[str, tuple[str, ...]]) -> None:
    assert (list(unmet(matchers, PLAYBOOK)), asks_for_nothing(matchers, PLAYBOOK)) == ([], False)


def test_each_name_that_no_alert_has_is_told_with_those_that_were_meant() -> None:
    matchers = {"team": ("drivers", "refund"), "channel": ("email",), "attributes.depo": ("x",), "level": ("formal",)}
    assert list(unmet(matchers, PLAYBOOK)) == [
        Unmet(field="team", at=1, what="team", near=("refunds",)),
        Unmet(field="channel", at=None, what="field", near=()),
        Unmet(field="attributes.depo", at=None, what="field", near=("attributes.depot",)),
        Unmet(field="level", at=0, what="level", near=("formal_review",)),
    ]


def test_customers_and_instances_are_keys_only_where_alerts_about_them_are_asked_for() -> None:
    wanted = {"customer": ("k1:a",), "instance": ("i",), "region": ("uk",)}
    plain = make_playbook()
    asking = make_playbook(at_risk={"team": "desk"}, high_value={"tiers": ["gold"]}, volume={"by_region": True})
    assert [one.field for one in unmet(wanted, plain)] == ["customer", "instance", "region"]
    assert list(unmet(wanted, asking)) == []


def test_naming_every_value_asks_for_nothing() -> None:
    teams = tuple(one.id for one in PLAYBOOK.teams)
    severities = ("info", "low", "medium", "high", "critical")
    assert asks_for_nothing({"team": teams, "severity": severities}, PLAYBOOK)
    assert not asks_for_nothing({"team": teams, "severity": severities[1:]}, PLAYBOOK)
    assert not asks_for_nothing({"region": ("uk",)}, PLAYBOOK)


def test_a_case_whose_silence_can_not_be_is_a_fault() -> None:
    case = {
        "name": "one",
        "events": [{"event": {}}],
        "verdicts": ["silenced"],
        "silences": [
            {"matchers": {"team": "driver"}, "from": "2026-05-04T09:00:00Z", "until": "2026-05-04T09:00:00Z"},
            {"matchers": {"channel": "x"}, "from": "2026-05-04T09:00:00", "until": "2026-05-04T10:00:00Z"},
        ],
    }
    found = faults(make_playbook(tests=[case]))
    assert [(one.path[2:], one.message) for one in found] == [
        (("silences", 0, "matchers", "team"), "'driver' is not a known team; did you mean drivers?"),
        (("silences", 0, "until"), "is not after the beginning; a silence has some time to hold"),
        (("silences", 1, "matchers", "channel"), "is nothing that an alert of this playbook has"),
        (("silences", 1, "from"), "has no offset; write UTC as 2026-05-04T09:12:31Z"),
    ]
