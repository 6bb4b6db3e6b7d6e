"""A small cohort to be written right or wrong."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from holdfast.cohort import Feature, Kind, Outcome, Schema, SensitiveAttribute
from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.cohort_writer import CohortWriter
from holdfast.cohort.provenance import Provenance

TODAY = date(2026, 11, 22)

SCHEMA = Schema(
    features=(
        Feature(
            name="glucose",
            kind=Kind.NUMERIC,
            title="Glucose",
            unit="mmol/L",
            plausible=(1, 40),
            group="biochemistry",
            source="30740",
        ),
        Feature(name="sex", kind=Kind.BINARY, title="Sex", group="sociodemographic", source="31"),
        Feature(
            name="rating",
            kind=Kind.ORDINAL,
            title="Overall health rating",
            levels={1: "Excellent", 2: "Good", 3: "Fair"},
            group="self-report",
            source="2178",
        ),
    ),
    sensitive=(SensitiveAttribute(name="group", title="Group", levels={"a": "A", "b": "B"}),),
    outcomes=(Outcome(name="death", title="Death"),),
    conditions=("depression", "stroke"),
    weights=("weight",),
    birth_year="born",
)

PEOPLE: dict[str, list[object]] = {
    "person": ["p1", "p2", "p3", "p4", "p5", "p6"],
    "visit": [date(2008, 1, 1), date(2009, 2, 2), None, date(2010, 3, 3), date(2010, 3, 3), date(2010, 3, 3)],
    "glucose": [5.0, 5.5, None, 4.8, 6.0, 7.5],
    "sex": [0, 1, 1, 0, None, 0],
    "rating": [1, 2, 3, None, 1, 2],
    "group": ["a", "b", "a", "b", "a", None],
    "weight": [1.0, 2.0, 0.0, 1.5, 1.0, 1.0],
    "born": [1950, 1960, None, 1955, 1940, 1962],
}
CONDITIONS: dict[str, list[object]] = {
    "person": ["p1", "p2"],
    "condition": ["depression", "stroke"],
    "years": [-2.5, 3.0],
    "source": ["41280", "41280"],
}
OUTCOMES: dict[str, list[object]] = {
    "person": ["p1", "p2", "p4"],
    "outcome": ["death"] * 3,
    "years": [4.0, 5.0, 6.0],
    "event": [True, False, False],
}


@pytest.fixture
def begin(tmp_path: Path) -> Callable[..., AbstractContextManager[CohortWriter]]:
    """Return a function that begins a cohort in ``tmp_path / "cohort"``."""

    def begin(schema: Schema = SCHEMA, *, overwrite: bool = False) -> AbstractContextManager[CohortWriter]:
        return CohortWriter.open(
            tmp_path / "cohort",
            schema=schema,
            provenance=Provenance(loader="synthetic"),
            today=TODAY,
            overwrite=overwrite,
        )

    return begin


@pytest.fixture
def written(tmp_path: Path, begin: Callable[..., AbstractContextManager[CohortWriter]]) -> Callable[..., Cohort]:
    """Return a function that writes the small cohort with some columns replaced."""

    def written(
        *,
        people: dict[str, object] | None = None,
        conditions: dict[str, object] | None = None,
        outcomes: dict[str, object] | None = None,
    ) -> Cohort:
        with begin() as writer:
            writer.add_people(pl.DataFrame(PEOPLE | (people or {}), strict=False))
            writer.add_conditions(pl.DataFrame(CONDITIONS | (conditions or {})))
            writer.add_outcomes(pl.DataFrame(OUTCOMES | (outcomes or {})))
        return Cohort.open(tmp_path / "cohort")

    return written
