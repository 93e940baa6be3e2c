"""Feedback Router: survey and ticket events in, one explained decision per event out."""

__version__ = "0.1.0"
