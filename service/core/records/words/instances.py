"""The closed vocabulary of process instances."""

from enum import StrEnum


class Lifecycle(StrEnum):
    """A step in the life of the activity, or of the whole instance when no activity is named (after IEEE 1849, XES)."""

    SCHEDULE = "schedule"
    ASSIGN = "assign"
    START = "start"
    SUSPEND = "suspend"
    RESUME = "resume"
    COMPLETE = "complete"
    CANCEL = "cancel"
    FAIL = "fail"
