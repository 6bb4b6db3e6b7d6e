"""What a release is: the hash of every content file and of the code, the version and the language model.

Evidence counts for exactly the release it was gathered for. The ledgers are left out on purpose: they hold
evidence, and a signature must not change the hash that it signs.
"""

import fnmatch
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import holdfast
from holdfast.content import sha256_hex
from holdfast.errors import EvidenceError

__all__ = ["PACKAGE", "Manifest"]

PACKAGE = Path(holdfast.__file__).parent

_CONTENT = frozenset({".css", ".html", ".js", ".json", ".md", ".onnx", ".safetensors", ".svg", ".txt", ".yaml"})
_LEDGER = "proof/ledger/"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One release. Two manifests with the same ``sha256`` are the same release.

    Attributes:
        version: The package's version.
        model: The language model's specification, or ``none``.
        artefacts: Path within the package (``/`` between folders) to SHA-256, for every content file.
        code_sha256: One hash over every Python file of the package.
    """

    version: str
    model: str
    artefacts: Mapping[str, str] = field(repr=False)
    code_sha256: str

    @classmethod
    def of_package(cls, *, model: str = "none", root: Path = PACKAGE) -> "Manifest":
        """Hash the package as it is installed. Reads every file once; takes a fraction of a second.

        Raises:
            EvidenceError: A file cannot be read.
        """
        content: dict[str, str] = {}
        code: dict[str, str] = {}
        for name, path in _files(root):
            if path.suffix in _CONTENT and not name.startswith(_LEDGER):
                content[name] = _sha256_of(path)
            elif path.suffix == ".py":
                code[name] = _sha256_of(path)
        return cls(version=holdfast.__version__, model=model, artefacts=content, code_sha256=_joined(code.items()))

    @property
    def sha256(self) -> str:
        """The hash of the whole release; it does not depend on the order of anything."""
        return sha256_hex(json.dumps(self._identity(), sort_keys=True).encode())

    def text_sha256(self, patterns: Iterable[str]) -> str | None:
        """Return one hash over every content file that matches a pattern, or None where none does.

        In a pattern ``*`` stands for anything, folders included.
        """
        wanted = tuple(patterns)
        found = [item for item in self.artefacts.items() if any(fnmatch.fnmatchcase(item[0], p) for p in wanted)]
        return _joined(found) if found else None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; ``from_dict`` reads them back."""
        return {"sha256": self.sha256, **self._identity()}

    @classmethod
    def from_dict(cls, data: object) -> "Manifest":
        """Read back what ``to_dict`` wrote.

        Raises:
            EvidenceError: A field is missing or of the wrong kind, or the stated hash is not that of the rest.
        """
        if not isinstance(data, Mapping) or not isinstance(data.get("artefacts"), Mapping):
            raise EvidenceError("Manifest must be an object with 'artefacts'; write it anew with holdfast evaluate.")
        try:
            read = cls(
                version=str(data["version"]),
                model=str(data["model"]),
                artefacts={str(name): str(sha256) for name, sha256 in data["artefacts"].items()},
                code_sha256=str(data["code_sha256"]),
            )
        except KeyError as error:
            raise EvidenceError(f"Manifest must have {error}; write it anew with holdfast evaluate.") from error
        if data.get("sha256") != read.sha256:
            raise EvidenceError("Manifest must carry the hash of its own contents, and does not; it was changed.")
        return read

    def _identity(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "model": self.model,
            "code_sha256": self.code_sha256,
            "artefacts": dict(sorted(self.artefacts.items())),
        }


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            path = Path(folder) / name
            yield path.relative_to(root).as_posix(), path


def _sha256_of(path: Path) -> str:
    try:
        return sha256_hex(path.read_bytes())
    except OSError as error:
        raise EvidenceError(f"Release file {path.name} must be readable: {error.strerror}; restore it.") from error


def _joined(hashes: Iterable[tuple[str, str]]) -> str:
    return sha256_hex("".join(f"{sha256}  {name}\n" for name, sha256 in sorted(hashes)).encode())
