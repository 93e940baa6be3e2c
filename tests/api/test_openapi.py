"""Everything that the OpenAPI document promises is asked for, and everything that it forbids, by Schemathesis.

`OPENAPI_EXAMPLES=500 OPENAPI_STORE=postgres` makes many more cases of it, and asks PostgreSQL.
"""

import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, CheckContext, GenerationMode, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from service.api import Services, create_api
from tests.api.elsewhere import PRIVATE, Elsewhere, Real
from tests.api.world import ALLOWED, TOKEN
from tests.infrastructure.postgres import TestServers

_FEW = 10
_EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", _FEW))
_STORE = os.environ.get("OPENAPI_STORE", "memory")
# An event's schema has so many parts that going through all of them takes minutes.
_TOO_LARGE = {"include-operation-id": "publishEvents", "phases": {"coverage": {"enabled": _EXAMPLES > _FEW}}}
_WITH_CURSORS = (
    "readQueue", "listDigests", "listReviews", "listAlertEvents", "listSilences", "listCorrections", "listErasures",
    "readTimeline", "listAudit", "listDeliveries",
)  # fmt: skip
# Of a request that keeps its schema, what no schema can say may still be wrong.
_BEYOND_SCHEMA = {
    ("publishEvents", "invalid-events"),
    ("publishEvents", "unreadable"),
    ("takePayload", "invalid-events"),
    ("activatePlaybook", "invalid-playbook"),
    ("storeModel", "invalid-model"),
    ("readScorecards", "bad-period"),
    ("readClosedLoop", "bad-period"),
    ("compareVersions", "bad-period"),
    ("reassignAlert", "unknown-team"),
    ("disputeAlert", "unknown-team"),
    ("resolveAlert", "bad-disposition"),
    ("snoozeAlert", "bad-time"),
    # What goes with one act does not go with another.
    ("actOnAlerts", "invalid"),
    *(("requeueDeadLetter", kind) for kind in ("original-gone", "letter-erased")),
    ("createSilence", "invalid-silence"),
    ("previewSilence", "invalid-silence"),
    *((name, "key-reused") for name in ("createSilence", "extendSilence", "liftSilence")),
    *((name, "key-reused") for name in ("refileEvent", "unfileEvent")),
    *((f"{name}Alert", "key-reused") for name in ("acknowledge", "resolve", "reassign", "dispute", "reopen")),
    *((f"{name}Alert", "key-reused") for name in ("claim", "unclaim", "snooze", "unsnooze", "noteOn")),
    *((name, "key-reused") for name in ("noteCause", "noteAction")),
    ("refileEvent", "unknown-category"),
    ("extendSilence", "invalid-silence"),
    *((name, "unreadable") for name in _WITH_CURSORS),
}
_Case = Case[Any]
_URN = "urn:feedback-router:problem:"


def described_as(app: Elsewhere, examples: int) -> schemathesis.BaseSchema:
    nothing = cast("Services", SimpleNamespace(entrance=None, noting=None))
    # The token is always given here: tests of its own say what happens without.
    generation = {"deterministic": True, "max-examples": examples, "with-security-parameters": False}
    # What is made to break its schema may be too large as well.
    refused = {"expected-statuses": ["4xx"]}
    checks = {"negative_data_rejection": refused}
    config = {"generation": generation, "operations": [_TOO_LARGE], "checks": checks}
    schema = schemathesis.openapi.from_dict(create_api(nothing).openapi(), config=SchemathesisConfig.from_dict(config))
    schema.app = app
    return schema


elsewhere = Elsewhere()
described = described_as(elsewhere, _EXAMPLES)


@pytest.fixture(scope="module")
def real(postgres_servers: TestServers) -> Iterator[Real]:
    with elsewhere.running(_STORE, postgres_servers) as found:
        yield found


def aimed(case: _Case, real: Real) -> None:
    """Wait for nothing; and of a request that is to be valid turn half of the names into those of what there is."""
    if isinstance(case.query.get("wait"), int | float) and 0 <= case.query["wait"] <= 30:
        case.query["wait"] = 0.01
    if case.meta is None or case.meta.generation.mode is GenerationMode.NEGATIVE:
        return
    path, name = case.path_parameters, case.operation.definition.raw["operationId"]
    if _is_uuid(path.get("alert_id")) and str(path["alert_id"]) < "8":
        path["alert_id"] = real.alert_id
    _aim_at_silences(case, real, name)
    if _is_hex(path.get("digest")) and str(path["digest"]) < "8":
        path["digest"] = real.digest
    if str(path.get("team", "")).isalnum():
        path["team"] = "drivers"
    if name == "takePayload" and len(str(path.get("source"))) % 2:
        path["source"] = "raw"
    if name in ("explainEvent", "refileEvent", "unfileEvent") and len(str(path.get("source"))) % 2:
        path |= {"source": "/surveys", "id": "w6-1-1"}
    if name == "reassignAlert" and isinstance(case.body, dict) and len(str(case.body.get("team"))) % 2:
        case.body = {**case.body, "team": "legal"}
    if isinstance(case.query.get("cursor"), str) and len(case.query["cursor"]) % 2 and name in real.cursors:
        case.query["cursor"] = real.cursors[name]


def _aim_at_silences(case: _Case, real: Real, name: str) -> None:
    path = case.path_parameters
    if _is_uuid(path.get("silence_id")) and str(path["silence_id"]) < "8":
        path["silence_id"] = real.silence_id
    if name in ("createSilence", "previewSilence") and isinstance(case.body, dict) and len(str(case.body)) % 2:
        case.body["matchers"] = {"team": "drivers"}


def _is_uuid(text: object) -> bool:
    try:
        return str(UUID(str(text))) == text
    except ValueError:
        return False


def _is_hex(text: object) -> bool:
    return isinstance(text, str) and len(text) == 64 and set(text) <= set("0123456789abcdef")


def errors_are_problems(_context: CheckContext, response: Response, case: _Case) -> None:
    if response.status_code < 400 or case.operation.path in {"/livez", "/readyz", "/metrics"}:
        return
    document = response.json()
    assert response.headers["content-type"] == ["application/problem+json"]
    assert document["type"].startswith(_URN)
    assert document["status"] == response.status_code
    assert document["title"]
    assert response.status_code != 422 or document["detail"]
    assert response.status_code != 405 or response.headers["allow"]


def nothing_private_comes_back(_context: CheckContext, response: Response, case: _Case) -> None:
    words = [TOKEN, PRIVATE, *case.headers.values()] if response.status_code >= 400 else [TOKEN, PRIVATE]
    text = response.content.decode()
    assert [word for word in words if len(str(word)) > 8 and str(word) in text] == []


def what_keeps_its_schema_is_taken(context: CheckContext, response: Response, case: _Case) -> None:
    name = case.operation.definition.raw["operationId"]
    kind = response.json()["type"].removeprefix(_URN) if response.status_code >= 400 else ""
    if (name, kind) not in _BEYOND_SCHEMA:
        positive_data_acceptance(context, response, case)


# A stream that is open never ends; tests of its own follow it.
@described.exclude(operation_id="streamQueue").parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_it_does_what_it_says(case: _Case, real: Real) -> None:
    aimed(case, real)
    case.call_and_validate(
        headers=ALLOWED,
        excluded_checks=[positive_data_acceptance],
        additional_checks=[errors_are_problems, nothing_private_comes_back, what_keeps_its_schema_is_taken],
    )
