"""What makes a whole file unreadable; what ails one event of it is a value instead."""


class BrokenLogError(Exception):
    """The file, the place in it, and what is wrong there, with what to do; nothing of its content is repeated."""

    def __init__(self, file: str, place: str, message: str) -> None:
        super().__init__(f"{file}: {place}: {message}")
