"""Finished runs on disk, one file each, written whole or not at all, so that a benchmark can be stopped and go on."""

import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from holdfast.errors import StorageError
from holdfast.metric.benchmark.record import RunRecord
from holdfast.metric.benchmark.run import EmbeddedSample
from holdfast.metric.benchmark.spec import BENCHMARK_LOSSES, RunSpec
from holdfast.metric.error import MetricError

__all__ = ["RunStore", "check_writable", "write_whole"]


class RunStore:
    """A folder of finished runs.

    Args:
        folder: Where they are kept; made when the first is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, spec: RunSpec, *, context: Mapping[str, Any]) -> RunRecord | None:
        """Return the finished run of this loss and seed, or None if there is none yet.

        Args:
            spec: The run as it would be made now.
            context: What else must be the same: data and device, as keys of the record's ``data`` and ``machine``.

        Raises:
            MetricError: It was made with other settings, or its file is damaged.
        """
        path = self._path(spec, "json")
        if not path.is_file():
            return None
        try:
            record = RunRecord.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise MetricError(f"{path.name} must be a finished run; it is damaged: {_ANEW}") from error
        if changed := _differences(record, spec, context):
            raise MetricError(f"Runs kept in {self.folder} must be of the same settings, got {changed}; {_ANEW}")
        return record

    def has(self, spec: RunSpec) -> bool:
        """Return whether a run of this loss and seed is finished, whatever its settings."""
        return self._path(spec, "json").is_file()

    def keep(self, record: RunRecord) -> None:
        """Write a finished run."""
        text = json.dumps(record.to_json(), indent=1, allow_nan=False)
        write_whole(self._path(record.spec, "json"), text.encode("utf-8"))

    def sample_path(self, spec: RunSpec) -> Path:
        """Return where the embedded sample of a run is kept."""
        return self._path(spec, "npz")

    def keep_sample(self, spec: RunSpec, sample: EmbeddedSample) -> None:
        """Write the embedded sample of a run, before the run itself is kept."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, embeddings=sample.embeddings.numpy(), labels=sample.labels.numpy())
        write_whole(self.sample_path(spec), buffer.getvalue())

    def sample(self, spec: RunSpec) -> EmbeddedSample | None:
        """Return the embedded sample of a run; None where none was kept."""
        path = self.sample_path(spec)
        if not path.is_file():
            return None
        with np.load(path, allow_pickle=False) as stored:
            return EmbeddedSample(
                embeddings=torch.from_numpy(stored["embeddings"]), labels=torch.from_numpy(stored["labels"])
            )

    def clear(self) -> int:
        """Remove the finished runs, and nothing else; return how many there were."""
        runs = (
            [path for path in self.folder.glob("*") if _RUN_FILE.fullmatch(path.name)] if self.folder.is_dir() else []
        )
        for path in runs:
            path.unlink()
        return sum(path.suffix == ".json" for path in runs)

    def _path(self, spec: RunSpec, suffix: str) -> Path:
        return self.folder / f"{spec.loss}-seed{spec.seed}.{suffix}"


_ANEW = "start anew with --fresh, or keep them and give another --json."
_RUN_FILE = re.compile(rf"({'|'.join(BENCHMARK_LOSSES)})-seed\d+\.(json|npz)")


def _differences(record: RunRecord, spec: RunSpec, context: Mapping[str, Any]) -> str:
    then = {**record.spec.to_json(), **record.data, **record.machine}
    now = {**spec.to_json(), **context}
    return ", ".join(
        f"`{name}` {then.get(name)!r} then and {now[name]!r} now" for name in now if then.get(name) != now[name]
    )


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds the old one or the new one, never a part.

    Raises:
        StorageError: The disk is full or cannot be written to; what was at ``path`` is still there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with _mending(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def check_writable(folder: Path) -> None:
    """Check that a file can be made in ``folder`` or, where it does not exist yet, in the closest folder that does.

    Raises:
        StorageError: It cannot.
    """
    with _mending(folder):
        existing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
        trial = existing / f".trial.{os.getpid()}"
        trial.touch()
        trial.unlink()


@contextmanager
def _mending(path: Path) -> Iterator[None]:
    """Say in one line that something could not be written."""
    try:
        yield
    except OSError as error:
        why = error.strerror or "the disk refused it"
        raise StorageError(
            f"{str(path)!r} must be writable, got: {why}; make room or name another place, then give the same command "
            "again: finished runs are kept."
        ) from error
