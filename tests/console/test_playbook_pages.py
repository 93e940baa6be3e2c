from datetime import timedelta

import httpx

from service.core.playbook.digest import canonical_text
from tests.builders import make_playbook, survey
from tests.console.browsing import Browsed, Page, read, said

DRAFT = "/playbook/draft"


def section(page: Page, name: str) -> str:
    (found,) = [one for one in page.root.iter() if one.get("aria-labelledby") == name]
    return said(found)


async def judged(console: Browsed, text: str, do: str, status: int = 200) -> httpx.Response:
    """Send a draft of one file."""
    page = await console.open(DRAFT)
    return await console.send(page, DRAFT, status, file="playbook.yaml", text=text.replace("\n", "\r\n"), do=do)


async def test_a_draft_starts_as_the_active_playbook_which_has_no_fault(small: Browsed) -> None:
    page = await small.open(DRAFT)
    (text,) = [one for one in page.all("textarea") if one.get("id") == "d-text-1"]
    assert (text.text or "").strip() == canonical_text(make_playbook()).strip()
    checked = read(await small.send(page, DRAFT, 200, do="check"))
    assert "No fault, and its own tests pass." in checked.text
    assert "Nothing differs." in checked.text


async def test_a_fault_is_shown_with_the_line_that_it_is_about_and_nothing_is_activated(small: Browsed) -> None:
    before = await small.world.shelf.active()
    wrong = canonical_text(make_playbook()).replace('"team":"desk"', '\n"team":"nobody"')
    page = read(await judged(small, wrong, "activate", 422))
    assert section(page, "faults").startswith("1 fault playbook.yaml, line 2")
    assert "nobody" in section(page, "faults")
    assert await small.world.shelf.active() == before


async def test_last_week_is_decided_under_both_playbooks_before_one_is_activated(console: Browsed) -> None:
    late = [survey(f"r{at}", 0, "late", customer=f"c{at}") for at in range(3)]
    await console.world.push(timedelta(days=1), *late)
    other = canonical_text(make_playbook(routes={"team": "desk", "arbitration": "judges"}))
    page = read(await judged(console, other, "backtest"))
    rows = {row.split(maxsplit=1)[0]: row for row in page.rows()}
    assert rows["drivers"].startswith("drivers 1 → 0")
    assert rows["desk"].startswith("desk 0 → 1")
    assert section(page, "backtest").startswith("Last week under either 3 feedbacks")
    console.client.cookies.set("console-name", "ana")
    done = await judged(console, other, "activate", 303)
    assert (await console.world.read("/v1/audit"))["entries"][0]["actor"] == "ana"
    after = await console.open(done.headers["location"])
    assert "Active from now on." in after.text
    assert len(after.rows()) == 2
    (compare,) = [link for link in after.links() if "differences" in link]
    assert len((await console.open(compare)).all("del")) > 0


async def test_a_playbook_that_never_was_active_is_not_found(small: Browsed) -> None:
    assert (await small.open(f"/playbook/{'0' * 64}", 404)).title == "There is no such thing here"
