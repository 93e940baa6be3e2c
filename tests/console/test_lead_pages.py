"""What leads and CX operations look at: reviews, scorecards, books, silences, dead letters, and why."""

from datetime import timedelta

import pytest

from tests.builders import survey
from tests.console.browsing import Browsed, Page, read, said


def section(page: Page, name: str) -> str:
    (found,) = [one for one in page.root.iter() if one.get("aria-labelledby") == name]
    return said(found)


EMPTY = {
    "/reviews": "No review is open",
    "/scorecards": "No answers in this period",
    "/books": "Nothing was consumed yet",
    "/silences": "No silence holds anything back",
    "/dead-letters": "There are none",
    "/ask": "Name any event by its source and id",
    "/playbook": "Every playbook that is, or once was, active",
}


@pytest.mark.parametrize("path", EMPTY)
async def test_where_there_is_nothing_a_page_says_so(small: Browsed, path: str) -> None:
    assert EMPTY[path] in (await small.open(path)).text


async def test_scorecards_need_enough_answers_for_a_figure_and_show_how_sure_it_is(console: Browsed) -> None:
    answers = [survey(f"r{at}", 10 if at < 20 else 0, "kind", customer=f"c{at}") for at in range(30)]
    await console.world.push(timedelta(), *answers, survey("s1", 5, "late"))
    page = await console.open("/scorecards?by=all&days=28")
    told_apart = await console.open("/scorecards?by=category")
    assert page.rows()[0] == "All +29 -5 to +63 – 31"
    assert told_apart.rows()[:2] == ["Late delivery Too few to tell 1", "unmapped +33 0 to +67 – 30"]
    assert len([one for one in page.all("{http://www.w3.org/2000/svg}svg") if one.get("class") == "interval"]) == 1


async def test_the_books_balance_and_count_each_teams_verdicts(console: Browsed) -> None:
    late = survey("r1", 0, "late")
    await console.world.push(timedelta(), late, late, survey("r2", 10, "late", customer="ben"))
    page = await console.open("/books")
    assert section(page, "all") == (
        "All records The books balance Consumed 3 = Accepted 2 67% + Duplicate 1 33% + Superseded 0 0% + Rejected 0 0%"
    )
    assert page.rows() == ["Drivers 1 1 2"]


async def test_a_silence_is_previewed_made_extended_and_lifted(console: Browsed) -> None:
    await console.world.push(timedelta(), survey("r1", 0, "late"))
    await console.world.wait(timedelta(minutes=5))
    page = await console.open("/silences")
    wished = {"team": "drivers", "reason": "Snow.", "by": "ana", "duration": "1h"}
    preview = read(await console.send(page, "/silences/preview", 200, **wished))
    assert preview.rows() == ["High Late delivery · Shipping: 1 customer, high drivers 1"]
    made = await console.send(preview, "/silences")
    page = await console.open(made.headers["location"])
    assert "The silence is made." in page.text
    assert "in 1 h" in page.text
    (extend,) = [one.get("action", "") for one in page.all("form") if "extend" in one.get("action", "")]
    page = await console.open((await console.send(page, extend, further="4h")).headers["location"])
    assert "in 5 h" in page.text
    await console.send(page, extend.replace("extend", "lift"))
    assert "No silence holds anything back" in (await console.open("/silences")).text
    assert "lifted by" in (await console.open("/silences?ended=true")).text


async def test_a_silence_that_asks_for_nothing_is_refused_with_what_was_entered_kept(small: Browsed) -> None:
    page = await small.open("/silences")
    answer = read(await small.send(page, "/silences/preview", 422, reason="Snow.", by="ana"))
    assert [one.get("value") for one in answer.all("input", name="reason")] == ["Snow."]


async def test_any_event_can_be_asked_about(small: Browsed) -> None:
    await small.world.push(timedelta(), survey("r1", 0, "late"))
    page = await small.open("/ask?source=%2Fsurveys&event_id=r1-1")
    missing = await small.open("/ask?source=%2Fsurveys&event_id=r9", 404)
    assert section(page, "told").startswith("Opened: ")
    assert "owned leaves it to whoever owns the matter, and one team does" in section(page, "how").lower()
    assert "No such event was accepted" in missing.text


async def test_what_is_out_of_reach_is_a_page_for_people_and_a_problem_for_programs(small: Browsed) -> None:
    page = await small.open("/dead-letters/1", 404)
    program = await small.client.get("/dead-letters/1", headers={"Accept": "application/json"})
    assert page.title == "There is no such thing here"
    assert program.headers["content-type"] == "application/problem+json"
    foreign = await small.client.post("/theme", data={"theme": "dark"}, headers={"Content-Type": "text/plain"})
    assert (foreign.status_code, read(foreign).title) == (415, "The body is of a type that is not read here")
