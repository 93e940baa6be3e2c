"""The fuzz targets: what bytes stand for, the promise that they are held to, and seeds and words to begin with."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from service.adapters.playbook_files import load
from service.app.instruments import INSTRUMENTS
from service.assets import playbooks
from service.core.contracts.event_type import IncomingType
from service.core.mapping import CompiledSource
from service.core.pipeline.rules import Rules, compile_playbook
from tests.core.mapping.shipped import PLAYBOOKS, sources
from tests.fuzz.examples import binary, event_of, structured
from tests.fuzz.mutation import HOSTILE, mutated, repeated
from tests.fuzz.promises import keeps_judging, keeps_loading, keeps_reading, keeps_redacting

SHIPPED = ("retail", "nhs", "servicenow")
# A playbook of this size has every part; a longer one only takes longer to read.
MOST_PLAYBOOK = 4_000

SMALLEST = """\
version: 1
name: Shop
include: []
taxonomy:
  - id: late
    label: {en: Late, de: Zu spät}
    keywords: {en: [late, "delay*"], "*": [eta]}
    labels: &labels [late delivery]
    exclude: [not late]
    process: delivery
processes:
  - {id: delivery, name: Delivery, team: carriers, aliases: *labels}
severity:
  priority: {urgent: 0.9, low: 0.1}
  overrides: [{id: safety, words: {en: [fire]}}]
  sentiment: {en: {negative: [rude], positive: [kind]}}
teams:
  - {id: carriers, name: Carriers, owns: [{process: delivery}]}
  - {id: desk, name: Desk}
routes:
  team: desk
  arbitration: desk
  group_by: [process, category]
  routes:
    - {id: bad, when: has(feedback.score) && feedback.score >= 70.0, team: desk, wait: 0s, repeat: [24h, 72h]}
    - {id: owned, match: {process: delivery}, team: owner, continue: true}
volume: {lateness: 24h, h_local: 2.12, max_customer_share: 0.4}
sources:
  tool:
    topic: tool.webhooks
    kind: survey
    subject: a.b
    time: {value: {paths: [at, "tags[*id=x].at"]}, default: "%d/%m/%Y", zone: Europe/London}
    scores: [{kind: csat, value: score, scale_min: 1, scale_max: 5, orientation: higher_better, words: {Good: 5}}]
    texts: [{value: text, html: true}]
    recorded_when: record.a.exists(x, x == 'b')
tests:
  - name: Late
    events: [{source: tool, event: {a: {b: 1}, at: 04/05/2026, text: late}}]
    verdicts: [opened]
"""
EXPRESSIONS = (
    "has(feedback.score) && feedback.score >= 70.0 && feedback.tier == 'gold'",
    "feedback.labels.exists(label, label.startsWith('refund') || label.matches('^[a-z]+$'))",
    "size(feedback.categories.filter(c, c in feedback.labels)) == 1 ? feedback.region != 'uk' : false",
    "has(feedback.attributes.site) && feedback.attributes['site'] in ['A', \"B\", r'\\d']",
    "has(record.a) && record.a.all(x, x >= -1 && double(x) < 1e3) ? string(record.n) : record.s + 'b'",
    "!(record.b.exists_one(k, int(record.u) % 2 == 0)) || record.f / 0.0 > 1u",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A case takes bytes and raises where a promise is broken; `longest` bounds its input, `share` its part of a run.

    `vary` changes an input in a way that its shape allows, for half of the cases; the others are changed blindly.
    """

    case: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    words: Sequence[str]
    longest: int
    share: float
    vary: Callable[[bytes, Random], bytes] | None = None


@cache
def rules_of(name: str) -> Rules:
    playbook = load(playbooks() / name).playbook
    assert playbook is not None
    return compile_playbook(playbook, instruments=INSTRUMENTS)


@cache
def mappings() -> tuple[CompiledSource, ...]:
    """Every source mapping that is shipped, in the order of its file and name."""
    files = (*sorted(PLAYBOOKS.glob("sources/*.yaml")), *(PLAYBOOKS / name / "sources.yaml" for name in SHIPPED))
    return tuple(source for file in files if file.exists() for source in sources(file).values())


@cache
def payloads() -> tuple[tuple[int, object], ...]:
    """The raw payloads in the tests of the shipped playbooks, each with the number of its mapping."""
    numbers = {source.name: at for at, source in enumerate(mappings())}
    found: list[tuple[int, object]] = []
    for name in SHIPPED:
        for one in rules_of(name).playbook.tests:
            found += [(numbers[given.source], given.event) for given in one.events if given.source in numbers]
    return tuple(found)


def intake(data: bytes) -> None:
    """The first byte chooses the mode; headers stand before the payload, one a line, up to an empty one."""
    if data[:1] < b"\x80":
        keeps_reading(data[1:], (), rules_of("retail"))
        return
    head, _, value = data[1:].partition(b"\n\n")
    lines = [line.partition(b":") for line in head.split(b"\n")[:20]]
    keeps_reading(value, tuple((name.decode(errors="replace"), text) for name, _, text in lines), rules_of("retail"))


def mapping(data: bytes) -> None:
    """The first byte chooses the mapping."""
    if data:
        keeps_reading(data[1:], (), rules_of("retail"), mappings()[data[0] % len(mappings())])


def vary_json(data: bytes, random: Random) -> bytes:
    """Keep what stands before the JSON text, and change that as a value; what is not JSON stays as it is."""
    head, parting, body = data[1:].rpartition(b"\n\n")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return data
    text = structured(mutated(value, random, random.randrange(1, 4)))
    return data[:1] + head + parting + (repeated(text, random) if random.randrange(8) == 0 else text)


def redaction(data: bytes) -> None:
    keeps_redacting(data.decode(errors="surrogateescape"), ("GB", "DE", "US")[len(data) % 3])


def conditions(data: bytes) -> None:
    keeps_judging(data.decode(errors="replace"))


def playbook(data: bytes) -> None:
    """A zero byte parts two files."""
    texts = data.decode(errors="surrogateescape").split("\0")[:3]
    keeps_loading({f"p{at}.yaml": text for at, text in enumerate(texts)})


def _intake_seeds() -> Iterable[bytes]:
    random = Random(0)
    for kind in IncomingType:
        for times in (0, 1, 2, 3):
            event = mutated(event_of(kind), random, times)
            yield b"\0" + structured(event)
            if isinstance(event, dict):
                value, headers = binary(event)
                yield b"\xff" + b"\n".join(name.encode() + b":" + text for name, text in headers) + b"\n\n" + value


def _mapping_seeds() -> Iterable[bytes]:
    random = Random(0)
    for number, payload in payloads():
        for times in (0, 1, 3):
            yield bytes([number]) + json.dumps(mutated(payload, random, times)).encode()


def _redaction_seeds() -> Iterable[bytes]:
    yield from (
        text.encode(errors="surrogatepass")
        for text in (
            "Write to Jane.O'Neil+x@mail.example.org or call +44 7700 900123, card 4111 1111 1111 1111.",
            "IBAN DE89 3704 0044 0532 0130 00, ssn 219-09-9999, NI AB 12 34 56 C, see https://a.example/r?k=v#t",
            "+44 7700 900123" * 40,
            "1-1-1-1-" * 100,
            "Dear Mrs Smith, NHS number 943 476 5919, DOB 4 May 1980. Kind regards,\nJane O'Neil\n12 Elm Road, LS1 4AB",
            "Sehr geehrte Frau von der Heide, Hauptstr. 5, 12345 Berlin, Steuer-ID 86095742719, Kennzeichen KA-PA 777",
            "my address is 12 rue de la gare, 75001 Paris; BSN 111222333; passport no AB1234567; 81.2.69.142 ::1:2",
            "postgres://admin:secret@db/prod 06.12.34.56.78 SO-07911123456 20260504091231",
            *(value for value in HOSTILE if isinstance(value, str) and len(value) < 2_000),
        )
    )


def _condition_seeds() -> Iterable[bytes]:
    yield from (text.encode() for text in EXPRESSIONS)


def _playbook_seeds() -> Iterable[bytes]:
    yield SMALLEST.encode()
    head, _, tail = SMALLEST.partition("teams:\n")
    yield head.encode() + b"\0teams:\n" + tail.encode()
    for part in SMALLEST.split("\n  - "):
        yield part.encode()
    yield b"a: &a [x, x]\n" + b"".join(
        b"%c: &%c [*%c, *%c]\n" % (98 + at, 98 + at, 97 + at, 97 + at) for at in range(20)
    )


_JSON_WORDS = ('"', ":", ",", "{", "}", "[", "]", "null", "true", "-1", "1e308", "\\u0000", "\\ud800", "9" * 20, "NaN")

TARGETS = {
    "intake": Target(
        case=intake,
        seeds=_intake_seeds,
        words=(*_JSON_WORDS, *IncomingType, "2026-05-04T09:12:31Z", "+24:00", "lower_better", "ce_id:", "ce_type:"),
        longest=6_000,
        share=0.52,
        vary=vary_json,
    ),
    "mapping": Target(
        case=mapping,
        seeds=_mapping_seeds,
        words=(*_JSON_WORDS, "10/17/2021", "&#", "<!--", "</", "%00", "=", "&"),
        longest=6_000,
        share=0.3,
        vary=vary_json,
    ),
    "redaction": Target(
        case=redaction,
        seeds=_redaction_seeds,
        words=(
            "@",
            "://",
            "www.",
            "+44",
            "00",
            "4111",
            "DE89",
            "[phone]",
            "-",
            ".",
            " ",
            "\u00a0",
            "\uff20",
            "?k=",
            "Dr ",
            "Smith",
            "\n",
        ),
        longest=500,
        share=0.03,
    ),
    "conditions": Target(
        case=conditions,
        seeds=_condition_seeds,
        words=(
            *("feedback.", "record.", ".exists(x,", ".all(x,", ".filter(x,", "has(", "size(", "matches(", "in", "&&"),
            *(
                "||",
                "? ",
                ": ",
                "==",
                "1u",
                "1e308",
                "-9223372036854775808",
                "null",
                "true",
                "'",
                '"""',
                "b'",
                "\\x",
                "{",
            ),
        ),
        longest=1_100,
        share=0.13,
    ),
    "playbook": Target(
        case=playbook,
        seeds=_playbook_seeds,
        words=(
            "<<:",
            "!!python/object:",
            "&a ",
            "*a",
            "- ",
            "? ",
            "|\n",
            "%TAG",
            "---\n",
            '"\\x',
            "\t",
            "\ufeff",
            "#",
            "~",
        ),
        longest=MOST_PLAYBOOK,
        share=0.02,
    ),
}
