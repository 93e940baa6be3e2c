"""Event logs of process mining: XES and OCEL 2.0 in as `process.instance.v1`, and OCEL 2.0 out."""

from service.core.event_log.logged import LogFault, Logged, Unread, event_of, instant_of
from service.core.event_log.ocel import (
    OcelEvent,
    OcelObject,
    OcelReading,
    object_of,
    ocel_events,
)
from service.core.event_log.xes import XesEvent, XesReading, XesTraceEnd, xes_events

__all__ = [
    "LogFault",
    "Logged",
    "OcelEvent",
    "OcelObject",
    "OcelReading",
    "Unread",
    "XesEvent",
    "XesReading",
    "XesTraceEnd",
    "event_of",
    "instant_of",
    "object_of",
    "ocel_events",
    "xes_events",
]
