"""Text -> text without what identifies or pays for a person: deploy/docs/privacy.md, "What is redacted"."""

from service.core.redact.passes import PiiClass, Redacted, redact, sure_classes

__all__ = ["PiiClass", "Redacted", "redact", "sure_classes"]
