"""A browser without scripts: it asks for pages as one does, reads them strictly, and sends their forms."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
import httpx
from starlette.types import ASGIApp, Message

from service.console import create_console
from tests.api.world import ALLOWED, World

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
_LABELLED = ("input", "select", "textarea")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer, as a tree without namespaces."""

    status: int
    headers: Mapping[str, str]
    text: str
    root: Element = field(repr=False)

    def all(self, tag: str, **wanted: str) -> list[Element]:
        """Return the elements of a name that have these attributes."""
        return [one for one in self.root.iter(tag) if all(one.get(name) == value for name, value in wanted.items())]

    @property
    def title(self) -> str:
        return said(self.all("h1")[0])

    def links(self) -> list[str]:
        return [one.get("href", "") for one in self.all("a")]

    def rows(self) -> list[str]:
        """Return what stands in each row of the body of each table."""
        return [said(row) for body in self.all("tbody") for row in body.iter("tr")]


@dataclass(slots=True, kw_only=True)
class Browsed:
    """`client` keeps cookies, follows nothing by itself, and names the site it is on as a browser does."""

    world: World
    app: ASGIApp
    client: httpx.AsyncClient

    async def open(self, path: str, status: int = 200) -> Page:
        answer = await self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2_000])
        return read(answer)

    async def send(self, page: Page, action: str, status: int = 303, **written: str) -> httpx.Response:
        """Send the form of a page that goes to an address, with what is written or chosen in it."""
        (form, *_) = page.all("form", action=action)
        values = {**_values(form), **written}
        answer = await self.client.post(action, data=values)
        assert answer.status_code == status, (answer.status_code, answer.text[:2_000])
        return answer

    async def stream(self, path: str) -> AsyncGenerator[str, None]:
        """Yield what an answer that does not end says, piece by piece; to close this is to go away."""
        sent: asyncio.Queue[Message] = asyncio.Queue()
        gone = asyncio.Event()

        async def receive() -> Message:
            await gone.wait()
            return {"type": "http.disconnect"}

        headers = {"host": "localhost", **ALLOWED, "Accept": "text/html, text/event-stream"}
        scope = {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }

        async def answer() -> None:
            await self.app(scope, receive, sent.put)

        answering = asyncio.create_task(answer())
        try:
            start = await sent.get()
            assert start["status"] == httpx.codes.OK
            while True:
                message = await sent.get()
                yield message["body"].decode()
                if not message.get("more_body", False):
                    return
        finally:
            gone.set()
            await answering


@asynccontextmanager
async def browsed(world: World) -> AsyncIterator[Browsed]:
    app = create_console(world.app.state.services)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {**ALLOWED, **HTML, "Origin": "http://localhost"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        yield Browsed(world=world, app=app, client=client)


def read(answer: httpx.Response) -> Page:
    """Read a page as strictly as the standard does, and hold it to what holds for every page.

    It has one main heading and none of a rank that is left out; each field has a label; nothing in it is a script or a
    style of its own, and nothing comes from elsewhere.
    """
    assert answer.headers["content-type"] == "text/html; charset=utf-8", answer.headers
    root = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(answer.text)
    page = Page(status=answer.status_code, headers=answer.headers, text=answer.text, root=root)
    _hold_to_the_rules(page)
    return page


def said(element: Element) -> str:
    """Return the words that an element shows, those of its parts told apart."""
    return " ".join(" ".join(element.itertext()).split())


def _hold_to_the_rules(page: Page) -> None:
    ids = [one.get("id") for one in page.root.iter() if one.get("id") is not None]
    assert len(ids) == len(set(ids)), "an id is there twice"
    ranks = [int(one.tag[1]) for one in page.root.iter() if one.tag in ("h1", "h2", "h3", "h4")]
    assert ranks.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks)), ranks
    labels = {one.get("for") for one in page.all("label")}
    wrapped = {id(one) for label in page.all("label") for one in label.iter() if one.tag in _LABELLED}
    for one in page.root.iter():
        if one.tag in _LABELLED and one.get("type") != "hidden":
            assert one.get("id") in labels or id(one) in wrapped, f"{one.get('name')} has no label"
        assert "style" not in one.attrib
        assert not [name for name in one.attrib if name.startswith("on")]
    assert page.all("style") == []
    assert all(one.get("src") and not said(one) for one in page.all("script"))
    assert all(one.get("alt") for one in page.all("img"))
    assert [said(one) for one in page.all("table") if one.find("caption") is None] == []
    assert [said(one) for one in page.all("th") if one.get("scope") is None] == []
    addresses = [one.get(name, "") for one in page.root.iter() for name in ("src", "href", "action") if one.get(name)]
    assert [one for one in addresses if urlsplit(one).netloc] == []
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in page.headers["content-security-policy"]


def _values(form: Element) -> dict[str, Any]:
    """Return what a browser would send of an untouched form, in lists; of buttons nothing."""
    found: dict[str, Any] = {}
    for one in form.iter():
        name = one.get("name")
        if name is None:
            continue
        if one.tag == "input" and (one.get("type") not in ("radio", "checkbox") or one.get("checked") is not None):
            found.setdefault(name, []).append(one.get("value", ""))
        elif one.tag == "textarea":
            found.setdefault(name, []).append("".join(one.itertext()))
        elif one.tag == "select":
            options = list(one.iter("option"))
            chosen = next((each for each in options if each.get("selected") is not None), options[0])
            found.setdefault(name, []).append(chosen.get("value", ""))
    return found
