"""Needles, and what is held somewhere -> which classes of what must not be there are there: deploy/docs/privacy.md."""

from service.core.leaks.needles import FEWEST_CHARACTERS, Needle, read_needles
from service.core.leaks.scan import Leak, Piece, Scanner, Tally

__all__ = ["FEWEST_CHARACTERS", "Leak", "Needle", "Piece", "Scanner", "Tally", "read_needles"]
