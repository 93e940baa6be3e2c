"""Every port of the store, in memory: for replay, explain, a playbook's own tests, and the suites of the ports."""

from service.adapters.memory.access import MemoryKeys, MemorySessions
from service.adapters.memory.audit import MemoryAudit
from service.adapters.memory.deliveries import MemoryDeliveries
from service.adapters.memory.desk import MemoryDesk
from service.adapters.memory.lookout import MemoryLookout
from service.adapters.memory.models import MemoryModels
from service.adapters.memory.recorded import MemoryRecorded
from service.adapters.memory.shelf import MemoryShelf
from service.adapters.memory.store import MemoryStore
from service.adapters.memory.tracks import MemoryTracks

__all__ = [
    "MemoryAudit",
    "MemoryDeliveries",
    "MemoryDesk",
    "MemoryKeys",
    "MemoryLookout",
    "MemoryModels",
    "MemoryRecorded",
    "MemorySessions",
    "MemoryShelf",
    "MemoryStore",
    "MemoryTracks",
]
