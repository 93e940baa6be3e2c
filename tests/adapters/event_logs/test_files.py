"""Files of event logs, as tools write them and as nobody should: each is read in pieces, or names what is wrong."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from service.adapters.event_logs import BrokenLogError, Format, format_of, read_ocel, read_xes
from service.adapters.event_logs.json_members import LONGEST_VALUE, members
from service.adapters.event_logs.xes_parts import LONGEST_TAG, parts
from service.core.contracts.cloudevent import Event
from service.core.contracts.process import ProcessInstance
from service.core.event_log import OcelReading, Unread, XesEvent, XesReading, XesTraceEnd

CLAIMS = XesReading(process="claims")
ORDERS = OcelReading(instances=frozenset({"order"}))
XES = """<?xml version="1.0" encoding="UTF-8"?>
<!-- as exported -->
<log xes.version="1849.2016" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
  <string key="concept:name" value="All claims"/>
  <trace>
    <string key="concept:name" value="C-1"/>
    <int key="amount" value="120"/>
    <float key="risk" value="0.5"/>
    <float key="absent" value="NaN"/>
    <int key="odd" value="many"/>
    <boolean key="urgent" value="true"/>
    <list key="items"><string key="item" value="left out"/></list>
    <event>
      <string key="concept:name" value="Pr&#252;fen"><string key="meta" value="left out"/></string>
      <date key="time:timestamp" value="2026-05-04T11:00:00.000+02:00"/>
      <string key="lifecycle:transition" value="complete"/>
    </event>
    <event><string key="concept:name" value="Pay"/></event>
  </trace>
</log>
"""
OCEL: dict[str, Any] = {
    "objectTypes": [{"name": "order", "attributes": []}],
    "eventTypes": [{"name": "Pack", "attributes": []}],
    "objects": [{"id": "o1", "type": "order"}, {"id": "i1", "type": "item"}],
    "events": [
        {
            "id": f"e{number}",
            "type": "Pack",
            "time": f"2026-05-04T09:0{number}:00Z",
            "relationships": [{"objectId": "o1", "qualifier": "order"}],
        }
        for number in range(2)
    ],
}


def written(path: Path, content: str | bytes) -> Path:
    whole = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(whole) if path.suffix == ".gz" else whole)
    return path


def said(found: Any) -> list[tuple[str, str | None]]:  # noqa: ANN401 - whatever a reader yields
    events = [one for one in found if isinstance(one, Event)]
    return [(one.data.instance, one.data.activity) for one in events if isinstance(one.data, ProcessInstance)]


@pytest.mark.parametrize("name", ["log.xes", "log.XES", "log.xes.gz"])
def test_an_xes_log_is_read_compressed_or_not(name: str, tmp_path: Path) -> None:
    file = written(tmp_path / name.replace("XES", "xes"), XES)
    found = list(read_xes(file, CLAIMS))
    assert said(found) == [("C-1", None), ("C-1", "Prüfen")]
    assert [one.place for one in found if isinstance(one, Unread)] == ["line 20"]
    begun = next(one.data for one in found if isinstance(one, Event))
    assert isinstance(begun, ProcessInstance)
    assert begun.attributes == {"amount": 120, "risk": 0.5, "odd": "many", "urgent": True}


@pytest.mark.parametrize("name", ["log.jsonocel", "log.json", "log.jsonocel.gz"])
def test_an_ocel_log_is_read_compressed_or_not(name: str, tmp_path: Path) -> None:
    file = written(tmp_path / name, json.dumps(OCEL, indent=1))
    assert format_of(file) is Format.OCEL
    assert said(read_ocel(file, ORDERS)) == [("o1", None), ("o1", "Pack"), ("o1", "Pack")]


def test_the_order_of_members_does_not_matter(tmp_path: Path) -> None:
    turned = dict(reversed(OCEL.items()))
    assert said(read_ocel(written(tmp_path / "log.jsonocel", json.dumps(turned)), ORDERS))[0] == ("o1", None)


def test_lines_of_json_are_no_log(tmp_path: Path) -> None:
    line = json.dumps({"specversion": "1.0", "events": []})
    assert format_of(written(tmp_path / "events.json", f"{line}\n{line}\n")) is None
    assert format_of(tmp_path / "events.jsonl") is None
    assert format_of(tmp_path / "claims.xes.gz") is Format.XES


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('<!DOCTYPE log [<!ENTITY a "b">]><log/>', "log.xes: line 1: document types and entities are not read"),
        ('<?xml version="1.0"?>\n<!DOCTYPE log SYSTEM "http://127.0.0.1/x.dtd"><log/>', "line 2: document types"),
        ("<log><trace></log>", "log.xes: line 1: mismatched tag; mend the file"),
        ('<log><string key="a" value="&nothing;"/></log>', "line 1: undefined entity"),
        ("<log><trace>", "log.xes: line 1: no element found"),
        ("", "log.xes: line 1: no element found"),
        ("<html/>", "log.xes: line 1: has no log element; is it XES?"),
        ("<log>" + "<list>" * 200, "elements are nested above 100 deep"),
    ],
)
def test_a_broken_xes_log_names_file_and_line(content: str, message: str, tmp_path: Path) -> None:
    file = written(tmp_path / "log.xes", content)
    with pytest.raises(BrokenLogError, match=message.replace("?", r"\?")):
        list(read_xes(file, CLAIMS))


def test_a_tag_without_an_end_is_refused_before_it_is_held() -> None:
    stream = io.BytesIO(b'<log><string key="a" value="' + b"x" * (4 * LONGEST_TAG))
    with pytest.raises(BrokenLogError, match="a tag is longer than a megabyte"):
        list(parts(stream, "log.xes"))
    assert stream.tell() < 2 * LONGEST_TAG


def test_an_xes_log_is_read_in_pieces() -> None:
    trace = b'<trace><string key="concept:name" value="C-1"/>' + b"<event></event>" * 1000 + b"</trace>"
    stream = io.BytesIO(b"<log>" + trace * 100 + b"</log>")
    reading = parts(stream, "log.xes")
    first = next(reading)
    assert isinstance(first, XesEvent)
    assert stream.tell() <= 1 << 16
    assert sum(isinstance(one, XesTraceEnd) for one in reading) == 100


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "'{' is wanted after it"),
        ('{"objects": [{"id": "o1", "type": "order"}], "events": {}}', "events is no list; is it OCEL 2.0"),
        ('{"objects": [{"id": "o1"', "objects 1: is no JSON, or is cut off; mend the file"),
        ('{"objects": [{"id": "o1", "type": "order"}', "the file is cut off before ']'"),
        ('{"objects": [{"id": NaN}]}', "objects 1: is no JSON, or is cut off; mend the file"),
        ('{"objects": [7]}', "object 1: is no object with id and type; mend the file"),
        ('{"objects": [{"id": "i1", "type": "item"}]}', "none is an instance; name a type by --instances: item"),
        ('{"objects": []}', "none is an instance; name a type by --instances: none"),
        (b'{"objects": [{"id": "\xff"}]}', "is not UTF-8 after it; mend the file"),
        ('{"objects": [' + "[" * 100_000, "objects 1: is no JSON, or is cut off; mend the file"),
    ],
)
def test_a_broken_ocel_log_names_file_and_place(content: str | bytes, message: str, tmp_path: Path) -> None:
    file = written(tmp_path / "log.jsonocel", content)
    with pytest.raises(BrokenLogError) as refused:
        list(read_ocel(file, ORDERS))
    assert str(refused.value).startswith("log.jsonocel: ")
    assert message in str(refused.value)


def test_a_gzip_that_is_cut_off_is_named(tmp_path: Path) -> None:
    file = tmp_path / "log.xes.gz"
    file.write_bytes(gzip.compress(XES.encode())[:-20])
    with pytest.raises(BrokenLogError, match=r"log.xes.gz: gzip: is cut off or no gzip"):
        list(read_xes(file, CLAIMS))
    file.write_bytes(XES.encode())
    with pytest.raises(BrokenLogError, match="is cut off or no gzip"):
        list(read_xes(file, CLAIMS))


@pytest.mark.parametrize("size", [1, 7, 65_535, 65_536, 65_537, 200_000])
def test_members_are_whole_wherever_the_file_is_cut_into_pieces(size: int) -> None:
    whole = [{"text": "ä" * size}, {"n": 12.5}, "x" * size]
    stream = io.BytesIO(json.dumps({"more": [1, {"a": []}], "events": whole, "end": None}, ensure_ascii=False).encode())
    assert list(members(stream, "f", "events")) == [(1, whole[0]), (2, whole[1]), (3, whole[2])]


def test_a_list_is_read_in_pieces_and_no_value_is_without_an_end() -> None:
    stream = io.BytesIO(b'{"events": [' + b'{"a": 1},' * 100_000 + b'{"a": 1}]}')
    reading = members(stream, "f", "events")
    assert next(reading) == (1, {"a": 1})
    assert stream.tell() <= 1 << 16
    assert sum(1 for _ in reading) == 100_000
    endless = io.BytesIO(b'{"events": ["' + b"x" * (4 * LONGEST_VALUE))
    with pytest.raises(BrokenLogError, match="events 1: is no JSON, or longer than four megabytes"):
        list(members(endless, "f", "events"))
    assert endless.tell() <= 2 * LONGEST_VALUE + (1 << 17)
