"""The playbook's part on languages: whether that of a text is looked for where its event does not name it."""

from typing import Annotated

from pydantic import Field

from service.core.playbook.fields import Part

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class Languages(Part):
    """`also` are languages to choose from, beside those of the playbook's words and the common ones."""

    detect: bool = False
    also: Annotated[tuple[Language, ...], Field(max_length=50)] = ()
