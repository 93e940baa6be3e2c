"""The window that tests look through."""

from playwright.async_api import expect

from tests.infrastructure.chromium import OpenPage


async def test_a_page_is_shown(open_page: OpenPage) -> None:
    page = await open_page("data:text/html,<h1>Good morning</h1>")
    await expect(page.get_by_role("heading", name="Good morning")).to_be_visible()
