"""The composition root: settings -> a running service, with every adapter chosen here and nowhere else."""

from service.app.playbooks import PlaybookError
from service.app.serve import SchemaBehindError, serve

__all__ = ["PlaybookError", "SchemaBehindError", "serve"]
