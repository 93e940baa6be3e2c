"""Fixtures: pages of a real, headless Chromium, as the machine has it; Playwright drives it and brings none of its own.

Where it is not installed the tests that need it are left out, and under CI=true that is a failure. A page may ask
nobody but loopback, and a fault in its scripts, or one that its security policy found, fails the test.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Route, async_playwright, expect

_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_PATIENCE_MS = 20_000

OpenPage = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must try the console in Chromium: install chromium", pytrace=False)
        pytest.skip("chromium is not installed")
    expect.set_options(timeout=_PATIENCE_MS)
    async with async_playwright() as playwright:
        # Its sandbox needs another user than root; what it opens here is our own.
        sandbox = os.geteuid() != 0
        browser = await playwright.chromium.launch(executable_path=found, chromium_sandbox=sandbox)
        yield browser
        await browser.close()


@pytest.fixture
async def open_page(chromium: Browser) -> AsyncIterator[OpenPage]:
    """Opens an address in a window of its own; options are those of a browser context."""
    said: list[str] = []
    async with AsyncExitStack() as stack:

        async def opened(address: str, **options: Any) -> Page:  # noqa: ANN401 - what Playwright takes
            context = await stack.enter_async_context(await chromium.new_context(**options))
            await context.route("**/*", partial(_only_loopback, asked=said))
            page = await context.new_page()
            page.set_default_timeout(_PATIENCE_MS)
            page.on("console", lambda message: said.extend(_faults(message)))
            page.on("pageerror", lambda error: said.append(str(error)))
            await page.goto(address)
            return page

        yield opened
    assert said == []


def _faults(message: ConsoleMessage) -> list[str]:
    # What was refused with an error status is said by the page itself.
    return [message.text] if message.type == "error" and "Failed to load resource" not in message.text else []


async def _only_loopback(route: Route, asked: list[str]) -> None:
    if urlsplit(route.request.url).hostname in _LOOPBACK:
        await route.continue_()
    else:
        asked.append(f"asked for {route.request.url}")
        await route.abort()
