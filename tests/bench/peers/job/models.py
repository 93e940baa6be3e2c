"""Nothing -> the ORM models of the tables in tables.sql."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Identity, SmallInteger, func
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Table(DeclarativeBase):
    type_annotation_map = {datetime: TIMESTAMP(timezone=True)}


class Refusal(Table):
    __tablename__ = "refused"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    reason: Mapped[str]
    detail: Mapped[str]
    value: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class EventIdentity(Table):
    __tablename__ = "event_identity"

    source: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    admitted_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Feedback(Table):
    __tablename__ = "feedback"

    source: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    document: Mapped[str] = mapped_column(JSON)
    explanation: Mapped[str] = mapped_column(JSON)


class Contribution(Table):
    __tablename__ = "contribution"

    source: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    customer: Mapped[str]
    process: Mapped[str]
    category: Mapped[str]
    region: Mapped[str]
    day: Mapped[date]
    negative: Mapped[bool]
    points: Mapped[int] = mapped_column(SmallInteger)


class Alert(Table):
    __tablename__ = "alert"

    process: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(primary_key=True)
    team: Mapped[str]
    events: Mapped[int] = mapped_column(BigInteger)
    worst: Mapped[int] = mapped_column(SmallInteger)
    previous: Mapped[int | None] = mapped_column(SmallInteger)
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen: Mapped[datetime]


class Member(Table):
    __tablename__ = "member"

    source: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str]
    customer: Mapped[str]
    severity: Mapped[int] = mapped_column(SmallInteger)


class Outgoing(Table):
    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    topic: Mapped[str]
    key: Mapped[str]
    value: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
