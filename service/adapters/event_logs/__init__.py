"""Files of event logs -> the records of the core, streamed: XES, and OCEL 2.0 in JSON, with gzip or without."""

from service.adapters.event_logs.files import BrokenLogError, Format, format_of, read_ocel, read_xes

__all__ = ["BrokenLogError", "Format", "format_of", "read_ocel", "read_xes"]
