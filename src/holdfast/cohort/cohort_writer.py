"""Write a cohort's folder: rows in batches, in bounded memory, checked, and whole or not at all."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Self

import polars as pl

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.column_types import CONDITION_TYPES, OUTCOME_TYPES, fitted, people_types
from holdfast.cohort.error import CohortError
from holdfast.cohort.flow import FlowStep, flow_to_json
from holdfast.cohort.grouped_parquet import GroupedParquet
from holdfast.cohort.provenance import Provenance
from holdfast.cohort.schema import Schema
from holdfast.cohort.staging import check_free, staged_folder
from holdfast.cohort.validation import Finding, validate

__all__ = ["CohortWriter"]

_TABLES = ("people", "conditions", "outcomes")


class CohortWriter:
    """Takes a cohort in; make one with ``CohortWriter.open``.

    Attributes:
        schema: What the cohort holds.
        findings: What validation found that does not stop the cohort; empty until it is written.
    """

    def __init__(self, folder: Path, schema: Schema) -> None:
        self.schema = schema
        self.findings: tuple[Finding, ...] = ()
        self._folder = folder
        self._types: dict[str, Mapping[str, pl.DataType]] = {
            "people": people_types(schema),
            "conditions": CONDITION_TYPES,
            "outcomes": OUTCOME_TYPES,
        }
        self._files: dict[str, GroupedParquet] = {}
        self._flow: list[FlowStep] = []
        for name in _TABLES:
            self._start(name)

    @classmethod
    @contextmanager
    def open(
        cls, folder: Path, *, schema: Schema, provenance: Provenance, today: date, overwrite: bool = False
    ) -> Iterator[Self]:
        """Begin a cohort; when the block ends without an error it is validated and gets its name.

        Args:
            folder: Where it will lie. Its parent must exist.
            schema: What it holds.
            provenance: What it is made from.
            today: No visit may lie after it.
            overwrite: Whether a cohort that lies there may be replaced. Anything else that lies there never is.

        Raises:
            CohortError: ``folder`` is taken, or what was written is no valid cohort. Nothing is left behind.
            StorageError: The disk is full or cannot be written to.
        """
        check_free(folder, overwrite=overwrite)
        with staged_folder(folder) as beside:
            writer = cls(beside, schema)
            with ExitStack() as open_files:
                open_files.callback(writer._abandon)
                yield writer
                writer._finish(provenance)
            writer.findings = validate(Cohort.open(beside), today=today)

    def add_people(self, frame: pl.DataFrame) -> None:
        """Take in people: the columns of ``schema.columns``, in any order, ``person`` and ``visit`` included.

        Raises:
            CohortError: A column is missing, unknown, or holds what its type cannot.
        """
        self._write("people", frame)

    def add_conditions(self, frame: pl.DataFrame) -> None:
        """Take in conditions: ``person``, ``condition``, ``years`` (at or below 0: prevalent), ``source``."""
        self._write("conditions", frame)

    def add_outcomes(self, frame: pl.DataFrame) -> None:
        """Take in outcomes: ``person``, ``outcome``, ``years`` (above 0), ``event``."""
        self._write("outcomes", frame)

    def add_flow(self, *, step: str, removed: int, left: int, why: str) -> None:
        """Note who was left out."""
        self._flow.append(FlowStep(step=step, removed=removed, left=left, why=why))

    def start_table(self, name: str, types: Mapping[str, pl.DataType]) -> None:
        """Begin a further table ``name.parquet``, such as the truth of a made-up cohort.

        Raises:
            CohortError: There is one of that name.
        """
        if name in self._types:
            raise CohortError("Table must have a name of its own", repr(name), "name it otherwise")
        self._types[name] = types
        self._start(name)

    def add_rows(self, name: str, frame: pl.DataFrame) -> None:
        """Take in rows of a table that ``start_table`` began."""
        self._write(name, frame)

    def _start(self, name: str) -> None:
        self._files[name] = GroupedParquet(self._folder / f"{name}.parquet", self._types[name])

    def _write(self, name: str, frame: pl.DataFrame) -> None:
        self._files[name].write(fitted(frame, self._types[name], table=f"{name}.parquet"))

    def _abandon(self) -> None:
        for file in self._files.values():
            file.abandon()

    def _finish(self, provenance: Provenance) -> None:
        for file in self._files.values():
            file.close()
        people = self._files["people"].rows
        flow = self._flow or [FlowStep(step="source", removed=0, left=people, why="Everyone in the source.")]
        if flow[-1].left != people:
            raise CohortError(
                f"Flow must end with the {people} people of the cohort", f"{flow[-1].left} left", "count again"
            )
        for name, text in (
            ("schema.json", self.schema.to_json()),
            ("flow.json", flow_to_json(flow)),
            ("provenance.json", provenance.to_json()),
        ):
            (self._folder / name).write_text(text, encoding="utf-8")
