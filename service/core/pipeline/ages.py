"""The playbook's privacy part -> how old each class of rows may become: the table of deploy/docs/privacy.md."""

from collections.abc import Mapping
from datetime import timedelta

from service.core.playbook.model import Privacy
from service.core.records.words import Kept

# What an API write was answered is repeated for so long.
_ANSWERS = timedelta(hours=24)


def ages(privacy: Privacy) -> Mapping[Kept, timedelta]:
    """Name the age of each class, in the order in which classes are looked at: texts before the rows of them."""
    feedback, log = timedelta(days=privacy.feedback_days), timedelta(days=privacy.log_days)
    text = min(timedelta(days=privacy.alert_text_days), log)
    return {
        Kept.ANSWERS: _ANSWERS,
        Kept.DEAD_LETTERS: timedelta(days=privacy.dead_letter_days),
        Kept.ALERT_TEXT: text,
        Kept.NOTICE_TEXT: text,
        Kept.DIGEST_TEXT: text,
        Kept.ACT_TEXT: text,
        # What is dead still quotes.
        Kept.DELIVERIES: min(timedelta(days=privacy.dead_letter_days), text),
        Kept.FEEDBACK: feedback,
        Kept.IDENTITIES: feedback,
        Kept.CORRECTIONS: feedback,
        Kept.NOTICES: log,
        Kept.DIGESTS: log,
        Kept.REVIEWS: log,
        Kept.ALERTS: log,
        Kept.ACTS: log,
        Kept.LOG: log,
        Kept.ERASURES: log,
        Kept.AUDIT: timedelta(days=privacy.audit_days),
    }
