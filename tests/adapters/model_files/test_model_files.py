"""A model's file gives back the model, and no file gives anything else."""

import io
import zipfile
from contextlib import suppress

import orjson
import pytest

from service.adapters.model_files import content, load_model, write_model
from service.adapters.model_files.content import packed, unpacked
from service.core.records.heard import Asked
from service.ports import ModelFault
from tests.classifying import MadeUpVectors, lines, trained

ASKED = [Asked(text=one.text) for one in lines()] + [Asked(text="quark strangeness")]
FILE, DIGEST = write_model(trained().model, {"n": 120})


def test_a_loaded_model_hears_what_the_saved_one_did() -> None:
    loaded = load_model(FILE, [MadeUpVectors()])
    assert (loaded.model.digest, loaded.report, loaded.missing) == (DIGEST, {"n": 120}, {})
    assert loaded.model.hear(ASKED) == trained().model.hear(ASKED)
    assert write_model(loaded.model, loaded.report) == (FILE, DIGEST)


def test_the_same_lines_and_seed_give_the_same_bytes() -> None:
    assert write_model(trained.__wrapped__(1).model, {"n": 120}) == (FILE, DIGEST)


def test_without_its_vectors_a_model_loads_says_so_and_answers() -> None:
    loaded = load_model(FILE, [MadeUpVectors(digest="others")])
    assert loaded.missing == {"static": "made-up"}
    assert loaded.model.hear([Asked(text="the refund never came!")])[0].categories[0] == "refund"
    with pytest.raises(ValueError, match="without its static"):
        write_model(loaded.model, loaded.report)


@pytest.mark.parametrize("at", range(0, len(FILE), max(1, len(FILE) // 60)))
def test_a_truncated_file_is_refused(at: int) -> None:
    with pytest.raises(ModelFault, match=r"[Tt]rain it again"):
        load_model(FILE[:at])


@pytest.mark.parametrize("at", range(0, len(FILE), max(1, len(FILE) // 60)))
def test_an_altered_byte_is_refused_or_changes_nothing(at: int) -> None:
    altered = FILE[:at] + bytes([FILE[at] ^ 1]) + FILE[at + 1 :]
    with suppress(ModelFault):
        assert load_model(altered).model.digest == DIGEST


def test_an_altered_part_is_refused_by_its_digest() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(FILE)) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"refund", b"refunt"))
    with pytest.raises(ModelFault, match="altered after it was written"):
        load_model(stream.getvalue())


def _with_document(**changed: object) -> bytes:
    parts = dict(unpacked(FILE)[0])
    parts["model.json"] = orjson.dumps({**orjson.loads(parts["model.json"]), **changed})
    return packed(parts)[0]


def test_a_newer_format_says_to_update() -> None:
    with pytest.raises(ModelFault, match="update the service"):
        load_model(_with_document(format=3))


def test_a_file_of_the_format_before_is_read() -> None:
    document = orjson.loads(unpacked(FILE)[0]["model.json"])
    tones = {
        name: [{key: told for key, told in one.items() if key not in {"kernel", "slow"}} for one in ones]
        for name, ones in document["tones"].items()
    }
    loaded = load_model(_with_document(format=1, tones=tones), [MadeUpVectors()]).model
    assert [tone.kernel for tone in loaded.tones["severity"]] == [None, None]
    assert trained().model.tones["severity"][-1].kernel is not None
    assert [one.categories for one in loaded.hear(ASKED)] == [one.categories for one in trained().model.hear(ASKED)]


@pytest.mark.parametrize(
    "changed",
    [
        {"categories": ["card", "refund"]},
        {"stages": []},
        {"heads": {}},
        {"views": {}},
        {"format": "new"},
    ],
)
def test_parts_that_do_not_fit_one_another_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ModelFault, match="Train it again"):
        load_model(_with_document(**changed))


def test_a_file_that_unpacks_to_more_than_a_model_may_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_BYTES", 1_000_000)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("head", bytes(2_000_000))
    assert len(stream.getvalue()) < 10_000
    with pytest.raises(ModelFault, match="No model unpacks to more"):
        load_model(stream.getvalue())


def test_arrays_are_never_unpickled() -> None:
    parts = dict(unpacked(FILE)[0])
    name = next(name for name in parts if name.startswith("head.") and name.endswith(".bias"))
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (3,), }"
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    parts[name] = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"cos\nsystem\n."
    with pytest.raises(ModelFault, match="no array"):
        load_model(packed(parts)[0])
