"""Nothing -> the folders that travel beside the code: playbooks and migrations.

A wheel carries them inside the package; a checkout keeps them at the top of the tree, where people look for them. Where
neither place has the folder, the installation is broken, and that is said at once.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def playbooks() -> Path:
    return _folder("playbooks", checkout="deploy/playbooks")


def migrations() -> Path:
    return _folder("migrations", checkout="migrations")


def _folder(name: str, *, checkout: str) -> Path:
    for candidate in (_PACKAGE / name, _PACKAGE.parent / checkout):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"This installation has no {name}: reinstall the package.")
