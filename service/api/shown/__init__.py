"""Alerts, members, notices -> the documents that clients read. Times are in UTC."""

from service.api.shown.alerts import (
    AckShown,
    AlertLinks,
    AlertShown,
    CountsShown,
    ExcerptShown,
    MemberShown,
    NoticeShown,
    SettledShown,
    show_alert,
    show_member,
    show_notice,
)
from service.api.shown.answer import Shown, Utc
from service.api.shown.handled import (
    AssignedShown,
    DispositionShown,
    DisputedShown,
    HeldBackShown,
    HeldShown,
    show_held,
)

__all__ = [
    "AckShown",
    "AlertLinks",
    "AlertShown",
    "AssignedShown",
    "CountsShown",
    "DispositionShown",
    "DisputedShown",
    "ExcerptShown",
    "HeldBackShown",
    "HeldShown",
    "MemberShown",
    "NoticeShown",
    "SettledShown",
    "Shown",
    "Utc",
    "show_alert",
    "show_held",
    "show_member",
    "show_notice",
]
