"""What the tables share: one metadata, and the columns that they are made of.

Keys collate by code point, so that Python's order of locks is the database's. Records that only the core understands
are `json`, not `jsonb`: numbers and the order of fields come back as they were written. There are no foreign keys: each
transaction locks what it refers to, and a probe for every row would say nothing new.
"""

import sqlalchemy as sa

metadata = sa.MetaData(naming_convention={"pk": "%(table_name)s_pkey"})

KEY = sa.Text(collation="C")
AT = sa.TIMESTAMP(timezone=True)
NOW = sa.text("now()")
# A row that is locked or changed in every batch finds room for its new version on its own page.
ROOMY = {"fillfactor": 50}
# A document stays on its row's own page, as it is, up to nearly 8 kB: compressing it would take longer than all else.
PLAIN = {"toast_tuple_target": 8160}


def key(name: str, *, null: bool = False, primary: bool = False) -> "sa.Column[str]":
    return sa.Column(name, KEY, nullable=null, primary_key=primary)


def keys(*names: str, primary: bool = False) -> "list[sa.Column[str]]":
    return [key(name, primary=primary) for name in names]


def counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def at(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, AT, nullable=null)
