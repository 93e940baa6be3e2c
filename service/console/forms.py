"""The body of a form -> its fields, and a request's model of these; or a problem. Browsers end lines with CR LF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

import orjson
from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from service.api.problems import Kind, Problem, faults
from service.api.services import media_type

_MOST_FIELDS = 300
Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Fields:
    """What was sent, in its order; a name may be there several times."""

    pairs: Sequence[tuple[str, str]] = ()

    def all(self, name: str) -> list[str]:
        """Return every value of a field that is not blank."""
        return [value.strip() for one, value in self.pairs if one == name and value.strip()]

    def said(self, name: str) -> str | None:
        """Return what was written into a field; None where it was left blank, or is not there."""
        return next(iter(self.all(name)), None)

    def whole(self, name: str) -> list[str]:
        """Return every value of a field as it was written, with its lines ended as they are in files."""
        return [value.replace("\r\n", "\n") for one, value in self.pairs if one == name]


async def fields(request: Request) -> Fields:
    """Read a form.

    Raises:
        Problem: the body is no form, or has too many fields.
    """
    if media_type(request.headers) != "application/x-www-form-urlencoded":
        raise Problem(Kind.WRONG_MEDIA_TYPE, "send a form")
    try:
        sent = (await request.body()).decode()
        return Fields(parse_qsl(sent, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise Problem(Kind.UNREADABLE, "the form can not be read") from None


def read_as(model: type[Body], values: Mapping[str, object]) -> Body:
    """Make a model of what was written; what is None was left blank.

    Raises:
        Problem: it breaks the model's contract.
    """
    try:
        said = {name: value for name, value in values.items() if value is not None}
        # As JSON, which is how the same models read what programs send.
        return model.model_validate_json(orjson.dumps(said))
    except ValidationError as error:
        count, told = faults(error.errors(include_input=False, include_url=False, include_context=False))
        raise Problem(Kind.INVALID, count, {"errors": told}) from None


Form = Annotated[Fields, Depends(fields)]
