"""What is locked, and what was loaded of it -> all else that hangs on it, in one statement.

Marks of the erased, the instances that carry a key or are a customer's, and the rest of customers' cases, where these
may be enough to put one at risk. Most customers have no case, or one; for them an index alone is asked.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import asyncpg

from service.adapters.postgres.documents import CONTRIBUTIONS, INSTANCES
from service.adapters.postgres.persons import hearsay
from service.adapters.postgres.registry import Locked, merges_of
from service.adapters.postgres.session import Session
from service.core.link.keys import customer_key, looked_under, ticket_key, tickets_in
from service.core.persons import Persons, Span, spread
from service.core.records.contacts import MOST_NEAR
from service.core.records.decisions import Contribution
from service.core.records.erasing import Erased
from service.core.records.facts import Facts
from service.core.records.needs import Needs
from service.core.records.registry import MOST_KIN
from service.ports import ConflictError

_CUSTOMER = customer_key("")
# All times are before it.
_NOWHERE = (datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))

# Load what is marked as erased; the instances that carry one of the correlation keys; the instances of customers that
# ran within the span of each, the latest first, a few more than matter; and the latest contributions of each customer
# that are negative and not done, outside its span, if they are enough.
HANGING = """
SELECT 'mark' AS what, e.mark AS name, NULL AS instance_id, NULL::json AS doc, e.at, e.revision
FROM unnest($1::text[]) AS wanted (mark) JOIN erased e ON e.mark = wanted.mark
UNION ALL
SELECT 'key', k.key, i.instance_id, i.doc, NULL, NULL FROM unnest($2::text[]) AS wanted (key)
JOIN instance_key k ON k.key = wanted.key JOIN process_instance i ON i.instance_id = k.instance_id
UNION ALL
SELECT 'kin', wanted.customer, i.instance_id, i.doc, NULL, NULL
FROM unnest($3::text[], $4::timestamptz[], $5::timestamptz[]) AS wanted (customer, low, high)
CROSS JOIN LATERAL (
  SELECT instance_id, doc FROM process_instance
  WHERE customer = wanted.customer AND began_at <= wanted.high AND over_at >= wanted.low
  ORDER BY began_at DESC, instance_id DESC LIMIT $6
) AS i
UNION ALL
SELECT 'case', NULL, NULL, c.doc, NULL, NULL
FROM unnest($7::text[], $8::timestamptz[], $9::timestamptz[], $10::integer[])
  AS wanted (customer, low, high, missing)
CROSS JOIN LATERAL (
  SELECT count(*) AS others FROM contribution
  WHERE customer = wanted.customer AND unresolved AND (began_at < wanted.low OR began_at > wanted.high)
) AS counted
CROSS JOIN LATERAL (
  SELECT doc FROM contribution
  WHERE counted.others >= wanted.missing
    AND customer = wanted.customer AND unresolved AND (began_at < wanted.low OR began_at > wanted.high)
  ORDER BY began_at DESC, source DESC, subject DESC, part DESC LIMIT $11
) AS c
"""


async def load_hanging(
    session: Session,
    facts: Facts,
    wanted: Needs,
    locked: Locked,
    met: Mapping[str, Span],
    read: Mapping[str, Contribution],
) -> None:
    """Load what is marked, who carries the keys, or is linked already, and whose customers' cases lie outside spans.

    `met` are the spans of customers who are known, `read` is what was read of them already, by its text. Neither
    the memberships nor the instances of their cases are loaded.

    Raises:
        ConflictError: a person has come to hang on more than is locked.
    """
    held = _held(facts, wanted)
    under = await _under(session, facts, wanted, locked, held)
    spans = await _of_persons(session, facts, wanted, locked, held)
    lows, highs = [low - wanted.window for low, _ in spans.values()], [high for _, high in spans.values()]
    cases = _cases(facts, wanted, met) if wanted.unresolved else ((), (), (), ())
    if not (wanted.marks or under or spans or cases[0]):
        return
    kin = (list(spans), lows, highs, MOST_KIN + 1)
    found: defaultdict[str, list[asyncpg.Record]] = defaultdict(list)
    for row in await session.fetch(HANGING, wanted.marks, under, *kin, *cases, wanted.unresolved):
        found[row["what"]].append(row)
    if wanted.marks:
        facts.erased = {row["name"]: Erased(at=row["at"], revision=row["revision"]) for row in found["mark"]}
    carriers: dict[str, set[str]] = {}
    for row in found["key"]:
        _load(facts, row)
        carriers.setdefault(row["name"], set()).add(row["instance_id"])
    facts.registry.holders.load({key: frozenset(names) for key, names in carriers.items()})
    for row in found["kin"]:
        _load(facts, row)
    facts.registry.load_instances({}, [(row["name"], row["instance_id"]) for row in found["kin"]])
    others = (read.get(row["doc"]) or CONTRIBUTIONS.read(row["doc"]) for row in found["case"])
    facts.load_contributions({one.key: one for one in others})


def _held(facts: Facts, wanted: Needs) -> Sequence[Contribution]:
    """The stored contributions of the subjects that are decided now, and of those that wait."""
    subjects = {*wanted.subjects, *((part.source, part.subject) for _, part in facts.registry.waits)}
    return [facts.contributions[part] for name in sorted(subjects) for part in facts.parts_of(*name)]


async def _under(
    session: Session, facts: Facts, wanted: Needs, locked: Locked, held: Sequence[Contribution]
) -> Sequence[str]:
    """Name the keys under which instances are looked for; customers have an index of their own."""
    under = {*locked.keys, *(key for one in held for key in looked_under(one.feedback))}
    # Who changes these does not hold the keys of this transaction, but has to wait for its subjects.
    merges = await merges_of(session, sorted(set(tickets_in(under)) - set(wanted.tickets)))
    facts.registry.merges.load({one.ticket: one for one in merges})
    under |= {ticket_key(one.into) for one in merges}
    return sorted(key for key in under if not key.startswith(_CUSTOMER))


async def _of_persons(
    session: Session, facts: Facts, wanted: Needs, locked: Locked, held: Sequence[Contribution]
) -> Mapping[str, Span]:
    """Load what the persons of customers hang on, and ask for the instances of all that may be of them."""
    spans = wanted.kin_with_stored(held)
    if wanted.identity is None:
        return spans
    heard = await hearsay(session, {*spans, *wanted.joined}, wanted.identity)
    facts.load_hearsay(heard)
    people = Persons(wanted.identity, heard.evidence, heard.splits)
    if not {one for ref in (*wanted.kin, *wanted.joined) for one in people.walked(ref)} <= set(locked.people):
        raise ConflictError("a person was joined while the keys were waited for")
    return spread(spans, people, wanted.joined)


def _cases(
    facts: Facts, wanted: Needs, spans: Mapping[str, Span]
) -> tuple[Sequence[str], Sequence[datetime], Sequence[datetime], Sequence[int]]:
    """Say which customers are asked for cases outside of which span, and how many they are to have at least.

    Each subject at hand may be one case more of its customer, or one less.
    """
    at_hand: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for name, customers in wanted.named.items():
        for customer in customers:
            at_hand[customer].add(name)
    loaded: Counter[str] = Counter()
    for one in facts.contributions.values():
        at_hand[one.feedback.customer].add((one.key.source, one.key.subject))
        loaded[one.feedback.customer] += 1
    names = sorted(spans)
    # Of who has said more than was loaded all cases are looked at, within the span as well.
    within = [_NOWHERE if loaded[name] > MOST_NEAR else spans[name] for name in names]
    lows, highs = [low for low, _ in within], [high for _, high in within]
    return names, lows, highs, [wanted.enough - len(at_hand[name]) for name in names]


def _load(facts: Facts, row: asyncpg.Record) -> None:
    name = row["instance_id"]
    if name not in facts.instances:
        facts.registry.load_instances({name: INSTANCES.read(row["doc"])})
