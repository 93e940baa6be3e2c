from datetime import timedelta

from tests.builders import survey
from tests.console.browsing import Browsed, Page, read, said


async def late_alert(console: Browsed) -> str:
    """Open an alert of one customer, told of a few minutes later; return where its page is."""
    await console.world.push(timedelta(), survey("r1", 0, "late, call me on +44 20 7946 0958"))
    await console.world.wait(timedelta(minutes=5))
    return f"/alerts/{(await console.world.alert_of('drivers'))['alert_id']}"


def section(page: Page, name: str) -> str:
    (found,) = [one for one in page.root.iter() if one.get("aria-labelledby") == name]
    return said(found)


async def test_an_alert_says_what_it_is_why_it_is_here_and_what_happened(console: Browsed) -> None:
    page = await console.open(await late_alert(console))
    assert page.title == "Late delivery · Shipping: 1 customer, high"
    assert "nothing is new since the team was last told" in section(page, "why")
    assert section(page, "said") == "What was said late, call me on [phone]"
    assert (
        section(page, "timeline") == "What happened Opened for drivers High 4 min ago · notice 1 · 1 customer, 1 event"
    )
    assert page.rows() == ["High response/r1 /surveys delivery – No"]


async def test_who_acknowledges_says_who_they_are_and_is_led_back(small: Browsed) -> None:
    path = await late_alert(small)
    page = await small.open(path)
    done = await small.send(page, f"{path}/ack", by="ana")
    assert done.headers["location"] == f"{path}?done=ack"
    after = await small.open(done.headers["location"])
    assert "Acknowledged: it is in your hands." in after.text
    assert "In the hands of ana" in after.text


async def test_sending_the_same_form_again_does_nothing_more(small: Browsed) -> None:
    path = await late_alert(small)
    page = await small.open(path)
    for _ in range(2):
        await small.send(page, f"{path}/resolve", by="ana", disposition="noise")
    after = await small.open(path)
    assert "ana resolved it" in section(after, "timeline")
    assert "It was noise" in section(after, "timeline")


async def test_who_acts_on_old_news_sees_what_has_changed_and_may_go_on(console: Browsed) -> None:
    path = await late_alert(console)
    page = await console.open(path)
    more = (survey(f"r{at}", 0, "late", customer=f"c{at}") for at in range(2, 6))
    await console.world.push(timedelta(minutes=30), *more)
    await console.world.wait(timedelta(hours=1))
    (form,) = page.all("form", action=f"{path}/ack")
    sent = {one.get("name", ""): one.get("value", "") for one in form.iter("input")}
    conflict = read(await console.client.post(f"{path}/ack", data={**sent, "by": "ana"}))
    assert conflict.status == 409
    told = section(conflict, "conflict")
    assert told.startswith("Not done: the alert has been told of again since that revision Since you looked:")
    assert "Grew to 5 customers" in told
    await console.send(conflict, f"{path}/ack")
    assert "In the hands of ana" in (await console.open(path)).text


async def test_what_is_resolved_meanwhile_can_not_be_done_all_the_same(small: Browsed) -> None:
    path = await late_alert(small)
    page = await small.open(path)
    await small.send(page, f"{path}/resolve", by="ben")
    (form,) = page.all("form", action=f"{path}/ack")
    sent = {one.get("name", ""): one.get("value", "") for one in form.iter("input")}
    conflict = read(await small.client.post(f"{path}/ack", data=sent))
    assert (conflict.status, "Do it all the same" in conflict.text) == (409, False)


async def test_an_alert_is_given_to_another_team_with_the_reason_on_its_timeline(small: Browsed) -> None:
    path = await late_alert(small)
    page = await small.open(path)
    await small.send(page, f"{path}/reassign", by="ana", team="refunds", reason="It was charged twice.")
    after = await small.open(path)
    assert "ana gave it to refunds" in section(after, "timeline")
    assert "It was charged twice." in section(after, "timeline")


async def test_what_breaks_its_contract_is_a_page_that_says_where(small: Browsed) -> None:
    path = await late_alert(small)
    page = await small.open(path)
    answer = read(await small.send(page, f"{path}/ack", by="a" * 101, status=422))
    assert "/by" in answer.text


async def test_what_stands_out_is_a_page_without_scripts_and_a_part_of_one_with(small: Browsed) -> None:
    path = await late_alert(small)
    page = await small.open(f"{path}/causes")
    part = await small.client.get(f"{path}/causes", headers={"HX-Request": "true"})
    assert page.title.startswith("What stands out")
    assert part.text.lstrip().startswith("<p")


async def test_there_is_no_such_alert(small: Browsed) -> None:
    assert (await small.open("/alerts/7a1de7f9-9d5c-5a55-8a3e-5b7c5e3c0d11", 404)).title
    assert (
        await small.client.post("/alerts/7a1de7f9-9d5c-5a55-8a3e-5b7c5e3c0d11/ack", data={"revision": "1"})
    ).status_code == 404


async def test_an_alert_is_claimed_put_aside_written_on_and_opened_again(console: Browsed) -> None:
    path = await late_alert(console)
    await console.send(await console.open(path), f"{path}/claim", by="ana")
    await console.send(await console.open(path), f"{path}/snooze", length="4h")
    await console.send(await console.open(path), f"{path}/unsnooze")
    await console.send(await console.open(path), f"{path}/note", text="Called back, +44 20 7946 0958.")
    await console.send(await console.open(path), f"{path}/resolve", disposition="actionable")
    await console.send(await console.open(path), f"{path}/reopen")
    told = section(await console.open(path), "timeline")
    said_of_it = (
        "ana claimed it",
        "put it aside",
        "took it up",
        "Called back, [phone].",
        "resolved it",
        "opened it again",
    )
    assert [one for one in said_of_it if one not in told] == []


async def test_what_somebody_else_has_claimed_is_done_only_by_who_insists(small: Browsed) -> None:
    path = await late_alert(small)
    await small.send(await small.open(path), f"{path}/claim", by="ben")
    small.client.cookies.clear()
    page = await small.open(path)
    conflict = read(await small.send(page, f"{path}/resolve", 409, by="ana"))
    assert section(conflict, "conflict").startswith("Not done: ben has claimed it, and is at work on it")
    await small.send(conflict, f"{path}/resolve")
    assert "Over the claim of ben" in section(await small.open(path), "timeline")
