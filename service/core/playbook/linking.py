"""How feedback finds process instances: how long it is waited for, and how numbers are written in texts."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from service.core.playbook.fields import Duration, Part, Slug
from service.core.references import form


def _readable(written: str) -> str:
    form(written)
    return written


# `#` is a digit, `@` a letter; all else is itself.
Form = Annotated[str, StringConstraints(min_length=3, max_length=100), AfterValidator(_readable)]


class Reference(Part):
    """One kind of number that texts may name; with a `process` it is a number of that one's instances."""

    id: Slug
    form: Form
    process: Slug | None = None


class Linking(Part):
    """After its end an instance is spoken of for `window`; process events may come `wait` later than feedback."""

    wait: Annotated[Duration, Field(le=timedelta(days=30))] = timedelta(hours=72)
    window: Annotated[Duration, Field(le=timedelta(days=400))] = timedelta(days=14)
    references: Annotated[tuple[Reference, ...], Field(max_length=20)] = ()
