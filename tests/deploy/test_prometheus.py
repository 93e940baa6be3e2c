"""Prometheus itself reads our configuration, and runs the rules' own tests."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / "deploy" / "prometheus"


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "prometheus.yml"), ("check", "rules", "rules.yml"), ("test", "rules", "rules_test.yml")],
    ids=" ".join,
)
def test_promtool_is_content(arguments: tuple[str, ...]) -> None:
    done = promtool(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_reads_every_expression_of_the_dashboard(tmp_path: Path) -> None:
    dashboard = json.loads((FOLDER.parent / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
    targets = [target for panel in dashboard["panels"] for target in panel.get("targets", ())]
    rules = [
        # What Grafana fills in before it asks.
        {"record": f"panel:{at}", "expr": target["expr"].replace("$__rate_interval", "1m").replace("$team", ".*")}
        for at, target in enumerate((*targets, *dashboard["annotations"]["list"]))
    ]
    file = tmp_path / "dashboard.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
    done = promtool("check", "rules", str(file))
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_is_shown_to_fire_and_to_hold_still() -> None:
    rules = yaml.safe_load((FOLDER / "rules.yml").read_text(encoding="utf-8"))
    suite = yaml.safe_load((FOLDER / "rules_test.yml").read_text(encoding="utf-8"))
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    checks = [check for test in suite["tests"] for check in test["alert_rule_test"]]
    assert {check["alertname"] for check in checks if check.get("exp_alerts")} == alerts
    # An alert that fires for some of a test's series holds still for the others.
    still = {check["alertname"] for check in checks if not check.get("exp_alerts")}
    still |= {
        check["alertname"]
        for test in suite["tests"]
        if len(test["input_series"]) > 2
        for check in test["alert_rule_test"]
    }
    assert still == alerts
