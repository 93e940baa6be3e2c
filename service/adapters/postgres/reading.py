"""Rows -> records, where the columns hold all of a record."""

import asyncpg
import orjson

from service.core.records.alerts import Member
from service.core.records.decisions import PartKey, Subject
from service.core.records.facts import FeedbackRow
from service.core.records.feedback import Downtime
from service.core.records.steps import Step
from service.core.records.words import Lifecycle, Severity


def read_subject(row: asyncpg.Record) -> Subject:
    return Subject(
        source=row["source"],
        subject=row["subject"],
        revision=row["revision"],
        occurred_at=row["occurred_at"],
        event_id=row["event_id"],
        began_at=row["began_at"],
        withdrawn=row["withdrawn"],
    )


def read_member(row: asyncpg.Record) -> Member:
    return Member(
        key=PartKey(row["source"], row["subject"], row["part"]),
        alert_id=row["alert_id"],
        alert_key=row["alert_key"],
        copy=row["copy"],
        event_id=row["event_id"],
        customer=row["customer"],
        instance_id=row["instance_id"],
        severity=Severity(row["severity"]),
        score=row["score"],
        done=row["done"],
        team=row["team"],
    )


def read_downtime(row: asyncpg.Record) -> Downtime:
    return Downtime(
        source=row["source"],
        downtime_id=row["downtime_id"],
        process=row["process"],
        region=row["region"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        planned=row["planned"],
        occurred_at=row["occurred_at"],
        event_id=row["event_id"],
    )


def read_step(row: asyncpg.Record) -> Step:
    return Step(
        instance_id=row["instance_id"],
        process=row["process"],
        source=row["source"],
        event_id=row["event_id"],
        name=row["name"],
        at=row["at"],
        told_at=row["told_at"],
        activity=row["activity"],
        lifecycle=Lifecycle(row["lifecycle"]),
        team=row["team"],
        attributes=orjson.loads(row["attributes"]),
        withdrawn=row["withdrawn"],
    )


def read_feedback(row: asyncpg.Record) -> FeedbackRow:
    return FeedbackRow(
        source=row["source"],
        event_id=row["event_id"],
        received_at=row["received_at"],
        document=orjson.loads(row["document"]),
        explanation=orjson.loads(row["explanation"]),
        version=row["version"],
    )
