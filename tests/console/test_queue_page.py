from datetime import timedelta

from tests.builders import survey
from tests.console.browsing import Browsed, read, said


async def test_the_front_page_counts_what_is_open(small: Browsed) -> None:
    empty = await small.open("/")
    await small.world.push(timedelta(), survey("r1", 0, "late"), survey("r2", 0, "late", customer="ben"))
    page = await small.open("/")
    assert (empty.title, "Drivers 0 Nothing is open" in empty.rows()) == ("Teams", True)
    assert [row for row in page.rows() if row.startswith("Drivers")] == ["Drivers 1 High 1"]


async def test_a_queue_shows_the_worst_first_and_says_what_it_comes_to(console: Browsed) -> None:
    empty = await console.open("/teams/drivers")
    await console.world.push(timedelta(), survey("r1", 0, "late"), survey("r2", 0, "late", customer="ben"))
    await console.world.wait(timedelta(minutes=5))
    page = await console.open("/teams/drivers")
    assert (empty.rows(), "Nothing waits here" in empty.text) == ([], True)
    assert page.rows() == ["High Late delivery · Shipping 2 2 5 min ago – Acknowledge Late delivery · Shipping"]
    assert [said(one) for one in page.all("p", role="status")] == ["1 open alert"]


async def test_a_team_that_never_was_is_a_page_that_says_so(small: Browsed) -> None:
    page = await small.open("/teams/nobody", 404)
    assert page.title == "There is no such thing here"


async def test_an_alert_is_taken_in_hand_from_the_queue_under_a_name_that_is_kept(small: Browsed) -> None:
    await small.world.push(timedelta(), survey("r1", 0, "late"))
    await small.world.wait(timedelta(minutes=5))
    page = await small.open("/teams/drivers")
    (button,) = page.all("button", form="quick")
    written = {"by": "ana", "to": "/teams/drivers", "revision": button.get("value", "")}
    answer = await small.client.post(button.get("formaction", ""), data=written)
    assert (answer.status_code, answer.headers["location"]) == (303, "/teams/drivers")
    after = await small.open("/teams/drivers")
    assert after.rows() == ["High Late delivery · Shipping 1 1 5 min ago – ana"]
    assert [said(one) for one in after.all("span") if one.get("class") == "who"] == ["ana"]


async def test_a_queue_is_narrowed_by_a_form_and_goes_on_where_a_page_ended(small: Browsed) -> None:
    await small.world.push(timedelta(), survey("r1", 0, "late"), survey("r2", 0, "late", customer="ben"))
    first = await small.open("/teams/drivers?state=all&severity=&kind=&category=&process=&limit=1")
    none = await small.open("/teams/drivers?severity=low")
    (further,) = [link for link in first.links() if "cursor=" in link]
    assert "state=all" in further
    assert (await small.open(f"/teams/drivers{further}")).rows() == []
    assert none.rows() == []
    assert (await small.client.get("/teams/drivers?severity=awful")).status_code == 422


async def test_what_a_browser_keeps_is_a_name_and_light_or_dark_and_leads_to_no_other_site(small: Browsed) -> None:
    page = await small.open("/")
    chosen = await small.client.post("/theme", data={"theme": "dark", "to": "//elsewhere.example/"})
    assert (page.all("html")[0].get("data-theme"), chosen.headers["location"]) == (None, "/")
    assert (await small.open("/")).all("html")[0].get("data-theme") == "dark"
    back = await small.client.post("/theme", data={"theme": "whatever", "to": "/reviews"})
    assert (back.headers["location"], (await small.open("/")).all("html")[0].get("data-theme")) == ("/reviews", None)


async def test_files_are_kept_for_ever_under_the_address_of_their_content_and_nothing_else_is_served(
    small: Browsed,
) -> None:
    page = await small.open("/")
    (style,) = [one.get("href", "") for one in page.all("link", rel="stylesheet")]
    kept, asked = await small.client.get(style), await small.client.get(style.partition("?")[0])
    assert (kept.headers["cache-control"], asked.headers["cache-control"]) == (
        "public, max-age=31536000, immutable",
        "no-cache",
    )
    assert read(await small.client.get("/static/../served.py")).status == 404
