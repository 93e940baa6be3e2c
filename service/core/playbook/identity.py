"""Which types of references join one customer's, and how widely one may be shared (deploy/docs/identity.md)."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from service.core.playbook.fields import Part, Slug


class Identity(Part):
    """Types of references, the best first. What was seen with more than `shared_above` of a type joins none of it."""

    precedence: Annotated[tuple[Slug, ...], Field(min_length=2, max_length=6)]
    shared_above: Annotated[int, Field(ge=1, le=20)] = 3

    @model_validator(mode="after")
    def _each_type_once(self) -> Self:
        if len(set(self.precedence)) < len(self.precedence):
            message = "precedence: a type is listed twice; leave it where it ranks"
            raise ValueError(message)
        return self
