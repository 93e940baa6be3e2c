"""The stages that a story can happen on: each story runs on memory and on PostgreSQL."""

from tests.ports.conftest import postgres_rig, pytest_generate_tests, rig

__all__ = ["postgres_rig", "pytest_generate_tests", "rig"]
