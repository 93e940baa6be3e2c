"""A partial change of a subject and its state -> the change with what it leaves out filled in from the state.

A state that says nothing of a field leaves it as it was. A remark takes from the state whose it is, and what it is
about where it does not say so itself.
"""

from typing import Any

from msgspec.structs import replace

from service.core.records.decisions import Contribution
from service.core.records.feedback import Categorised, Feedback, FeedbackRead, Keys
from service.core.records.words import Change, FeedbackKind, Flag

# Each key with what was named with it.
_KEY_NAMES = {"instance": (), "business_key": ("business_within",), "order": ("order_within",)}
_FIELDS = ("channel", "tier", "region", "segment", "process", "survey", "touchpoint", "group")


def complete(said: FeedbackRead, state: Contribution) -> FeedbackRead:
    """Fill what a partial change leaves out with what the subject's state says."""
    new, old = said.feedback, state.feedback
    filled: dict[str, Any] = {name: getattr(old, name) for name in _FIELDS if getattr(new, name) is None}
    if Flag.ANONYMOUS in new.flags and Flag.ANONYMOUS not in old.flags:
        filled["customer"] = old.customer
        filled["flags"] = tuple(flag for flag in new.flags if flag is not Flag.ANONYMOUS)
    if new.kind is FeedbackKind.EMPLOYEE and new.group is None:
        filled["customer"] = old.customer
    filled["keys"] = _named(new, old)
    filled["attributes"] = {**old.attributes, **new.attributes}
    filled["relationship"] = new.relationship or old.relationship
    signals, categorised = said.signals, said.categorised
    if new.change is Change.STATE:
        filled["reopen_count"] = max(new.reopen_count, old.reopen_count)
        if new.status is None:
            filled |= {"status": old.status, "done": old.done}
        if new.priority is None:
            filled["priority"] = old.priority
        if not new.metrics:
            filled["metrics"] = old.metrics
        if signals.negativity is None:
            signals = replace(signals, negativity=state.signals.negativity, scored=state.signals.scored)
        if not new.text:
            filled |= {"text": old.text, "question": old.question, "language": old.language}
            if Flag.LANGUAGE_DETECTED in old.flags:
                filled["flags"] = (*filled.get("flags", new.flags), Flag.LANGUAGE_DETECTED)
            kept = state.signals
            signals = replace(
                signals,
                sentiment=kept.sentiment,
                sentiment_source=kept.sentiment_source,
                negative_text=kept.negative_text,
                text_source=kept.text_source,
                hot=kept.hot,
                overrides=kept.overrides,
            )
            categorised = _kept(categorised, state.categorised)
    else:
        categorised = _kept(categorised, state.categorised)
        # A remark that comes late, from before the end of its subject, is as done as the subject is.
        filled["done"] = new.done or (old.done and new.occurred_at <= old.occurred_at)
    return FeedbackRead(feedback=replace(new, **filled), categorised=categorised, signals=signals)


def _named(new: Feedback, old: Feedback) -> Keys:
    """Keep each key as it was named last; that a ticket is itself takes back no other that it has named."""
    keys: dict[str, Any] = {}
    for name, beside in _KEY_NAMES.items():
        if getattr(new.keys, name) is None:
            keys |= {each: getattr(old.keys, each) for each in (name, *beside)}
    if new.keys.ticket is None or (new.keys.is_own and old.keys.ticket is not None):
        keys |= {"ticket": old.keys.ticket, "is_own": old.keys.is_own}
    spoken_for = new.text if new.change is Change.STATE else new.keys.references or new.keys.loose
    if not spoken_for:
        keys |= {"references": old.keys.references, "loose": old.keys.loose}
    return replace(new.keys, **keys)


def _kept(new: Categorised, old: Categorised) -> Categorised:
    named = new if new.categories else old
    return replace(named, stage=new.stage or old.stage, outcome=new.outcome or old.outcome)
