"""Names: the same parts give the same name anywhere, and any other part another one."""

from uuid import UUID

import pytest

from service.core.identity import alert_id, alert_key, canonical, fingerprint, idempotency_key
from service.core.records.words import AlertKind

FIELDS = {"process": "shipping", "category": "delivery"}


def test_a_key_is_what_it_always_was() -> None:
    assert alert_key(AlertKind.EVENT, FIELDS, team="desk") == (
        "v1:" + fingerprint(b'{"fields":{"category":"delivery","process":"shipping"},"kind":"event","team":"desk"}')
    )
    assert alert_id("v1:a", 1) == "9443ad2d-be02-59ac-a079-d91cb138f40e"


def test_the_order_of_the_fields_is_no_part_of_the_key() -> None:
    turned = dict(reversed(FIELDS.items()))
    assert alert_key(AlertKind.EVENT, turned, team="desk") == alert_key(AlertKind.EVENT, FIELDS, team="desk")


def test_each_part_makes_another_key() -> None:
    keys = {
        alert_key(AlertKind.EVENT, FIELDS, team="desk"),
        alert_key(AlertKind.VOLUME, FIELDS, team="desk"),
        alert_key(AlertKind.EVENT, FIELDS, team="legal"),
        alert_key(AlertKind.EVENT, FIELDS, team=None),
        alert_key(AlertKind.EVENT, FIELDS, team="desk", copy=True),
        alert_key(AlertKind.EVENT, {**FIELDS, "region": ""}, team="desk"),
        alert_key(AlertKind.EVENT, {**FIELDS, "process": "returns"}, team="desk"),
    }
    assert len(keys) == 7


def test_each_episode_has_an_id_of_its_own() -> None:
    assert len({UUID(alert_id("v1:a", episode)) for episode in (1, 2)} | {UUID(alert_id("v1:b", 1))}) == 3
    assert idempotency_key("a", 2) == "a:2"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param({"b": 1, "a": [True, None]}, b'{"a":[true,null],"b":1}', id="sorted keys and no spaces"),
        pytest.param({"a": {"d": "é", "c": 0.1}}, '{"a":{"c":0.1,"d":"é"}}'.encode(), id="sorted all the way down"),
    ],
)
def test_canonical_json(value: object, written: bytes) -> None:
    assert canonical(value) == written
