"""Where promtool is missing, what needs it is left out and named at the end; under CI=true it is run and fails."""

import os
import shutil

import pytest

_LEFT_OUT = shutil.which("promtool") is None and os.environ.get("CI") != "true"

collect_ignore = ["test_prometheus.py"] if _LEFT_OUT else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _LEFT_OUT:
        terminalreporter.section("left out: promtool is missing")
        terminalreporter.line("tests/deploy/test_prometheus.py")
