"""The digest: one for one meaning, another for another."""

from collections.abc import Mapping

from service.core.playbook.digest import canonical_text, digest
from service.core.playbook.model import Playbook

SMALL: Mapping[str, object] = {
    "name": "Shop",
    "taxonomy": [{"id": "late", "label": {"en": "Late"}}],
    "teams": [{"id": "desk", "name": "Desk"}],
    "routes": {"team": "desk", "arbitration": "desk"},
}


def _digest(document: Mapping[str, object]) -> str:
    return digest(canonical_text(Playbook.model_validate(document)))


def test_the_order_of_keys_and_a_default_written_out_do_not_change_it() -> None:
    written = {**dict(sorted(SMALL.items(), reverse=True)), "fatigue": {"interval": "900s", "reopen_window": "168h"}}
    assert _digest(written) == _digest(SMALL)


def test_another_meaning_changes_it() -> None:
    assert _digest({**SMALL, "fatigue": {"interval": "16m"}}) != _digest(SMALL)


def test_the_text_holds_durations_as_an_author_writes_them() -> None:
    text = canonical_text(Playbook.model_validate({**SMALL, "fatigue": {"wait": "0s", "interval": "90m"}}))
    assert '"wait":"0s"' in text
    assert '"interval":"90m"' in text
    assert '"reopen_window":"7d"' in text


def test_characters_that_yaml_refuses_are_escaped() -> None:
    text = canonical_text(Playbook.model_validate({**SMALL, "name": "Shop\x7f\u2028é"}))
    assert '"name":"Shop\\u007f\\u2028é"' in text
