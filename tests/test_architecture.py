"""House rules that no linter knows; import-linter and service/core/ruff.toml hold the others."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SERVICE = ROOT / "service"
LONGEST_MODULE = 300
CLIENT_LIBRARIES = {"aiokafka", "alembic", "asyncpg", "fastapi", "httpx", "prometheus_client", "sqlalchemy", "uvicorn"}
FORBIDDEN_WORDS = {"base", "common", "data", "helper", "helpers", "info", "manager", "misc", "util", "utils"}
FORBIDDEN_BUILTINS = {"__import__", "breakpoint", "eval", "exec", "globals", "hash", "id", "input", "open"}


def _modules(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def _calls(module: Path) -> Iterator[ast.Call]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _imported(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.findall(r"^\.PHONY: (.+)$", makefile, flags=re.MULTILINE)
    return {target for line in phony for target in line.split()}


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in _modules(SERVICE)
    }
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_module_is_named_for_nothing_in_particular() -> None:
    vague = [
        str(path.relative_to(ROOT))
        for path in sorted(SERVICE.rglob("*"))
        if (path.is_dir() or path.suffix == ".py") and FORBIDDEN_WORDS & set(path.stem.lower().split("_"))
    ]
    assert vague == []


def test_no_class_is_a_manager_or_a_helper() -> None:
    vague = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in _modules(SERVICE)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Helper|Util|Utils)$", node.name)
    ]
    assert vague == []


def test_the_core_calls_no_builtin_that_reaches_outside_or_differs_between_processes() -> None:
    calls = [
        f"{path.relative_to(ROOT)}:{call.lineno}: {call.func.id}"
        for path in _modules(SERVICE / "core")
        for call in _calls(path)
        if isinstance(call.func, ast.Name) and call.func.id in FORBIDDEN_BUILTINS
    ]
    assert calls == []


def test_only_the_edges_touch_client_libraries() -> None:
    inner = [SERVICE / "settings.py", *_modules(SERVICE / "ports"), *_modules(SERVICE / "runtime")]
    touched = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in inner
        if path.exists()
        for name in _imported(path)
        if name.split(".")[0] in CLIENT_LIBRARIES
    ]
    assert touched == []


def test_every_make_target_explains_itself_in_make_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert _make_targets() == set(re.findall(r"^([a-z-]+):.*## \S", makefile, flags=re.MULTILINE))


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_documents_name_only_make_targets_that_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, flags=re.MULTILINE))
    assert named - _make_targets() == set()


@pytest.mark.parametrize("command", ["make setup", "make demo", "make test"])
def test_the_readme_shows_a_newcomer_how_to_start(command: str) -> None:
    assert re.search(rf"^{command}\b", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_the_readme_links_only_to_files_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", readme)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_lock_is_hashed_and_names_no_address() -> None:
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    requirements = re.findall(r"^[a-z0-9][^\n]*==.*(?:\n {4}--hash=.*)*", lock, flags=re.MULTILINE)
    assert [entry.split(" ")[0] for entry in requirements if "--hash=sha256:" not in entry] == []
    assert re.findall(r"^.*(?:://|--index|--find-links).*$", lock, flags=re.MULTILINE) == []


def test_every_direct_dependency_is_in_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    names = {re.split(r"[\[<>=]", requirement)[0].lower().replace(".", "-") for requirement in wanted}
    locked = set(
        re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    assert names - locked == set()
