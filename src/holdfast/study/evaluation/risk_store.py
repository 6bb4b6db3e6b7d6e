"""Risks that were worked out, kept so that an evaluation that was stopped goes on where it stopped."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from holdfast.errors import StorageError
from holdfast.measured import Unscored
from holdfast.staged import staged
from holdfast.study.error import StudyError
from holdfast.study.methods.method import Risk

__all__ = ["RiskStore"]

_IDENTITY = "identity.json"


class RiskStore:
    """A folder with one file for each case and method that is done.

    Args:
        folder: Made where it does not exist.
        identity: What the risks follow from; see ``RunRecord.identity``.

    Raises:
        StudyError: The folder holds risks of something else.
        StorageError: It cannot be made or written to.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any]) -> None:
        self._folder = folder
        said = json.dumps(identity, sort_keys=True, ensure_ascii=False)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"Folder {str(folder.parent)!r} must be one that can be made, got: {error.strerror}; name another."
            ) from error
        path = folder / _IDENTITY
        if path.is_file():
            if path.read_bytes() != said.encode():
                raise StudyError(
                    f"Folder {folder.parent.name!r} must hold this very run",
                    "one with other settings or data",
                    "name another folder, or give --restart",
                )
            return
        with staged(path) as beside:
            beside.write_text(said, encoding="utf-8")

    def get(self, case: str, method: str) -> Risk | Unscored | None:
        """Return what was kept, or None where that is not done.

        Raises:
            StudyError: What was kept is damaged.
        """
        path = self._path(case, method)
        try:
            if path.with_suffix(".json").is_file():
                return Unscored(str(json.loads(path.with_suffix(".json").read_bytes())["reason"]))
            return pl.read_parquet(path)["risk"].to_numpy().astype(np.float64) if path.is_file() else None
        except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
            raise StudyError(
                f"Risk of {method!r} that was kept ({case}) must be whole",
                f"a {type(error).__name__} in {path.stem!r}",
                "remove that file, or give --restart",
            ) from error

    def put(self, case: str, method: str, risk: Risk | Unscored) -> None:
        """Keep a result, whole or not at all."""
        path = self._path(case, method)
        if isinstance(risk, Unscored):
            with staged(path.with_suffix(".json")) as beside:
                beside.write_text(json.dumps({"reason": risk.reason}), encoding="utf-8")
            return
        with staged(path) as beside:
            pl.DataFrame({"risk": risk}).write_parquet(beside)

    def _path(self, case: str, method: str) -> Path:
        words = re.sub(r"[^a-z0-9]+", "-", f"{case}-{method}".lower()).strip("-")
        digest = hashlib.sha256(f"{case}\n{method}".encode()).hexdigest()[:8]
        return self._folder / f"{words[:60]}-{digest}.parquet"
