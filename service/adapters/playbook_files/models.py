"""A playbook's path -> the model files that lie beside it, in `models/`; what is too large for a model is left out."""

from collections.abc import Sequence
from pathlib import Path

from service.ports import MOST_BYTES

FOLDER = "models"
_MOST_FILES = 50


def models_beside(playbook: Path) -> Sequence[Path]:
    """Look in the playbook's folder, or in that of its file, and return at most fifty files in the order of names."""
    folder = (playbook if playbook.is_dir() else playbook.parent) / FOLDER
    return [file for file in sorted(folder.glob("*.model"))[:_MOST_FILES] if _is_fit(file)]


def _is_fit(file: Path) -> bool:
    try:
        return file.stat().st_size <= MOST_BYTES
    except OSError:
        return False
