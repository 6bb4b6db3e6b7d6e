"""What a run was: ``run.json`` of a run folder."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from holdfast.cohort.provenance import file_sha256
from holdfast.staged import staged
from holdfast.study.error import StudyError
from holdfast.study.runs.environment import environment

__all__ = ["DataFile", "RunRecord", "data_file"]

FORMAT_VERSION = 1
NAME = "run.json"

_DATA = (".parquet", ".pq", ".csv", ".tsv", ".gz", ".json")
_COHORT = {
    *("people.parquet", "conditions.parquet", "outcomes.parquet"),
    *("schema.json", "flow.json", "provenance.json"),
}


@dataclass(frozen=True, kw_only=True)
class DataFile:
    """One file that was read.

    Attributes:
        role: "train", "test", "cohort".
        path: As it was named.
        sha256: Of its bytes.
    """

    role: str
    path: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """What a run was asked, of what, and where it was made.

    Attributes:
        command: "evaluate" or "fit".
        configuration: Every setting, as JSON can hold it, seeds included.
        data: What was read.
        environment: See ``environment``.
    """

    command: str
    configuration: Mapping[str, Any]
    data: tuple[DataFile, ...]
    environment: Mapping[str, Any] = field(default_factory=environment)

    @property
    def identity(self) -> Mapping[str, Any]:
        """What must be equal for two runs to be the same: command, configuration and the bytes of the data."""
        digests = [[file.role, file.sha256] for file in self.data]
        return {"command": self.command, "configuration": dict(self.configuration), "data": digests}

    def write(self, folder: Path) -> None:
        """Write ``run.json`` into a folder that exists.

        Raises:
            StorageError: The disk is full or cannot be written to.
        """
        said = {"format_version": FORMAT_VERSION, **asdict(self)}
        with staged(folder / NAME) as beside:
            beside.write_text(json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what ``write`` wrote.

        Raises:
            StudyError: There is none, or it is not such a file.
        """
        try:
            said = json.loads((folder / NAME).read_text(encoding="utf-8"))
            if said.pop("format_version") != FORMAT_VERSION:
                raise StudyError(f"{NAME} must be of format {FORMAT_VERSION}", "another", "use the Holdfast it names")
            return cls(**{**said, "data": tuple(DataFile(**file) for file in said["data"])})
        except OSError as error:
            raise StudyError(
                f"{folder.name!r} must be the folder of a run",
                f"no readable {NAME}",
                "name one that fit or evaluate made",
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, StudyError):
                raise
            raise StudyError(f"{NAME} must be what a run wrote", f"a {type(error).__name__}", "run it again") from error

    def refuse_changed_data(self) -> None:
        """Check that every file still holds the bytes that were read.

        Raises:
            StudyError: One is gone or has changed.
        """
        for file in self.data:
            path = Path(file.path)
            if not path.exists():
                raise StudyError(f"Data of the run ({file.role}) must be there", f"no {path.name!r}", "put it back")
            if file_sha256(path) != file.sha256:
                raise StudyError(
                    f"Data of the run ({file.role}) must be as it was", f"other bytes in {path.name!r}", "put it back"
                )


def data_file(role: str, path: Path) -> tuple[DataFile, ...]:
    """Describe a file, or the tables and descriptions of a folder, by the digest of their bytes.

    Of a folder, Parquet, CSV and JSON files count; of a cohort, those that a cohort has. A report or a note that lies
    there too changes nothing.

    Raises:
        CohortError: It cannot be read.
    """
    if not path.is_dir():
        return (DataFile(role=role, path=str(path.absolute()), sha256=file_sha256(path)),)
    inside = sorted(p for p in path.iterdir() if p.is_file() and p.suffix in _DATA)
    if (path / "people.parquet").is_file():
        inside = [p for p in inside if p.name in _COHORT]
    return tuple(DataFile(role=role, path=str(file.absolute()), sha256=file_sha256(file)) for file in inside)
