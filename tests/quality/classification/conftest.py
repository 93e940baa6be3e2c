"""The encoders that packages carry."""

import pytest

from service.adapters.encoders import ENCODERS, Unavailable, open_encoder
from service.core.classify import Vectors


@pytest.fixture(scope="package")
def encoders() -> dict[str, Vectors]:
    opened = {name: open_encoder(name) for name in ENCODERS}
    for name, one in opened.items():
        if isinstance(one, Unavailable):
            pytest.skip(f"The encoder {name} is not to be had: {one.told}")
    return {name: one for name, one in opened.items() if not isinstance(one, Unavailable)}
