"""The source mappings that are shipped, compiled."""

from pathlib import Path

from ruamel.yaml import YAML

from service.core.mapping import CompiledSource, compile_source
from service.core.playbook.sources import Source

PLAYBOOKS = Path(__file__).parents[3] / "deploy" / "playbooks"


def sources(file: Path) -> dict[str, CompiledSource]:
    found = {}
    for name, written in YAML(typ="safe", pure=True).load(file)["sources"].items():
        compiled = compile_source(name, Source.model_validate(written))
        assert isinstance(compiled, CompiledSource), (file, compiled)
        found[name] = compiled
    return found


def shipped(path: str, name: str) -> CompiledSource:
    return sources(PLAYBOOKS / path)[name]
