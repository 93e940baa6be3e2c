"""What an entry says of alerts and silences: how they stand, and of what people wrote only length and hash."""

from datetime import timedelta
from hashlib import sha256

from msgspec.structs import replace

from service.core.audit import Action, alert_told, named, silence_told
from service.core.pipeline.act import Deed
from service.core.records.alerts import Alert, Assigned, Disposed, Disputed, FollowUp, Step
from service.core.records.handling import Claim, Snooze
from service.core.records.muting import Silence
from service.core.records.words import AlertKind, Disposition
from tests.builders import START

TEXT = "Ring Mrs. Jones."
HASHED = {"length": 16, "sha256": sha256(TEXT.encode()).hexdigest()}
ALERT = Alert(
    alert_id="a-1",
    alert_key="v1:1",
    episode=1,
    kind=AlertKind.EVENT,
    team="drivers",
    route="root",
    process="shipping",
    category="delivery",
    opened_at=START,
    first_seen=START,
    last_seen=START,
    events=2,
    customers=1,
)
PLAIN = {"state": "open", "team": "drivers", "revision": 0, "severity": "info", "events": 2, "customers": 1}


def test_an_alert_says_how_it_stands_and_who_has_it() -> None:
    assert alert_told(ALERT) == PLAIN
    acked = replace(ALERT, acked_by="ana", acked_until=START + timedelta(hours=1))
    assert alert_told(acked) == {**PLAIN, "acked_by": "ana", "acked_until": "2026-05-04T10:00:00+00:00"}
    until = START + timedelta(minutes=30)
    held = replace(ALERT, claim=Claim(by="ana", at=START, until=until), snooze=Snooze(by="ben", at=START, until=until))
    told = {"until": "2026-05-04T09:30:00+00:00"}
    assert alert_told(held) == {**PLAIN, "claim": {"by": "ana", **told}, "snooze": {"by": "ben", **told}}


def test_what_people_wrote_about_an_alert_is_length_and_hash() -> None:
    at = "2026-05-04T09:00:00+00:00"
    one = replace(
        ALERT,
        disposed=Disposed(disposition=Disposition.DUPLICATE, by="ana", at=START, duplicate_of="a-2"),
        disputed=Disputed(team="refunds", by="ben", at=START, reason=TEXT),
        assigned=Assigned(teams=("legal",), keys=("v1:2",), at=START, by="kim", reason=TEXT),
        follow_up=FollowUp(cause=Step(taken_at=START, by="ana", text=TEXT)),
    )
    assert alert_told(one) == {
        **PLAIN,
        "disposed": {"disposition": "duplicate", "by": "ana", "at": at, "duplicate_of": "a-2"},
        "disputed": {"team": "refunds", "by": "ben", "at": at, "reason": HASHED},
        "assigned": {"by": "kim", "at": at, "reason": HASHED},
        "follow_up": {"cause": {"taken_at": at, "by": "ana", "text": HASHED}},
    }


def test_a_silence_names_teams_and_categories_but_no_customer() -> None:
    silence = Silence(
        silence_id="s-1",
        matchers={"team": ("refunds", "drivers"), "customer": ("k1:anna", "k1:ben")},
        author="ana",
        reason=TEXT,
        created_at=START,
        starts_at=START,
        ends_at=START + timedelta(hours=4),
    )
    assert silence_told(silence) == {
        "matchers": {"team": ["drivers", "refunds"], "customer": {"values": 2}},
        "reason": HASHED,
        "starts_at": "2026-05-04T09:00:00+00:00",
        "ends_at": "2026-05-04T13:00:00+00:00",
        "including_critical": False,
        "breaks_at": "critical",
        "revision": 1,
    }


def test_a_name_that_may_be_a_persons_is_a_hash_of_its_parts() -> None:
    assert named("/s", "e-1") == "sha256:" + sha256(b'["/s","e-1"]').hexdigest()
    assert named("a", "bc") != named("ab", "c")


def test_every_deed_has_an_action() -> None:
    assert {f"alert.{deed.value}" for deed in Deed} <= {action.value for action in Action}
