"""What teams do in the console, in a real browser; the service behind it has a real Kafka and PostgreSQL."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Literal
from urllib.parse import urlencode

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.e2e.console_pages import SURVEYS, Shop, harms, opened_shop, overflows, seen_focus, tab_to
from tests.infrastructure.apache_kafka import start_kafka
from tests.infrastructure.chromium import OpenPage
from tests.infrastructure.kafka import Kafka, KafkaKind
from tests.infrastructure.postgres import TestServers

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

PHONE = ViewportSize(width=390, height=844)
TABLE = ViewportSize(width=1280, height=900)
CONTRAST = ("color-contrast",)
LOOKS: tuple[tuple[ViewportSize, Literal["light", "dark"], Sequence[str] | None], ...] = (
    (TABLE, "light", None),
    (TABLE, "dark", CONTRAST),
    (PHONE, "light", None),
)


@pytest.fixture(scope="module")
async def shop(
    kafka: Kafka, postgres_servers: TestServers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    if kafka.kind is KafkaKind.EMBEDDED:
        pytest.skip(f"needs a real Apache Kafka: {kafka.lacks}")
    server = postgres_servers.of(None)
    dsn = await server.create(migrated=True)
    # Topics and the group have one name in every deployment, so that it has a Kafka of its own.
    with start_kafka() as own:
        async with opened_shop(dsn, own.bootstrap_servers, tmp_path_factory.mktemp("console")) as opened:
            yield opened
    await server.drop(dsn)


async def test_a_survey_comes_up_in_an_open_queue_and_is_claimed_explained_and_resolved(
    shop: Shop, open_page: OpenPage
) -> None:
    page = await shop.signed_in(open_page, "Ana", "/teams/drivers")
    other = await shop.signed_in(open_page, "Cleo", "/teams/drivers")
    for window in (page, other):
        await expect(window.get_by_text("Nothing waits here")).to_be_visible()
        await expect(window.locator("[data-live=on]")).to_have_text("Live")
        await window.evaluate("window.opened = 'once'")
    await shop.hear("The toaster caught fire.", "c-fire")
    link = page.get_by_role("link", name=re.compile("^Fire"))
    await expect(link).to_be_visible()
    await expect(other.get_by_role("link", name=re.compile("^Fire"))).to_be_visible()
    assert await page.evaluate("window.opened") == "once"

    await link.click()
    await page.get_by_role("button", name="Claim", exact=True).click()
    await expect(page.get_by_role("status")).to_have_text("Claimed: it is yours.")
    await expect(other.get_by_role("row", name=re.compile("Fire"))).to_contain_text("Ana")
    why = page.get_by_role("region", name="Why")
    await expect(why.get_by_role("heading", name="Why this team")).to_be_visible()
    await expect(why).to_contain_text("harm")
    await expect(why).to_contain_text("owned")
    await expect(page.get_by_role("region", name="What was said")).to_contain_text("The toaster caught fire.")

    await page.get_by_text("Resolve", exact=True).first.click()
    await page.get_by_role("radio", name="Actionable").check()
    await page.get_by_role("button", name="Resolve").click()
    await expect(page.get_by_role("status")).to_have_text("Resolved.")
    await expect(page.get_by_role("region", name="What happened")).to_contain_text("Ana resolved it")
    await expect(other.get_by_text("Nothing waits here")).to_be_visible()
    assert await other.evaluate("window.opened") == "once"


async def test_a_draft_is_refused_mended_tried_on_last_week_and_then_decides(shop: Shop, open_page: OpenPage) -> None:
    await shop.hear("There was poison in the soup.", "c-poison")
    await shop.alert_of("kitchen")
    page = await shop.signed_in(open_page, "Cleo", "/playbook")
    await page.get_by_role("link", name="New draft").click()
    # What is in a field is as it was written, so each line has the number that is told of it.
    text = page.get_by_label("Text").first
    before = await text.input_value()
    owned = "    - {id: owned, team: owner}\n"
    wrong = "    - {id: poison, match: {category: poison}, team: nobody}\n"
    await text.fill(before.replace(owned, wrong + owned))
    await page.get_by_role("button", name="Check").click()
    faults = page.get_by_role("alert")
    await expect(faults).to_contain_text("1 fault")
    await expect(faults).to_contain_text(f"playbook.yaml, line {before[: before.index(owned)].count(chr(10)) + 1}")
    await expect(faults.locator("pre")).to_have_text(wrong.strip())
    await expect(page.get_by_role("button", name="Activate")).to_be_disabled()

    written = await text.input_value()
    await text.fill(written.replace("team: nobody", "team: legal"))
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("status")).to_have_text("No fault, and its own tests pass.")
    await expect(page.locator("ins")).to_have_text("+ " + wrong.replace("nobody", "legal").rstrip())
    await page.get_by_role("button", name="Backtest against last week").click()
    tried = page.get_by_role("region", name="Last week under either")
    await expect(tried.get_by_role("row", name=re.compile("^kitchen"))).to_contain_text("1 → 0")
    await expect(tried.get_by_role("row", name=re.compile("^legal"))).to_contain_text("0 → 1")
    await page.get_by_role("button", name="Activate").click()
    await expect(page.get_by_role("status")).to_contain_text("Active from now on.")

    await page.goto(f"{shop.address}/teams/legal")
    await expect(page.locator("[data-live=on]")).to_be_visible()
    # Its workers take it up within seconds, so what comes before that is still decided as it was.
    for number in range(20):
        await shop.hear("More poison!", f"c-poison-{number}")
        try:
            await expect(page.get_by_role("link", name=re.compile("^Poison"))).to_be_visible(timeout=2_000)
        except AssertionError:
            continue
        return
    raise AssertionError("the activated playbook does not decide")


async def test_a_whole_round_takes_no_mouse(shop: Shop, open_page: OpenPage) -> None:
    await shop.hear("There is smoke in the van.", "c-smoke")
    await shop.hear("I saw sparks.", "c-sparks")
    page = await open_page(f"{shop.address}/teams/refunds", viewport=TABLE)
    await tab_to(page, page.get_by_label("API key"))
    await page.keyboard.type(shop.people["Rui"])
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/teams/refunds")
    rows = page.locator("[data-open]")
    await expect(rows).to_have_count(2)

    await tab_to(page, page.get_by_role("link", name="Skip to the content"))
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).to_be_focused()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()

    await page.keyboard.press("j")
    await expect(rows.nth(0)).to_be_focused()
    await page.keyboard.press("j")
    await expect(rows.nth(1)).to_be_focused()
    await page.keyboard.press("k")
    await expect(rows.nth(0)).to_be_focused()
    await seen_focus(page)
    # The other one comes to the front with its news, and what has the focus keeps it.
    title, other = [await row.inner_text() for row in await rows.all()]
    await shop.hear(f"More {other.split()[0].casefold()}!", "c-more")
    await expect(rows.nth(0)).to_have_text(other)
    await expect(page.locator(":focus")).to_have_text(title)
    async with page.expect_event("domcontentloaded"):
        await page.keyboard.press("a")
    await expect(page.get_by_role("row", name=title)).to_contain_text("Rui")
    await expect(page.locator(":focus")).to_have_text(title)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    await expect(page.get_by_role("button", name="Show the keys")).to_be_visible()
    await page.keyboard.press("c")
    await expect(page.get_by_role("status")).to_have_text("Claimed: it is yours.")
    await tab_to(page, page.locator("summary", has_text=re.compile("^Resolve$")))
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    await tab_to(page, page.get_by_role("button", name="Resolve", exact=True))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("Resolved.")


async def test_the_same_round_takes_no_script(shop: Shop, open_page: OpenPage) -> None:
    page = await shop.signed_in(open_page, "Cleo", "/teams/stores", java_script_enabled=False)
    await expect(page.get_by_text("Nothing waits here")).to_be_visible()
    await shop.hear("The lamp gave me a shock.", "c-shock")
    await shop.alert_of("stores")
    await page.reload()
    await page.get_by_role("link", name=re.compile("^Shock")).click()
    await page.get_by_role("button", name="Claim", exact=True).click()
    await expect(page.get_by_role("status")).to_have_text("Claimed: it is yours.")
    await expect(page.get_by_role("region", name="Why")).to_contain_text("harm")
    await page.get_by_role("link", name="Compare with other instances").click()
    await expect(page.get_by_role("main")).to_contain_text("Nothing stands out")
    await page.go_back()
    await page.get_by_text("Write a note").click()
    await page.get_by_label("Note").fill("Called back.")
    await page.get_by_role("button", name="Keep it").click()
    await expect(page.get_by_role("region", name="What happened")).to_contain_text("Called back.")
    await page.get_by_text("Resolve", exact=True).first.click()
    await page.get_by_role("radio", name="Noise").check()
    await page.get_by_role("button", name="Resolve").click()
    await expect(page.get_by_role("status")).to_have_text("Resolved.")
    await expect(page.get_by_role("region", name="What happened")).to_contain_text("It was noise")
    await page.get_by_role("button", name="Change to dark").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("API key")).to_be_visible()


async def test_who_acts_on_what_is_no_longer_so_sees_what_has_changed(shop: Shop, open_page: OpenPage) -> None:
    await shop.hear("A shard of glass!", "c-glass")
    alert = await shop.alert_of("stores")
    page = await shop.signed_in(open_page, "Cleo", f"/alerts/{alert['alert_id']}")
    path = f"/v1/alerts/{alert['alert_id']}"
    given = {"revision": alert["revision"], "by": "Cleo", "team": "desk", "reason": "They know about glass."}
    await shop.ask("Cleo", f"{path}/reassign", given)
    await page.get_by_role("button", name="Acknowledge").click()
    stood = page.get_by_role("alert")
    await expect(stood).to_contain_text("Not done: ")
    await expect(stood).to_contain_text("Since you looked:")
    await expect(stood.get_by_role("listitem")).to_contain_text("Came to desk")
    assert await harms(page) == []
    await stood.get_by_role("button", name="Do it all the same").click()
    await expect(page.get_by_role("status")).to_have_text("Acknowledged: it is in your hands.")


async def test_what_is_of_another_team_is_not_there(shop: Shop, open_page: OpenPage) -> None:
    await shop.hear("I will go to court.", "c-court")
    alert = await shop.alert_of("legal")
    page = await shop.signed_in(open_page, "Ana")
    for path in (f"/alerts/{alert['alert_id']}", "/alerts/00000000-0000-0000-0000-000000000000", "/teams/legal"):
        answer = await page.goto(shop.address + path)
        assert answer is not None
        assert answer.status == 404
        await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such thing here")
        await expect(page.get_by_text("court")).to_have_count(0)


async def test_every_page_can_be_read_by_everybody_in_light_and_dark_and_on_a_phone(
    shop: Shop, open_page: OpenPage
) -> None:
    await shop.hear("Flames of fire again.", "c-flames")
    await shop.hear_of_last_week(40)
    await shop.deployment.deal(SURVEYS, [[b"{"]])
    alert = await shop.alert_of("drivers")
    page = await open_page(f"{shop.address}/login", viewport=TABLE, reduced_motion="reduce")
    found = {"/login": await faults_of(page)}
    await page.get_by_label("API key").fill(shop.people["Cleo"])
    await page.get_by_role("button", name="Sign in with the key").click()
    await expect(page.get_by_role("heading", level=1, name="Teams")).to_be_visible()
    await shop.until_refused(1)
    member = (await shop.ask("Cleo", f"/v1/alerts/{alert['alert_id']}/events"))["events"][0]
    event = urlencode({"source": member["source"], "event_id": member["event_id"]})
    for path in (
        "/",
        "/teams/drivers",
        "/teams/drivers?state=all",
        "/teams/judges",
        f"/alerts/{alert['alert_id']}",
        f"/alerts/{alert['alert_id']}/causes",
        "/reviews",
        "/scorecards",
        "/books",
        "/silences",
        "/playbook",
        "/playbook/draft",
        "/dead-letters",
        "/dead-letters/1",
        "/ask",
        f"/ask?{event}",
        "/ask?source=/nowhere&event_id=nothing",
        "/nothing",
    ):
        await page.goto(shop.address + path)
        found[path] = await faults_of(page)
    await page.goto(f"{shop.address}/playbook/draft")
    await page.get_by_label("Text").first.fill("name: 7\nteams: none\n")
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    found["a draft with faults"] = await faults_of(page)
    await page.goto(f"{shop.address}/silences")
    await page.get_by_text("New silence").click()
    await page.get_by_label("Team").select_option("kitchen")
    await page.get_by_label("Why").fill("The kitchen moves.")
    await page.get_by_role("button", name="Preview").click()
    await expect(page.get_by_role("region", name="What it would have hidden in the last day")).to_be_visible()
    found["a silence's preview"] = await faults_of(page)
    await page.get_by_role("button", name="Make this silence").click()
    await expect(page.get_by_role("article", name="The kitchen moves.")).to_be_visible()
    found["silences"] = await faults_of(page)
    assert {where: faults for where, faults in found.items() if faults} == {}


async def faults_of(page: Page) -> list[str]:
    """Name what is wrong with a page on a table, there in the dark, and on a phone."""
    found = []
    for size, scheme, only in LOOKS:
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme)
        found += [f"{size['width']} {scheme}: {harm}" for harm in await harms(page, only)]
        found += ["it has to be moved sideways"] if await overflows(page) else []
    await page.set_viewport_size(TABLE)
    return found
