"""Text -> text without e-mail addresses, secrets in links, account, card, national id and phone numbers."""

from service.core.redact.passes import PiiClass, Redacted, redact

__all__ = ["PiiClass", "Redacted", "redact"]
