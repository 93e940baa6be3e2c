"""Somebody who asks -> the desk and the acts as they are to them: what is out of their reach is not there."""

from service.api.reach.acts import ReachedActor, ReachedRefiler
from service.api.reach.desk import ReachedDesk

__all__ = ["ReachedActor", "ReachedDesk", "ReachedRefiler"]
