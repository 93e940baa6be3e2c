"""A language for who is told what, when: pushes and acts at times, the notices wanted, and none beside those."""

from tests.story.telling import Scene, Stage, Story
from tests.story.wording import Open, Said, Window, at, between, days, hours, minutes, seconds

__all__ = [
    "Open",
    "Said",
    "Scene",
    "Stage",
    "Story",
    "Window",
    "at",
    "between",
    "days",
    "hours",
    "minutes",
    "seconds",
]
