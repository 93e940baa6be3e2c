"""A Dockerfile's text -> its instructions, carried out in a folder, for machines without a container engine.

It knows the instructions that our file uses and refuses any other. The absolute paths that a stage writes to are put
below one root, and each stage gets that root empty, so that what is copied from stage to stage finds itself where it
was made. The base image is played by the Python that runs the tests.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

_KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "LABEL", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
_OWN_PATHS = re.compile(r"(?<![\w./])/(?=opt|src|dist)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction; `words` are its arguments, of the exec form where it is written so."""

    name: str
    text: str

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text))


@dataclass(slots=True, kw_only=True)
class Image:
    """What the last stage is: its files below `root`, and how it says it is to be run."""

    root: Path
    base: str
    environment: dict[str, str] = field(default_factory=dict)
    user: str = ""
    folder: str = "/"
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    healthcheck: tuple[str, ...] = ()

    def path(self, inside: str) -> Path:
        """Return where a path of the image is on this machine."""
        return self.root / inside.lstrip("/")

    def run(
        self, *command: str, cwd: Path, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command with the image's environment alone."""
        program = shutil.which(command[0], path=self.environment["PATH"])
        if program is None:
            raise ValueError(f"The image has no {command[0]}.")
        return subprocess.run(
            [program, *command[1:]],
            cwd=cwd,
            env=self.environment | (environment or {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def instructions(text: str) -> Iterator[Instruction]:
    """Read the instructions, with continued lines joined and comments left out."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        name, _, rest = line.strip().partition(" ")
        if not name:
            continue
        if name not in _KNOWN:
            raise ValueError(f"{name} is not an instruction that these tests can carry out.")
        yield Instruction(name=name, text=rest.strip())


def context(tree: Path, ignore: str) -> Iterator[Path]:
    """List the files, relative to `tree`, that a builder is sent: the last pattern that fits a path decides."""
    patterns = [line for line in ignore.splitlines() if line and not line.startswith("#")]
    for folder, folders, names in os.walk(tree):
        here = Path(folder).relative_to(tree)
        folders[:] = [one for one in folders if _kept(here / one, patterns) or _leads_to_kept(here / one, patterns)]
        yield from (here / name for name in names if _kept(here / name, patterns))


def build(dockerfile: str, tree: Path, where: Path) -> Image:
    """Carry out every stage; return the last."""
    stages: dict[str, Path] = {}
    image: Image | None = None
    name = ""
    for step in instructions(dockerfile):
        if step.name == "FROM":
            if image is not None:
                stages[name] = image.root.rename(where / f"stage-{name}")
            base, _, name = step.text.partition(" AS ")
            image = Image(root=where / "root", base=base)
            _lay_base(image)
        elif image is None:
            raise ValueError("A Dockerfile begins with FROM.")
        else:
            _carry_out(step, image, tree, stages)
    if image is None:
        raise ValueError("A Dockerfile without FROM builds nothing.")
    return image


def _carry_out(step: Instruction, image: Image, tree: Path, stages: dict[str, Path]) -> None:
    match step.name:
        case "WORKDIR":
            image.folder = step.text
            image.path(step.text).mkdir(parents=True, exist_ok=True)
        case "ENV":
            for setting in step.words:
                key, _, value = setting.partition("=")
                image.environment[key] = _below(image, value).replace("$PATH", image.environment["PATH"])
        case "COPY":
            _copy(step.words, image, tree, stages)
        case "RUN":
            command = ["/bin/sh", "-euc", _below(image, step.text)]
            subprocess.run(
                command, cwd=image.path(image.folder), env=_building(image), check=True, timeout=600, umask=0o022
            )
        case "USER":
            image.user = step.text
        case "ENTRYPOINT":
            image.entrypoint = step.words
        case "CMD":
            image.command = step.words
        case "HEALTHCHECK":
            image.healthcheck = Instruction(name="CMD", text=step.text.partition("CMD ")[2]).words
        case _:
            pass


def _copy(words: tuple[str, ...], image: Image, tree: Path, stages: dict[str, Path]) -> None:
    options = [word for word in words if word.startswith("--")]
    *sources, target = (word for word in words if not word.startswith("--"))
    origin = tree
    for option in options:
        origin = stages[option.removeprefix("--from=")]
    there = image.path(target if target.startswith("/") else f"{image.folder}/{target}")
    for source in sources:
        found = origin / source.lstrip("/")
        if found.is_dir():
            shutil.copytree(found, there, symlinks=True, dirs_exist_ok=True)
        else:
            there.mkdir(parents=True, exist_ok=True)
            shutil.copy2(found, there / found.name)


def _lay_base(image: Image) -> None:
    folder = image.path("/usr/local/bin")
    folder.mkdir(parents=True)
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    for name in ("python", "python3"):
        (folder / name).symlink_to(python)
    image.environment["PATH"] = f"{folder}:/usr/bin:/bin"


def _building(image: Image) -> dict[str, str]:
    # A builder has the home of whoever builds, and with it pip's cache and pip's settings.
    kept = {key: value for key, value in os.environ.items() if key.startswith("PIP_") or key == "HOME"}
    return kept | image.environment


def _below(image: Image, text: str) -> str:
    return _OWN_PATHS.sub(f"{image.root}/", text)


def _kept(path: Path, patterns: list[str]) -> bool:
    kept = True
    for pattern in patterns:
        if any(_fits(part, pattern.removeprefix("!")) for part in (path, *path.parents)):
            kept = pattern.startswith("!")
    return kept


def _leads_to_kept(path: Path, patterns: list[str]) -> bool:
    return any(pattern.startswith(f"!{path}/") for pattern in patterns)


def _fits(path: Path, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch(path.name, pattern.removeprefix("**/"))
    return fnmatch(str(path), pattern) and str(path).count("/") == pattern.count("/") and str(path) != "."
