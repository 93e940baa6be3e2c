"""The routing tree: first match, `continue`, inheritance, catch-all, arbitration, errors, and the keys of alerts."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from service.core.identity import alert_key
from service.core.pipeline.rules import compile_playbook
from service.core.playbook.conditions import Held
from service.core.playbook.model import Playbook
from service.core.records.decisions import Routed, Target, Tried
from service.core.records.words import AlertKind, RouteReason
from service.core.route import compile_routes, owners, route
from tests.builders import START, make_playbook, with_routes

FACTS: Mapping[str, Any] = {
    "source": "/surveys",
    "kind": "survey",
    "category": "delivery",
    "categories": ("delivery",),
    "process": "shipping",
    "severity": "high",
    "score": 60.0,
    "region": "uk",
    "tier": None,
    "labels": (),
    "attributes": {"product": "A-1"},
    "instance": None,
    "subject": "response/1",
    "customer": "k1:anna",
}
GROUP = {"process": "shipping", "category": "delivery"}


def routed(playbook: Playbook, **changes: Any) -> Routed:  # noqa: ANN401 - any routing fact
    rules = compile_playbook(playbook)
    return route({**FACTS, **changes}, rules.routes, rules.holds, START)


def target(
    team: str, name: str = "root", fields: Mapping[str, str] = GROUP, *, copy: bool = False, team_in_key: bool = True
) -> Target:
    key = alert_key(AlertKind.EVENT, fields, team=team if team_in_key else None, copy=copy)
    return Target(alert_key=key, route=name, team=team, fields=fields, copy=copy, team_in_key=team_in_key)


def test_the_first_match_owns_and_ends_the_search() -> None:
    playbook = with_routes(
        {"id": "refunds", "match": {"category": "refund"}, "team": "refunds"},
        {"id": "uk", "match": {"region": ["uk", "ie"], "kind": "survey"}, "team": "drivers"},
        {"id": "all", "team": "legal"},
    )
    assert routed(playbook) == Routed(
        owner=target("drivers", "uk"),
        reason=RouteReason.MATCHED,
        tried=(Tried(route="uk"),),
        ruled_out=1,
    )


def test_what_no_route_takes_is_the_root_s() -> None:
    playbook = with_routes({"id": "refunds", "match": {"category": "refund"}, "team": "refunds"})
    assert routed(playbook) == Routed(owner=target("desk"), reason=RouteReason.CATCH_ALL, ruled_out=1)


def test_continue_gives_each_further_match_a_copy() -> None:
    playbook = with_routes(
        {"id": "first", "team": "drivers", "continue": True},
        {"id": "second", "team": "legal", "group_by": ["category"], "continue": True},
        {"id": "third", "team": "refunds"},
        {"id": "fourth", "team": "judges"},
    )
    found = routed(playbook)
    assert found.owner == target("drivers", "first")
    assert found.copies == (
        target("legal", "second", {"category": "delivery"}, copy=True),
        target("refunds", "third", copy=True),
    )


def test_the_owner_gets_no_copy_of_its_own() -> None:
    playbook = with_routes({"id": "first", "team": "drivers", "continue": True}, {"id": "second", "team": "drivers"})
    assert routed(playbook).copies == ()


def test_a_child_inherits_team_and_key_and_answers_for_its_parent() -> None:
    playbook = with_routes(
        {
            "id": "uk",
            "match": {"region": "uk"},
            "team": "drivers",
            "group_by": ["region"],
            "routes": [
                {"id": "gold", "match": {"tier": "gold"}, "team": "legal"},
                {"id": "late", "match": {"category": "delivery"}},
            ],
        }
    )
    assert routed(playbook).owner == target("drivers", "late", {"region": "uk"})
    assert routed(playbook, tier="gold").owner == target("legal", "gold", {"region": "uk"})
    assert routed(playbook, category="refund").owner == target("drivers", "uk", {"region": "uk"})


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        pytest.param(
            "refund",
            Routed(
                owner=target("refunds", "owned", {"process": "shipping", "category": "refund"}),
                reason=RouteReason.OWNED,
                candidates=("refunds",),
                tried=(Tried(route="owned"),),
            ),
            id="the one who declares to own it",
        ),
        pytest.param(
            "unmapped",
            Routed(
                owner=target("judges", "owned", {"process": "shipping", "category": "unmapped"}),
                reason=RouteReason.NO_OWNER,
                tried=(Tried(route="owned"),),
            ),
            id="nobody owns it, so arbitration gets it",
        ),
        pytest.param(
            "delivery",
            Routed(
                owner=target("judges", "owned"),
                reason=RouteReason.SEVERAL_OWNERS,
                candidates=("drivers", "legal"),
                tried=(Tried(route="owned"),),
            ),
            id="two own it, so arbitration gets it with both names",
        ),
    ],
)
def test_the_owner_is_looked_up_or_arbitrated(category: str, expected: Routed) -> None:
    playbook = make_playbook(
        teams=[
            {"id": "desk", "name": "Desk"},
            {"id": "drivers", "name": "Drivers", "owns": [{"category": "delivery"}]},
            {"id": "refunds", "name": "Refunds", "owns": [{"category": "refund"}]},
            {"id": "legal", "name": "Legal", "owns": [{"region": "uk", "category": "delivery"}]},
            {"id": "judges", "name": "Judges"},
        ]
    )
    assert routed(playbook, category=category) == expected
    assert owners({**FACTS, "category": category}, compile_routes(playbook), START) == expected.candidates


WHEN = with_routes(
    {"id": "new", "match": {"kind": "survey"}, "when": "feedback.region == 'uk'", "team": "legal"},
    {"id": "all", "team": "drivers"},
)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param(
            Held.YES,
            Routed(owner=target("legal", "new"), reason=RouteReason.MATCHED, tried=(Tried(route="new"),)),
            id="a condition that holds matches",
        ),
        pytest.param(
            Held.NO,
            Routed(
                owner=target("drivers", "all"),
                reason=RouteReason.MATCHED,
                tried=(Tried(route="new", failed="when"), Tried(route="all")),
            ),
            id="a condition that does not hold lets the next one try",
        ),
        pytest.param(
            Held.ERROR,
            Routed(
                owner=target("desk"),
                reason=RouteReason.ROUTE_ERROR,
                tried=(Tried(route="new", failed="condition_error"),),
                error=True,
            ),
            id="a condition that fails sends it to the catch-all and says so",
        ),
    ],
)
def test_a_condition_is_yes_no_or_an_error(held: Held, expected: Routed) -> None:
    assert route(FACTS, compile_routes(WHEN), lambda _name, _facts: held, START) == expected


def test_a_condition_is_asked_only_where_the_matchers_are_met() -> None:
    def never(name: str, facts: Mapping[str, Any]) -> Held:
        raise AssertionError((name, facts))

    assert route({**FACTS, "kind": "ticket"}, compile_routes(WHEN), never, START).owner == target("drivers", "all")


def test_the_first_nineteen_that_were_looked_at_and_the_last_are_named() -> None:
    asked = [{"id": f"new-{number}", "when": "feedback.region == 'de'", "team": "legal"} for number in range(30)]
    found = routed(with_routes(*asked, {"id": "all", "team": "drivers"}))
    named = tuple(Tried(route=f"new-{number}", failed="when") for number in range(19))
    assert (found.tried, found.ruled_out) == ((*named, Tried(route="all")), 11)


@pytest.mark.parametrize(
    ("group_by", "facts", "fields", "team_in_key"),
    [
        pytest.param(["region"], {}, {"region": "uk"}, True, id="a class of cases has the team in its key"),
        pytest.param(["customer"], {}, {"customer": "k1:anna"}, False, id="one customer has not"),
        pytest.param(["instance"], {"instance": "i1"}, {"instance": "i1"}, False, id="nor has one instance"),
        pytest.param(
            ["instance"],
            {},
            {"instance": "", "subject": "/surveys\nresponse/1"},
            False,
            id="without an instance the subject is the case",
        ),
        pytest.param(
            ["subject"], {}, {"subject": "/surveys\nresponse/1"}, False, id="a subject is named with its source"
        ),
        pytest.param(
            ["tier"],
            {},
            {"tier": "", "subject": "/surveys\nresponse/1"},
            False,
            id="a key of nothing but empty fields would put strangers together, so the subject is the case",
        ),
        pytest.param(
            ["attributes.product", "tier"],
            {},
            {"attributes.product": "A-1", "tier": ""},
            True,
            id="one empty field among others is a value like any",
        ),
    ],
)
def test_what_an_alert_is_keyed_by(
    group_by: list[str],
    facts: dict[str, str],
    fields: dict[str, str],
    team_in_key: bool,  # noqa: FBT001 - an expected value
) -> None:
    playbook = with_routes({"id": "all", "team": "drivers"}, group_by=group_by)
    assert routed(playbook, **facts).owner == target("drivers", "all", fields, team_in_key=team_in_key)


def test_a_copy_always_has_its_team_in_the_key() -> None:
    playbook = with_routes(
        {"id": "one", "team": "drivers", "continue": True},
        {"id": "two", "team": "legal"},
        group_by=["customer"],
    )
    (copy,) = routed(playbook).copies
    assert copy == target("legal", "two", {"customer": "k1:anna"}, copy=True)
    assert copy.alert_key != routed(playbook).owner.alert_key


@pytest.mark.parametrize(
    ("at", "team", "reason", "candidates"),
    [
        pytest.param(-1, "judges", RouteReason.NO_OWNER, (), id="nobody owns it before the first of them begins"),
        pytest.param(0, "drivers", RouteReason.OWNED, ("drivers",), id="`from` counts"),
        pytest.param(6, "drivers", RouteReason.OWNED, ("drivers",), id="it lasts until `until`"),
        pytest.param(7, "refunds", RouteReason.OWNED, ("refunds",), id="`until` is the next one's"),
        pytest.param(
            20, "judges", RouteReason.SEVERAL_OWNERS, ("refunds", "legal"), id="two at once are for arbitration"
        ),
    ],
)
def test_who_owns_it_hangs_on_when_it_happened(
    at: int, team: str, reason: RouteReason, candidates: tuple[str, ...]
) -> None:
    begins, changes, doubles = (START + timedelta(days=days) for days in (0, 7, 14))
    playbook = make_playbook(
        teams=[
            {"id": "drivers", "name": "D", "owns": [{"category": "delivery", "from": begins, "until": changes}]},
            {"id": "refunds", "name": "R", "owns": [{"category": "delivery", "from": changes}]},
            {"id": "legal", "name": "L", "owns": [{"category": "delivery", "from": doubles}]},
            *({"id": name, "name": name} for name in ("desk", "judges")),
        ]
    )
    rules = compile_playbook(playbook)
    found = route(FACTS, rules.routes, rules.holds, START + timedelta(days=at))
    assert found == Routed(
        owner=target(team, "owned"), reason=reason, candidates=candidates, tried=(Tried(route="owned"),)
    )
