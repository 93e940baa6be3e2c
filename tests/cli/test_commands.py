"""The command line: each command is there under its name, and imports nothing of the others."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from service.cli.commands import Commands
from service.cli.main import app

_LOADED = """
import sys
from service.cli.main import app
app(sys.argv[1:], standalone_mode=False)
heavy = ("fastapi", "alembic", "service.bench", "service.demo", "service.training")
print([name for name in heavy if name in sys.modules])
"""
_CARRIED = """
import sys
import service.cli.serving, service.app.answering, service.app.delivering
print([name for name in ("alembic", "sqlalchemy", "authlib", "joserfc") if name in sys.modules])
"""


def carried_by_serve() -> str:
    return _last_line_of(_CARRIED)


def loaded(*arguments: str) -> str:
    return _last_line_of(_LOADED, *arguments)


def _last_line_of(program: str, *arguments: str) -> str:
    ran = subprocess.run(
        (sys.executable, "-c", program, *arguments), capture_output=True, text=True, check=True, timeout=60
    )
    return ran.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", Commands(name="all").commands)
def test_each_command_says_what_it_is_for(name: str) -> None:
    said = CliRunner().invoke(app, [name, "--help"])
    assert said.exit_code == 0
    assert f"Usage: feedback-router {name}" in said.stdout


def test_serve_carries_neither_migrations_nor_the_checks_of_a_provider_s_tokens() -> None:
    assert carried_by_serve() == "[]"


def test_the_help_has_all_of_them() -> None:
    said = CliRunner().invoke(app, ["--help"]).stdout
    assert [name for name in Commands(name="all").commands if f" {name} " not in said] == []


def test_a_command_imports_nothing_of_the_others() -> None:
    assert loaded("check", "--help") == "[]"


def test_a_misspelt_command_is_answered_with_the_one_that_was_meant() -> None:
    said = CliRunner().invoke(app, ["exprot"])
    assert said.exit_code == 2
    assert "Did you mean 'export'" in said.stderr
