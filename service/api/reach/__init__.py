"""Somebody who asks -> the desk and the acts as they are to them: what is out of their reach is not there."""

from service.api.reach.acts import ReachedActor, ReachedRefiler, SignedParter, SignedRefiler, SignedSilencer
from service.api.reach.desk import ReachedDesk
from service.api.reach.unquoted import unquoted_alert

__all__ = [
    "ReachedActor",
    "ReachedDesk",
    "ReachedRefiler",
    "SignedParter",
    "SignedRefiler",
    "SignedSilencer",
    "unquoted_alert",
]
