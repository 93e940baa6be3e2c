"""Fixture: the Alertmanager that the harness of `bench fatigue` is tried with.

It is found as the benchmark finds it. Debian's package reads its templates from /usr/share and so can not run from a
folder of ours: where it is not installed the tests that need it are left out, and under CI=true that is a failure.
"""

import os
from pathlib import Path

import pytest

from service.bench import AlertmanagerUnavailable, find


@pytest.fixture(scope="session")
def alertmanager() -> Path:
    try:
        return find()
    except AlertmanagerUnavailable as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must try a real Alertmanager: {reason}", pytrace=False)
        pytest.skip(str(reason))
