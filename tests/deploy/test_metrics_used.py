"""Rules, dashboard and meter name the same metrics, and the same labels of each."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from service.adapters.meter import PREFIX, SHAPES, Kind

DEPLOY = Path(__file__).parents[2] / "deploy"
SCRAPED = {"job", "instance"}
NAME = re.compile(rf"{PREFIX}(\w+)(?:\{{([^}}]*)\}})?")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")


def rule_expressions() -> Iterator[str]:
    document = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text(encoding="utf-8"))
    for group in document["groups"]:
        for rule in group["rules"]:
            yield rule["expr"]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
    return found


def dashboard_expressions() -> Iterator[str]:
    document = dashboard()
    for panel in document["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    yield from (annotation["expr"] for annotation in document["annotations"]["list"])


def exposed() -> dict[str, frozenset[str]]:
    """Map each name that /metrics shows onto its labels."""
    found: dict[str, frozenset[str]] = {}
    for name, shape in SHAPES.items():
        labels = frozenset(shape.labels) | SCRAPED
        match shape.kind:
            case Kind.COUNTER | Kind.GAUGE:
                found[name] = labels
            case _:
                found[f"{name}_bucket"] = labels | {"le"}
                found[f"{name}_sum"] = found[f"{name}_count"] = labels
    return found


def used() -> Iterator[tuple[str, frozenset[str]]]:
    for expression in (*rule_expressions(), *dashboard_expressions()):
        for name, matchers in NAME.findall(expression):
            yield name, frozenset(LABEL.findall(matchers))


def test_every_metric_and_label_that_is_looked_at_exists() -> None:
    known = exposed()
    assert {(name, label) for name, labels in used() for label in labels if label not in known.get(name, ())} == set()
    assert {name for name, _ in used()} - known.keys() == set()


def test_every_metric_is_looked_at() -> None:
    looked_at = {re.sub(r"_(bucket|sum|count)$", "", name) for name, _ in used()}
    assert looked_at == set(SHAPES)


def test_sums_are_by_labels_that_their_metric_has() -> None:
    known = exposed()
    strangers = set()
    for expression in (*rule_expressions(), *dashboard_expressions()):
        names = [name for name, _ in NAME.findall(expression)]
        allowed = frozenset[str]().union(*(known[name] for name in names)) if names else SCRAPED
        for group in re.findall(r"(?:by|on)\s*\(([^)]*)\)", expression):
            strangers |= {(expression, label.strip()) for label in group.split(",") if label.strip() not in allowed}
    assert strangers == set()


def test_every_alert_leads_to_a_section_of_the_operations_guide() -> None:
    guide = (DEPLOY / "docs" / "operations.md").read_text(encoding="utf-8")
    anchors = {
        f"deploy/docs/operations.md#{title.strip().lower().replace(' ', '-')}"
        for title in re.findall(r"^#+ (.*)$", guide, re.MULTILINE)
    }
    document = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text(encoding="utf-8"))
    runbooks = {rule["annotations"]["runbook"] for group in document["groups"] for rule in group["rules"]}
    assert runbooks <= anchors


def test_panels_neither_overlap_nor_share_a_name() -> None:
    panels = dashboard()["panels"]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["title"] for panel in panels}) == len({panel["id"] for panel in panels}) == len(panels)
