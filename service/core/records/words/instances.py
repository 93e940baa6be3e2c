"""The closed vocabulary of process instances."""

from service.core.records.words.word import Word


class Lifecycle(Word):
    """A step in the life of the activity, or of the whole instance when no activity is named (after IEEE 1849, XES)."""

    SCHEDULE = "schedule"
    ASSIGN = "assign"
    START = "start"
    SUSPEND = "suspend"
    RESUME = "resume"
    COMPLETE = "complete"
    CANCEL = "cancel"
    FAIL = "fail"


# What ends an activity, or the whole instance.
ENDS = frozenset({Lifecycle.COMPLETE, Lifecycle.CANCEL, Lifecycle.FAIL})


class InstanceState(Word):
    """How an instance stands: as the last that was said of it as a whole leaves it."""

    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
