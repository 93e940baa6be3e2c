"""A customer as an event names it -> a pseudonym, before anything can store or log the reference."""

import hmac
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from service.core.contracts.cloudevent import Event
from service.core.contracts.parties import Customer, customer_of
from service.core.contracts.process import ProcessInstance
from service.core.contracts.survey import SurveyResponse
from service.core.contracts.ticket import Ticket
from service.core.records.identities import Reference

# The secret in use, the one before it, and those of the offline commands.
_MOST_SECRETS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PseudonymKey:
    """The secret under which customer references are hidden, and the id by which a pseudonym names it."""

    key_id: str
    secret: bytes = field(repr=False)
    former: "PseudonymKey | None" = field(default=None, repr=False)

    def pseudonym(self, ref: str) -> str:
        """Return `<key id>:<first 128 bits of HMAC-SHA256, hexadecimal>`."""
        hidden = _keyed(self.secret).copy()
        hidden.update(ref.encode(errors="surrogatepass"))
        return f"{self.key_id}:{hidden.hexdigest()[:32]}"

    def every(self, ref: str) -> tuple[str, ...]:
        """Return the pseudonyms under this key and the one before it, which rows of that time still hold."""
        return (self.pseudonym(ref), *(() if self.former is None else self.former.every(ref)))

    def marks(self, what: str, *names: str) -> tuple[str, ...]:
        """Hide names, so that they are known again but can not be read; `what` keeps kinds of names apart.

        One for each key. No customer's reference holds a NUL, so that none is ever a pseudonym.
        """
        return self.every("\0".join((what, "", *names)))


@lru_cache(maxsize=_MOST_SECRETS)
def _keyed(secret: bytes) -> hmac.HMAC:
    """Begin with the secret, once: a copy of that costs a third of beginning again."""
    return hmac.new(secret, digestmod=sha256)


def customer_references(event: Event, key: PseudonymKey) -> tuple[Reference, ...]:
    """Return those of the customer's references that bear a type, as pseudonyms, in order."""
    match event.data:
        case SurveyResponse(customer=party) | Ticket(customer=party) | ProcessInstance(customer=party):
            customer = None if party is None else customer_of(party)
        case _:
            customer = None
    if customer is None:
        return ()
    named = [(customer.ref_type, customer.ref), *((one.ref_type, one.ref) for one in customer.also)]
    found = {Reference(kind.strip().casefold(), key.pseudonym(ref)) for kind, ref in named if kind and kind.strip()}
    return tuple(sorted(found))


def of_team(team: str) -> str:
    """Name the team of an employee as alerts count customers: it speaks with one voice, whoever of it wrote."""
    return "team:" + sha256(team.encode(errors="surrogatepass")).hexdigest()[:32]


def pseudonym_of(customer: Customer | None, event: Event, key: PseudonymKey) -> str:
    return key.pseudonym(customer.ref) if customer is not None else anonymous(event.source, event.subject)


def anonymous(source: str, subject: str) -> str:
    """An event without a customer is a customer of its own: its subject's, so that a revision stays the same one."""
    return "anonymous:" + sha256(f"{source}\n{subject}".encode()).hexdigest()[:32]
