"""What a check of a playbook's documents found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.core.pipeline.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A playbook's rules, or None with every fault: file, line, column, path and message of each.

    `warnings` are of the same shape, and of a playbook without faults.
    """

    rules: Rules | None
    faults: Sequence[Mapping[str, str | int]] = ()
    warnings: Sequence[Mapping[str, str | int]] = ()
