"""The commands by name, each made when it is asked for: to start one takes what that one imports, not what all do."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperGroup
from typer.main import get_command

# In the order in which the help lists them.
_PLACES: Mapping[str, tuple[str, str]] = {
    "check": ("offline", "check"),
    "explain": ("offline", "explain"),
    "replay": ("offline", "replay_command"),
    "backtest": ("backtest", "backtest"),
    "demo": ("demo", "demo_command"),
    "serve": ("serving", "serve_command"),
    "migrate": ("serving", "migrate_command"),
    "publish": ("publishing", "publish"),
    "export": ("operations", "export"),
    "export-ocel": ("ocel", "export_ocel"),
    "corrections": ("corrections", "corrections"),
    "simulate-volume": ("simulation", "simulate_volume"),
    "simulate-causes": ("causes", "simulate_causes"),
    "train": ("training", "train_command"),
    "evaluate": ("training", "evaluate_command"),
    "scan-leaks": ("leaks", "scan_leaks"),
    "bench": ("bench", "bench"),
    "dead-letters": ("operations", "dead_letters"),
    "models": ("models", "models"),
    "keys": ("keys", "keys"),
    "audit": ("audit", "audit"),
    "channels": ("channels", "channels"),
}


def _nothing() -> None: ...


class _Commands(Mapping[str, Any]):
    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - typer does not name the type of its commands.
        module, attribute = _PLACES[name]
        found = getattr(import_module(f"service.cli.{module}"), attribute)
        parent = typer.Typer(callback=_nothing, add_completion=False)
        if isinstance(found, typer.Typer):
            parent.add_typer(found, name=name)
        else:
            parent.command(name)(found)
        group: Any = get_command(parent)
        return group.commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)


class Commands(TyperGroup):
    """All of them, as typer asks for them."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - typer's own
        super().__init__(**settings)
        self.commands = cast("Any", _Commands())
