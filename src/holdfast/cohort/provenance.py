"""What a cohort was made from and how, so that it can be made again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import holdfast
from holdfast.cohort.error import CohortError

__all__ = ["Provenance", "file_sha256"]


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What a cohort was made from.

    Attributes:
        loader: "ukbiobank", "nhanes" or "synthetic".
        inputs: File name -> SHA-256 of its bytes, as 64 hexadecimal digits. No paths: they name people's folders.
        settings: What the loader was told, as JSON can hold it.
        version: Of Holdfast.
    """

    loader: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    version: str = holdfast.__version__

    def to_json(self) -> str:
        """Return the text of ``provenance.json``. It holds no time of day: equal makings give equal bytes."""
        said = {"loader": self.loader, "version": self.version, "inputs": self.inputs, "settings": self.settings}
        return json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            CohortError: It is not such a text.
        """
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise CohortError(
                "provenance.json must be what a loader wrote", f"a {type(error).__name__}", "build the cohort again"
            ) from error


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, read in blocks.

    Raises:
        CohortError: It cannot be read.
    """
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        why = error.strerror or "an error of the disk"
        raise CohortError(f"{path.name!r} must be a readable file", why, "check its name and its mode") from error
