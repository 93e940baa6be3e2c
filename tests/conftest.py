"""Markers are registered in pyproject.toml; fixtures live beside the tests that use them."""
