"""The playbook: the active one, those before it, what differs; a draft is checked and backtested before it decides."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from service.api.cursors import PageQuery
from service.api.problems import Kind, Problem
from service.api.routes.playbooks import list_playbooks
from service.api.services import Given, Services
from service.console.asking import NOBODY, By
from service.console.forms import Fields, Form
from service.console.pages.needing import pages
from service.console.rendering import page
from service.console.views.playbooks import COUNTED, changes, differences, placed
from service.core.access import Permission
from service.core.backtest import Comparison
from service.ports import Checked

router = pages()
operating = pages(Permission.OPERATE, everywhere=True)
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
_Named = Annotated[str, Query(pattern=r"^[0-9a-f]{64}$")]
_MOST_SHOWN = 100
_WEEK = timedelta(days=7)


@router.get("/playbook")
async def read_playbook(request: Request, services: Given, by: By, done: str = "") -> HTMLResponse:
    active = await services.shelf.active()
    shown = {
        "digest": None if active is None else active[0],
        "documents": {} if active is None else dict(active[1]),
        "history": (await list_playbooks(PageQuery(limit=_MOST_SHOWN), services)).playbooks,
        "name": str((await services.rules()).playbook.name),
        "operating": by.may(Permission.OPERATE, everywhere=True),
        "done": done == "activated",
    }
    return page(request, "playbook.html", shown, now=await services.now())


@router.get("/playbook/differences")
async def read_differences(request: Request, old: _Named, new: _Named, services: Given) -> HTMLResponse:
    sides = [await _documents(digest, services) for digest in (old, new)]
    shown = {"old": old, "new": new, "files": differences(*sides)}
    return page(request, "playbook_differences.html", shown, now=await services.now())


@operating.get("/playbook/draft")
async def read_draft(request: Request, services: Given) -> HTMLResponse:
    active = await services.shelf.active()
    documents = {"playbook.yaml": ""} if active is None else dict(active[1])
    return await _page(request, services, documents)


@operating.post("/playbook/draft")
async def judge_draft(request: Request, form: Form, services: Given, by: By) -> Response:
    documents = _written(form)
    with services.rehearsals.taken():
        checked = await services.check(documents)
        if checked.rules is None:
            return await _page(request, services, documents, checked=checked, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        match form.said("do"):
            case "backtest":
                since = await services.now() - _WEEK
                compared = await services.backtest(await services.rules(), checked.rules, since)
                return await _page(request, services, documents, checked=checked, compared=compared)
            case "activate":
                name, at = str(checked.rules.playbook.name), datetime.now(UTC)
                await services.shelf.activate(
                    checked.rules.digest, name, documents, at, services.doer(by.name or NOBODY)
                )
                return RedirectResponse("/playbook?done=activated", HTTPStatus.SEE_OTHER)
            case _:
                return await _page(request, services, documents, checked=checked)


@router.get("/playbook/{digest}")
async def read_playbook_of(request: Request, digest: Digest, services: Given) -> HTMLResponse:
    active = await services.shelf.active()
    shown = {
        "digest": digest,
        "documents": await _documents(digest, services),
        "active": None if active is None else active[0],
    }
    return page(request, "playbook_of.html", shown, now=await services.now())


async def _page(
    request: Request,
    services: Services,
    documents: Mapping[str, str],
    *,
    checked: Checked | None = None,
    compared: Comparison | None = None,
    status: int = HTTPStatus.OK,
) -> HTMLResponse:
    active = await services.shelf.active()
    shown = {
        "documents": documents,
        "faults": () if checked is None else placed(checked.faults[:_MOST_SHOWN], documents),
        "warnings": () if checked is None else placed(checked.warnings[:_MOST_SHOWN], documents),
        "passed": checked is not None and checked.rules is not None,
        "files": () if checked is None or active is None else differences(active[1], documents),
        "counted": COUNTED,
        "changes": () if compared is None else changes(compared),
        "compared": compared,
    }
    return page(request, "playbook_draft.html", shown, now=await services.now(), status=status)


async def _documents(digest: str, services: Services) -> Mapping[str, str]:
    documents = await services.shelf.documents(digest)
    if documents is None:
        raise Problem(Kind.NOT_FOUND, "no playbook of this digest was ever active")
    return documents


def _written(form: Fields) -> dict[str, str]:
    """Read the files of a draft: a name and a text each, in the same order; one without a name is left out."""
    pairs = zip(form.whole("file"), form.whole("text"), strict=False)
    return {file.strip(): text for file, text in pairs if file.strip()}
