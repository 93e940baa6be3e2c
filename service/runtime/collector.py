"""What a process has built by the time it begins to serve -> what the garbage collector need not look at again.

Decisions leave hardly a cycle behind, yet Python would go through the whole heap, compiled playbook and all, each time
that some thousand objects were added: about a tenth of the worker's time.
"""

import gc

# Allocations before a young collection, young ones before a middle one, middle ones before a full one.
_THRESHOLDS = (50_000, 20, 50)


def spare_what_stays() -> None:
    """Take what lives now out of the collector's sight, and have it look less often at what comes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
