"""A registry, a seed and a number -> survey responses about its instances, each also as it would be without a look-up.

Half of the responses have a text. On which step of the ladder one finds its instance is drawn: an order and a ticket
that it names above that step are such that no instance carries them, and who is found as a customer names neither. Nine
of ten speak of what began in the last thirty days, the others of any time in the year.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

import orjson

from service.bench.events import Published, published
from service.bench.links import registry as made
from service.bench.links.registry import Registry
from service.demo.customers import Customer
from service.demo.envelopes import Json, ces, csat, envelope, person
from service.demo.plot import SAID
from service.demo.verbatims import Writer

ORDER, TICKET, REFERENCE, CUSTOMER, NOTHING = "business_key", "ticket", "reference", "customer", "nothing"
SHARES = {ORDER: 0.4, TICKET: 0.2, CUSTOMER: 0.2, REFERENCE: 0.1, NOTHING: 0.1}
_WITH_TEXT = 0.5
_BADLY = 0.33
_LATELY, _RECENT_DAYS, _RUNNING_DAYS = 0.9, 30, 10
_OVER = timedelta(hours=1)
_LANGUAGES = {"uk": "en", "de": "de", "fr": "fr", "es": "es"}
_TIERS = ("platinum", "gold", "gold", "silver", "silver", "silver", None, None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """The same response to a survey about an instance and to one about the company, which is never linked."""

    linked: Published
    relationship: Published


def responses(registry: Registry, seed: int, count: int) -> Iterator[Twins]:
    """Yield responses of the hour before the registry ends, in the order of their times."""
    dice = Random(seed)
    writer = Writer(dice)
    for number in range(count):
        at = registry.until - _OVER + _OVER * number / count
        value = _response(registry, dice, writer, f"l{seed}-{number:07d}", at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        ref: str = value["data"]["customer"]["ref"]
        yield Twins(linked=published(ref, value), relationship=published(ref, _relationship(value)))


def _response(registry: Registry, dice: Random, writer: Writer, name: str, time: str) -> Json:
    (step,) = dice.choices(tuple(SHARES), tuple(SHARES.values()))
    lately = step == CUSTOMER or dice.random() < _LATELY
    days = _RUNNING_DAYS if step == CUSTOMER else _RECENT_DAYS
    instance = dice.randrange(registry.began_within(days) if lately else 0, registry.size)
    known, unknown = made.keys(instance), made.unknown_keys(dice.randrange(10**7))
    order = (known if step == ORDER else unknown)["business_key"]
    ticket = (known if step in {ORDER, TICKET} else unknown)["ticket"]
    owner = registry.customer(instance)
    customer = _person(owner, dice)
    if step == NOTHING:
        customer = replace(customer, ref=f"stranger-{dice.randrange(registry.customers):07d}")
    badly = dice.random() < _BADLY
    data: Json = {
        "response_id": name,
        "survey_kind": "transactional",
        "metrics": [dice.choice((csat, ces))(dice.choice((1, 2) if badly else (4, 5)))],
        "customer": person(customer),
        "correlation": {"process": made.process(instance)},
    }
    if step != CUSTOMER:
        data["correlation"] |= {"business_key": order, "ticket_ref": ticket}
    text = ""
    if dice.random() < _WITH_TEXT:
        category = dice.choice(tuple(SAID[made.process(instance)]))
        text = writer.complaint(category, customer, order, feeling=False) if badly else writer.praise(customer, order)
    if step == REFERENCE:
        text = f"{text} {known['ticket']}".lstrip()
    if text:
        data["verbatims"] = [{"text": text, "language": customer.language}]
    return envelope("feedback.survey.response.v1", "/bench/surveys", name, f"response/{name}", time, data)


def _person(owner: int, dice: Random) -> Customer:
    region = made.region(owner)
    return Customer(
        ref=made.customer_ref(owner),
        tier=_TIERS[owner % len(_TIERS)],
        region=region,
        language=_LANGUAGES[region],
        email=f"customer{owner}@example.org",
        phone=dice.randrange(1_000),
    )


def _relationship(value: Json) -> Json:
    twin: Json = orjson.loads(orjson.dumps(value))
    twin["id"] = twin["data"]["response_id"] = f"{value['id']}-r"
    twin["subject"] += "-r"
    twin["data"]["survey_kind"] = "relationship"
    return twin
