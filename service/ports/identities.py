"""What is known of whose references are one customer's, and how a person takes a join apart."""

from collections.abc import Collection
from typing import Protocol

from service.core.pipeline.parting import Parted, Parting
from service.core.records.identities import Hearsay, IdentityRule


class Identities(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def hearsay(self, refs: Collection[str], rule: IdentityRule) -> Hearsay:
        """Return all that the persons of pseudonyms hang on, as it stands."""
        ...


class Parter(Protocol):
    """Splits and lifts splits, each in one transaction with the links that it changes."""

    async def __call__(self, asked: Parting) -> Parted:
        """Do it; doing it again changes nothing.

        Raises:
            OutcomeUnknownError: the reply of the commit was lost; ask again.
            OutOfReachError: the store does not answer, or others stood in the way each time.
        """
        ...
