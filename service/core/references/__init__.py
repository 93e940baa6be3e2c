"""Text, forms -> the numbers of tickets, orders or claims that it names: deploy/docs/linking.md, "References"."""

from service.core.references.find import MOST_REFERENCES, References, references
from service.core.references.forms import Form, canonical, form, is_near

__all__ = ["MOST_REFERENCES", "Form", "References", "canonical", "form", "is_near", "references"]
