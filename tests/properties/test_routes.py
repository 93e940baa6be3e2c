"""The compiled tree against the plain walk: whatever the tree, the teams and the feedback, they say the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from service.core.explain.walk import Step, walk
from service.core.pipeline.rules import Rules
from service.core.playbook.conditions import Held
from service.core.playbook.lookup import Lookup
from service.core.playbook.model import Playbook
from service.core.route import MOST_TRIED, compile_routes, owners, route
from service.core.router import Router
from tests.builders import START, make_playbook
from tests.properties.plain_routes import failing, plain_owners, plain_route

TEAMS = ("desk", "drivers", "refunds", "legal", "owner")
# Few values, so that matchers hold often; one attribute is always there, one sometimes, one never.
VALUES = ("a", "b", "c", "")
FIELDS = ("category", "region", "tier", "kind", "attributes.always", "attributes.sometimes", "attributes.never")
MATCHERS = st.dictionaries(st.sampled_from(FIELDS), st.lists(st.sampled_from(VALUES), max_size=3), max_size=3)
FACTS: Any = st.fixed_dictionaries(
    {
        "source": st.just("/surveys"),
        "subject": st.just("response/1"),
        "kind": st.sampled_from(("a", "b")),
        "category": st.sampled_from(("a", "b", "c")),
        "region": st.sampled_from(("a", "b", "", None)),
        "tier": st.sampled_from(("a", None)),
        "instance": st.sampled_from(("i1", None)),
        "attributes": st.fixed_dictionaries(
            {"always": st.sampled_from(VALUES)}, optional={"sometimes": st.sampled_from(VALUES)}
        ),
    }
)
most = settings(deadline=None, derandomize=True, max_examples=400, suppress_health_check=list(HealthCheck))


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> list[dict[str, Any]]:
    """Nodes without an id, which `playbooks` gives them; `when` says what its condition gives."""
    nodes = []
    for _ in range(draw(st.integers(0, 4))):
        node: dict[str, Any] = {"match": draw(MATCHERS)}
        node |= draw(st.sampled_from(({}, {}, {"when": "yes"}, {"when": "no"}, {"when": "no"}, {"when": "error"})))
        node |= draw(st.sampled_from(({}, {"continue": True})))
        node |= draw(st.sampled_from(({}, *({"team": team} for team in TEAMS))))
        node |= draw(st.sampled_from(({}, {"group_by": ["region"]}, {"group_by": ["category", "instance"]})))
        if depth > 1:
            node["routes"] = draw(trees(depth - 1))
        nodes.append(node)
    return nodes


@st.composite
def playbooks(draw: st.DrawFn) -> tuple[Playbook, dict[str, Held]]:
    held: dict[str, Held] = {}
    routes = _named(draw(trees()), held, iter(range(1000)))
    teams = [{"id": team, "name": team, "owns": draw(st.lists(MATCHERS, max_size=3))} for team in TEAMS[:-1]]
    root = {"team": "desk", "arbitration": "legal", "routes": routes}
    return make_playbook(teams=teams, routes=root), held


def _named(nodes: list[dict[str, Any]], held: dict[str, Held], numbers: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - an iterator of numbers
    named = []
    for node in nodes:
        name = f"n{next(numbers)}"
        if "when" in node:
            held[name] = Held(node["when"])
        named.append({**node, "id": name, "routes": _named(node.get("routes", []), held, numbers)})
    return named


@given(given_playbook=playbooks(), facts=FACTS)
@most
def test_the_compiled_tree_finds_what_the_walk_finds(
    given_playbook: tuple[Playbook, dict[str, Held]], facts: Mapping[str, Any]
) -> None:
    playbook, held = given_playbook
    walked = plain_route(facts, playbook, lambda name, _: held[name])
    found = route(facts, compile_routes(playbook), lambda name, _: held[name], START)
    assert replace(found, tried=(), ruled_out=0) == replace(walked, tried=())
    looked_at = [one for one in walked.tried if one.failed in (None, "when", "condition_error")]
    if len(looked_at) > MOST_TRIED:
        looked_at[MOST_TRIED - 1 : -1] = []
    assert found.tried == tuple(looked_at)
    assert len(found.tried) + found.ruled_out == len(walked.tried)


@given(given_playbook=playbooks(), several=st.lists(FACTS, min_size=1, max_size=5))
@most
def test_a_router_says_what_a_search_for_each_says_however_often_it_is_asked(
    given_playbook: tuple[Playbook, dict[str, Held]], several: list[Mapping[str, Any]]
) -> None:
    playbook, held = given_playbook
    tree = compile_routes(playbook)
    router = Router(tree, lambda name, _: held[name], ())
    for facts in (*several, *several):
        assert router.route(facts, START) == route(facts, tree, lambda name, _: held[name], START)


@given(given_playbook=playbooks(), facts=FACTS)
@most
def test_owners_are_those_whose_claims_hold_in_the_playbook_s_order(
    given_playbook: tuple[Playbook, dict[str, Held]], facts: Mapping[str, Any]
) -> None:
    playbook, _ = given_playbook
    assert owners(facts, compile_routes(playbook), START) == plain_owners(facts, playbook)


MANY_FIELDS = (
    "kind",
    "category",
    "region",
    "tier",
    *(f"attributes.{name}" for name in ("always", "sometimes", *"pqr")),
)
MANY_VALUES = (*VALUES, *(str(number) for number in range(20)))


@given(random=st.randoms(use_true_random=False), facts=FACTS)
@settings(most, max_examples=100)
def test_a_look_up_gives_what_asking_each_gives_however_many_fields_and_values_they_have(
    random: Any,  # noqa: ANN401 - a Random of hypothesis
    facts: Mapping[str, Any],
) -> None:
    matchers = [
        {
            name: tuple(random.choices(MANY_VALUES, k=random.choice((0, 1, 1, 2, 3, 30))))
            for name in random.sample(MANY_FIELDS, random.choice((0, 1, 1, 2, 3, 6)))
        }
        for _ in range(random.choice((0, 1, 5, 200)))
    ]
    lookup = Lookup(matchers)
    held = [at for at, one in enumerate(matchers) if failing(one, facts) is None]
    assert list(lookup.met(facts)) == held
    assert list(islice(lookup.met(facts), 1)) == held[:1]


@given(given_playbook=playbooks(), facts=FACTS)
@most
def test_an_explanation_walks_as_the_search_does(
    given_playbook: tuple[Playbook, dict[str, Held]], facts: Mapping[str, Any]
) -> None:
    playbook, held = given_playbook

    @dataclass(frozen=True)
    class Given:
        playbook: Playbook

        def holds(self, route: str, _facts: Mapping[str, Any]) -> Held:
            return held[route]

    steps = walk(facts, cast("Rules", Given(playbook)))
    walked = plain_route(facts, playbook, lambda name, _: held[name])
    assert [(step.node.id, _failed(step)) for step in steps] == [(one.route, one.failed) for one in walked.tried]


def _failed(step: Step) -> str | None:
    if step.unmet:
        return step.unmet[0]
    return {Held.NO: "when", Held.ERROR: "condition_error"}.get(step.held) if step.held is not None else None
