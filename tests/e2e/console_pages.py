"""A shop whose teams work in the console: one deployment for all tests of a module, with a key for each person."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, Page, expect

from service.adapters.postgres import PostgresKeys, open_pool
from service.core.access import Role
from service.core.access.keys import key_text
from tests.api.people import KEY, SECRET
from tests.builders import survey
from tests.e2e.served import Deployment
from tests.infrastructure.chromium import OpenPage

SURVEYS = "feedback.surveys"
_BAD = ("serious", "critical")
_SHORTEST_OUTLINE = 2

# What each word below says is critical, so that its team hears of it at once. Each test has words of its own.
PLAYBOOK = """\
name: A shop that is looked at
taxonomy:
  - {id: fire, label: {en: Fire}, keywords: {en: [fire]}, process: shipping}
  - {id: smoke, label: {en: Smoke}, keywords: {en: [smoke]}, process: shipping}
  - {id: sparks, label: {en: Sparks}, keywords: {en: [sparks]}, process: shipping}
  - {id: shock, label: {en: Shock}, keywords: {en: [shock]}, process: returns}
  - {id: glass, label: {en: Glass}, keywords: {en: [glass]}, process: returns}
  - {id: poison, label: {en: Poison}, keywords: {en: [poison]}, process: returns}
  - {id: court, label: {en: Court}, keywords: {en: [court]}, process: returns}
processes:
  - {id: shipping, name: Shipping, team: drivers}
  - {id: returns, name: Returns, team: refunds}
severity:
  overrides:
    - {id: harm, words: {en: [fire, smoke, sparks, shock, glass, poison, court]}}
teams:
  - {id: desk, name: Desk}
  - {id: drivers, name: Drivers, owns: [{category: fire}]}
  - {id: refunds, name: Refunds, owns: [{category: smoke}, {category: sparks}]}
  - {id: stores, name: Stores, owns: [{category: shock}, {category: glass}]}
  - {id: kitchen, name: Kitchen, owns: [{category: poison}]}
  - {id: legal, name: Legal, owns: [{category: court}]}
  - {id: judges, name: Judges}
routes:
  team: desk
  arbitration: judges
  routes:
    - {id: owned, team: owner}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """`people` are the keys by name; `address` is where the console is."""

    deployment: Deployment
    address: str
    people: Mapping[str, str]

    async def hear(self, text: str, customer: str) -> None:
        """Publish what a customer has just written to Kafka, as a survey tool does."""
        event = {**survey(customer, 0, text, customer=customer), "time": datetime.now(UTC).isoformat()}
        await self.deployment.deal(SURVEYS, [[orjson.dumps(event)]])

    async def hear_of_last_week(self, number: int) -> None:
        """Publish what so many customers answered in numbers alone, two days ago."""
        at = (datetime.now(UTC) - timedelta(days=2)).isoformat()
        events = [{**survey(f"w{one}", one % 11, customer=f"w{one}"), "time": at} for one in range(number)]
        await self.deployment.deal(SURVEYS, [[orjson.dumps(event) for event in events]])

    async def ask(self, name: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask a JSON route as somebody does by a tool of their own."""
        headers = {"Authorization": f"Bearer {self.people[name]}"}
        async with httpx.AsyncClient(base_url=self.address, headers=headers, timeout=60) as client:
            answer = await (client.get(path) if body is None else client.post(path, json=body))
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def alert_of(self, team: str) -> dict[str, Any]:
        """Return the one alert of a team, once the team was told of it."""
        async with asyncio.timeout(60):
            while True:
                (*alerts,) = (await self.ask("Cleo", f"/v1/teams/{team}/queue?state=open"))["alerts"]
                if alerts and alerts[0]["revision"] > 0:
                    alert: dict[str, Any] = alerts[0]
                    return alert
                await asyncio.sleep(0.1)

    async def until_refused(self, number: int) -> None:
        """Wait until so many records came to be dead letters."""
        async with asyncio.timeout(60):
            while True:
                if len((await self.ask("Cleo", "/v1/dead-letters"))["dead_letters"]) >= number:
                    return
                await asyncio.sleep(0.1)

    async def signed_in(self, open_page: OpenPage, name: str, path: str = "/", **options: Any) -> Page:  # noqa: ANN401 - what Playwright takes
        """Open a page in a window of its own, signing in on the way."""
        page = await open_page(self.address + path, **options)
        await page.get_by_label("API key").fill(self.people[name])
        await page.get_by_role("button", name="Sign in with the key").click()
        await page.wait_for_url(self.address + path)
        return page


@asynccontextmanager
async def opened_shop(dsn: str, bootstrap_servers: str, folder: Path) -> AsyncIterator[Shop]:
    """Serve in one process with every role, until the block ends."""
    playbook = folder / "playbook.yaml"
    playbook.write_text(PLAYBOOK, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    settings = {"FEEDBACK_ROUTER_CLOCK": "wall", "FEEDBACK_ROUTER_PORT": port, "FEEDBACK_ROUTER_IDENTITIES": "keys"}
    deployment = Deployment(dsn, bootstrap_servers, playbook, folder, **settings)
    shop = Shop(deployment=deployment, address=f"http://127.0.0.1:{port}", people=await _people(dsn))
    async with deployment.serving() as process:
        await deployment.until_topics({SURVEYS}, process)
        await _until_ready(shop, process)
        yield shop


async def harms(page: Page, only: Sequence[str] | None = None) -> list[str]:
    """Name what axe-core finds, by these rules or all, that is serious or critical, with the elements it is about."""
    rules = {"resultTypes": ["violations"], **({} if only is None else {"runOnly": only})}
    found = (await Axe().run(page, options=rules)).response["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found if one["impact"] in _BAD]


async def overflows(page: Page) -> bool:
    """Whether the page as a whole has to be moved sideways to be read."""
    wide: bool = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wide


async def seen_focus(page: Page) -> Locator:
    """Return what has the focus, which must be something that is shown with a line around it."""
    focused = page.locator(":focus")
    await expect(focused).to_be_in_viewport()
    style, width = await focused.evaluate(
        "one => [getComputedStyle(one).outlineStyle, parseFloat(getComputedStyle(one).outlineWidth)]"
    )
    assert style != "none", await focused.evaluate("one => one.outerHTML")
    assert width >= _SHORTEST_OUTLINE, await focused.evaluate("one => one.outerHTML")
    return focused


async def tab_to(page: Page, wanted: Locator) -> None:
    """Go from field to field until one has the focus, which is seen at every step."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        focused = await seen_focus(page)
        if await focused.evaluate("(one, other) => one === other", await wanted.element_handle()):
            return
    raise AssertionError(f"the tab key does not lead to {wanted}")


async def _people(dsn: str) -> Mapping[str, str]:
    """Give each person a key, as `keys create` does."""
    people = {"Ana": (Role.AGENT, "drivers"), "Rui": (Role.AGENT, "refunds"), "Cleo": (Role.CX_OPERATIONS, None)}
    pool = await open_pool(dsn, size=2)
    try:
        for number, (name, (role, team)) in enumerate(people.items()):
            teams = frozenset({team}) if team else None
            key = replace(KEY, key_id=f"{number:010}", name=name, role=role, teams=teams, created_at=datetime.now(UTC))
            assert await PostgresKeys(pool).keep(key)
    finally:
        await pool.close()
    return {name: key_text(f"{number:010}", SECRET) for number, name in enumerate(people)}


async def _until_ready(shop: Shop, process: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient(base_url=shop.address) as client, asyncio.timeout(120):
        while True:
            assert process.returncode is None, shop.deployment.talk()
            try:
                if (await client.get("/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
