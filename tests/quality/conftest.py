"""Tests on real data that lives beside the repository; where it is not, this folder holds no tests."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[3] / "shared" / "data"
_FOLDER = Path(os.environ.get("FEEDBACK_ROUTER_SHARED_DATA", _BESIDE))

collect_ignore_glob = [] if _FOLDER.is_dir() else ["test_*.py"]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    return _FOLDER
