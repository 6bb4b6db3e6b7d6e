"""Who is in it, what is told of them, and from what."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.nhanes.build import NhanesSettings, build_nhanes
from holdfast.study.tasks.task import Task
from holdfast.study.visits.cohort_visits import CohortSelection, read_cohort
from holdfast.study.visits.visits import Visits

__all__ = ["FEWEST", "SEED", "SETS", "InputSet", "People", "read_people"]

SEED = 0

FEWEST = 10
"""People with and without the condition, or in a band, below which no figure is given."""

TOTAL, SCREEN, MOOD = "PHQ9", "PHQ9_10_PLUS", "mood"

AGE_AND_SEX = ("RIDAGEYR", "AGE_80_PLUS", "RIAGENDR")

COMPLAINTS = ("SLQ050", "SLQ060", "SLQ120")
"""Trouble sleeping, a sleep disorder and sleepiness: asked apart from the PHQ-9, but of what its items 3 and 4 ask."""

BROKEN_DOWN_BY = ("RIAGENDR", "RIDRETH3")
"""And by age bands."""


@dataclass(frozen=True, kw_only=True)
class InputSet:
    """Inputs by groups of the cohort's features, and single ones by name.

    Attributes:
        title: What it is called.
        groups: Groups of features.
        without: Features of the groups to leave out.
        only_raw: Whether there is too little in it to learn a representation from.
    """

    title: str
    groups: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    only_raw: bool = False

    def features(self, cohort: Cohort) -> tuple[str, ...]:
        """Return the names of its features: age and sex, and those of its groups, but none of the PHQ-9."""
        return tuple(
            f.name
            for f in cohort.schema.features
            if f.group != MOOD and f.name not in self.without and (f.group in self.groups or f.name in AGE_AND_SEX)
        )


_VISIT = ("body", "blood pressure", "biochemistry", "urine", "blood count", "lifestyle")

SETS = {
    "age-sex": InputSet(title="age and sex", only_raw=True),
    "labs-lifestyle": InputSet(title="labs and lifestyle", groups=_VISIT, without=COMPLAINTS),
    "self-report": InputSet(
        title="labs, lifestyle and self-report", groups=(*_VISIT, "self-report", "sociodemographic")
    ),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class People:
    """Adults of a cohort.

    Attributes:
        cohort: Where they are.
        task: Who has a label, and which.
        totals: PHQ-9 of everybody in the cohort, NaN where not complete.
    """

    cohort: Cohort
    task: Task
    totals: NDArray[np.float64]

    def visits(self, inputs: InputSet) -> Visits:
        """Return everybody with these inputs, by sex, ethnicity and age band."""
        columns = inputs.features(self.cohort)
        return read_cohort(
            self.cohort, CohortSelection(outcome=None, features=columns, groups=BROKEN_DOWN_BY, healthy=None)
        )


def read_people(data: Path, store: Path, *, people: int = 0) -> People:
    """Build the cohort of adults in ``store`` and find who has a complete PHQ-9.

    Args:
        data: NHANES as a merged table or a folder.
        store: Where the cohort is built.
        people: How many of those with a complete PHQ-9 to draw at random; 0, or more than there are: all.
    """
    store.mkdir(parents=True, exist_ok=True)
    settings = NhanesSettings(min_age=20)
    cohort = build_nhanes([data], store / "cohort", today=date.today(), settings=settings, overwrite=True)
    answers = cohort.people().select(TOTAL, SCREEN).collect()
    has = answers[SCREEN].cast(float).fill_null(0.0).to_numpy() > 0  # not looked at where not known
    task = Task.prevalent("PHQ-9 of 10 or more", has, is_known=answers[SCREEN].is_not_null().to_numpy())
    if 0 < people < len(task.rows):
        is_drawn = np.zeros(cohort.n_people, dtype=np.bool_)
        is_drawn[np.random.default_rng(SEED).choice(task.rows, people, replace=False)] = True
        task = task.among(is_drawn, why="not drawn")
    return People(cohort=cohort, task=task, totals=answers[TOTAL].cast(float).to_numpy().astype(np.float64))
