"""The stages that a story can happen on, as the suites of the ports have them."""

from tests.ports.conftest import pytest_generate_tests, rig

__all__ = ["pytest_generate_tests", "rig"]
