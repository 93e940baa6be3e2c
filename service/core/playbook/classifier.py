"""Which trained model reads the texts that no label and no keyword speaks for (deploy/docs/playbook.md)."""

from typing import Annotated

from pydantic import Field, StringConstraints

from service.core.playbook.fields import Part

ModelDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,8}$")]


class ClassifierSettings(Part):
    """`model` is the digest of a trained model, as `train` prints it, so that the playbook's digest covers the model.

    Without `min_confidence` the model's own abstention decides alone. Without `languages` it speaks for all; `und` in
    them stands for texts whose language nobody knows.
    """

    model: ModelDigest
    min_confidence: Annotated[float, Field(gt=0, le=1)] | None = None
    languages: Annotated[tuple[LanguageTag, ...], Field(max_length=200)] = ()
