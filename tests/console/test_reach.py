"""Who may see what, by the pages: as over the JSON routes, and with nothing on a page that would be refused."""

from datetime import timedelta

from service.core.access import Role
from service.core.access.keys import key_text
from tests.api.people import KEY, SECRET, person_of
from tests.builders import survey
from tests.console.browsing import Browsed, read, said
from tests.console.test_alert_page import late_alert, section


async def test_who_is_bound_to_a_team_sees_it_alone_with_its_queue_in_front(small: Browsed) -> None:
    path = await late_alert(small)
    small.client.headers.update(await person_of(small.world, Role.AGENT, "drivers"))
    page = await small.open("/")
    assert "Drivers" in section(page, "own")
    assert [row for row in page.rows() if row.startswith(("Desk", "Refunds", "Legal"))] == []
    assert "In the hands of" not in (await small.open(path)).text
    small.client.headers.update(await person_of(small.world, Role.AGENT, "refunds"))
    assert (await small.open(path, 404)).title == "There is no such thing here"
    assert (await small.open("/teams/drivers", 404)).title == "There is no such thing here"


async def test_who_only_reads_finds_no_act_and_no_words_of_customers(small: Browsed) -> None:
    path = await late_alert(small)
    small.client.headers.update(await person_of(small.world, Role.VIEWER))
    page = await small.open(path)
    assert section(page, "acts") == "What you can do Your role reads, and does not act."
    assert section(page, "said") == "What was said Your role does not read what customers wrote."
    refused = read(await small.client.post(f"{path}/ack", data={"revision": "1"}))
    assert (refused.status, refused.title) == (403, "The role, or the key, does not permit this")
    places = [said(one) for one in page.all("a") if one.get("href") in ("/silences", "/dead-letters", "/playbook")]
    assert set(places) == {"Playbook"}


async def test_who_signs_in_acts_under_their_own_name_and_by_our_own_forms_alone(small: Browsed) -> None:
    path = await late_alert(small)
    await small.world.keys.keep(KEY)
    small.client.headers.pop("authorization")
    away = await small.client.get(path)
    assert (away.status_code, away.headers["location"]) == (303, f"/login?to={path}")
    await small.client.post("/login", data={"key": key_text(KEY.key_id, SECRET), "to": path})
    page = await small.open(path)
    assert page.all("input", name="by") == []
    forged = await small.client.post(f"{path}/ack", data={"revision": "1"})
    assert (forged.status_code, read(forged).title) == (403, "A change by a session needs its CSRF token")
    await small.send(page, f"{path}/ack")
    assert "In the hands of ana" in (await small.open(path)).text
    out = await small.send(page, "/logout")
    assert out.headers["location"] == "/login"


async def test_a_stream_has_nothing_of_who_asked_first(small: Browsed) -> None:
    await small.world.push(timedelta(), survey("r1", 0, "late"))
    small.client.headers.update(await person_of(small.world, Role.VIEWER))
    page = await small.open("/teams/drivers")
    assert page.all("button", form="quick") == []
