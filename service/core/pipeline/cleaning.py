"""What people wrote, in texts, questions, labels and variables -> the same, redacted, before anything else sees it."""

from functools import lru_cache

from msgspec.structs import replace

from service.core.language import in_its_language
from service.core.pipeline.rules import Rules
from service.core.records.feedback import Feedback
from service.core.records.steps import Step
from service.core.records.words import Flag
from service.core.redact import redact
from service.core.references import references
from service.core.text import shorten, visible

MOST_CHARACTERS = 10_000
# What lies behind is not even redacted: a megabyte of digits would hold up a whole batch, and nobody reads that far.
MOST_REDACTED = 2 * MOST_CHARACTERS
MOST_OF_QUESTION = 500
# Labels and the like are few and come again and again.
_MOST_SHORT = 4_096


def clean_feedback(feedback: Feedback, rules: Rules) -> Feedback:
    """Clean what people wrote before anything else sees it."""
    text = visible(feedback.text)
    question = _clean_question(feedback.question, rules)
    flags, keys = feedback.flags, feedback.keys
    if text:
        begun = shorten(text, MOST_REDACTED)
        named = references(begun, rules.forms)
        if (named.exact, named.loose) != (keys.references, keys.loose):
            keys = replace(keys, references=named.exact, loose=named.loose)
        redacted = redact(begun, rules.playbook.privacy.phone_region, frozenset(named.exact))
        is_cut = len(begun) < len(text) or len(redacted.text) > MOST_CHARACTERS
        text = shorten(redacted.text, MOST_CHARACTERS)
        if redacted.classes:
            flags += (Flag.TEXT_REDACTED,)
        if is_cut and Flag.TEXT_CUT not in flags:
            flags += (Flag.TEXT_CUT,)
    if (text, question, flags, keys) != (feedback.text, feedback.question, feedback.flags, feedback.keys):
        feedback = replace(feedback, text=text, question=question, flags=flags, keys=keys)
    return in_its_language(feedback, rules.detect)


def clean_labels(feedback: Feedback, rules: Rules) -> Feedback:
    """Redact what a source hands on beside the text: a person may have typed it too."""
    if not feedback.labels and not feedback.attributes and not feedback.group:
        return feedback
    region = rules.playbook.privacy.phone_region
    labels = tuple(_short(label, region) for label in feedback.labels)
    attributes = {name: _short(value, region) for name, value in feedback.attributes.items()}
    group = feedback.group and _short(feedback.group, region)
    if (labels, attributes, group) == (feedback.labels, feedback.attributes, feedback.group):
        return feedback
    return replace(feedback, labels=labels, attributes=attributes, group=group)


def clean_step(step: Step, rules: Rules) -> Step:
    """Redact what an engine hands on of its variables: people may have written into them."""
    region = rules.playbook.privacy.phone_region
    cleaned = {
        name: redact(visible(value), region).text if isinstance(value, str) else value
        for name, value in step.attributes.items()
    }
    return replace(step, attributes=cleaned) if cleaned != step.attributes else step


def _clean_question(question: str, rules: Rules) -> str:
    """A tool may have put a name or a number into the question that it asks."""
    if not question:
        return ""
    begun = shorten(visible(question), MOST_OF_QUESTION)
    return shorten(redact(begun, rules.playbook.privacy.phone_region).text, MOST_OF_QUESTION)


@lru_cache(maxsize=_MOST_SHORT)
def _short(value: str, region: str) -> str:
    return redact(visible(value), region).text
