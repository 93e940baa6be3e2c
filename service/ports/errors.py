"""Why a port could not do what it was asked; adapters raise these and nothing else for trouble that is not a bug."""


class FencedError(Exception):
    """Somebody else holds the lease now: what this owner was about to write must not be written."""


class OutOfReachError(Exception):
    """A service does not answer, or asks to try again: nothing is wrong with the work itself."""


class ConflictError(OutOfReachError):
    """Two transactions stood in each other's way and this one was rolled back: start it again from its first step."""


class OutcomeUnknownError(Exception):
    """The reply of a commit was lost: read the lease again to learn whether it counts; never repeat it blindly."""


class RefusedError(Exception):
    """The store can not hold a value of this batch (SQLSTATE class 22): one of its records has to be left out."""


class TooLargeError(Exception):
    """Kafka takes no record of this size; sending it again is of no use."""


class StalePlaybookError(Exception):
    """Another playbook is active than the one that a batch was read with; `digest` names it."""

    def __init__(self, digest: str) -> None:
        super().__init__(f"playbook {digest} is active")
        self.digest = digest
