"""Playbook files -> a checked playbook, or every fault with its file, line and column."""

from service.adapters.playbook_files.loading import Loaded, load, load_text
from service.adapters.playbook_files.models import models_beside
from service.adapters.playbook_files.report import LocatedFault, faults_json, format_faults

__all__ = ["Loaded", "LocatedFault", "faults_json", "format_faults", "load", "load_text", "models_beside"]
