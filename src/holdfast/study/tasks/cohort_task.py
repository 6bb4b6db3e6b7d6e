"""A task from a cohort: a condition that people had at the visit, or got within some years of it."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.schema import Kind
from holdfast.errors import UnknownNameError
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError
from holdfast.study.tasks.task import Task
from holdfast.study.visits.cohort_visits import CohortSelection, read_cohort
from holdfast.study.visits.visits import Visits

__all__ = ["CohortTask", "incident_task", "prevalent_task"]


@dataclass(frozen=True, kw_only=True, eq=False)
class CohortTask:
    """People of a cohort and what is to be told of them.

    Attributes:
        visits: Those who can be told about, with their inputs.
        task: Of the same people.
    """

    visits: Visits
    task: Task


def prevalent_task(cohort: Cohort, condition: str, *, without: tuple[str, ...] = ()) -> CohortTask:
    """Make a task of who has a condition at the visit.

    Args:
        cohort: Of these people.
        condition: A condition that the cohort looked for, or a binary feature; a feature is no input then, and people
            without an answer are left out.
        without: Features to leave out of the inputs: those that all but say the condition.

    Raises:
        UnknownNameError: It is neither.
    """
    binary = [f.name for f in cohort.schema.features if f.kind is Kind.BINARY]
    if condition in cohort.schema.conditions:
        visits = _visits(cohort, without)
        had = cohort.conditions().filter((pl.col("condition") == condition) & (pl.col("years") <= 0))
        has = np.isin(visits.persons, had.select("person").unique().collect()["person"].to_numpy())
        return CohortTask(visits=visits, task=Task.prevalent(f"{condition} at the visit", has))
    if condition not in binary:
        raise UnknownNameError("condition", condition, [*cohort.schema.conditions, *binary])
    visits = _visits(cohort, (*without, condition))
    answers = cohort.people().select(condition).collect()[condition]
    is_known = answers.is_not_null().to_numpy().astype(np.bool_)
    has = (answers == 1).fill_null(value=False).to_numpy().astype(np.bool_)
    return CohortTask(visits=visits, task=Task.prevalent(condition, has, is_known=is_known))


def incident_task(cohort: Cohort, outcome: str, *, horizon_years: float, without: tuple[str, ...] = ()) -> CohortTask:
    """Make a task of who gets a condition within a horizon; people who had it at the visit have no follow-up for it.

    Args:
        cohort: Of these people.
        outcome: An outcome of the cohort.
        horizon_years: Above 0.
        without: Features to leave out of the inputs.

    Raises:
        UnknownNameError: The cohort has no such outcome.
        StudyError: Nobody was followed up for it.
    """
    known = [o.name for o in cohort.schema.outcomes]
    if outcome not in known:
        raise UnknownNameError("outcome", outcome, known)
    visits = read_cohort(cohort, CohortSelection(outcome=outcome, without=without, healthy=None))
    followed: FollowUp = visits.outcome
    task = Task.incident(f"{outcome} within {horizon_years:g} years", followed, horizon_years=horizon_years)
    if not len(task.rows):
        raise StudyError(
            f"People must have been followed up for {horizon_years:g} years", "0 who were", "ask for a shorter horizon"
        )
    return CohortTask(visits=visits, task=task)


def _visits(cohort: Cohort, without: tuple[str, ...]) -> Visits:
    return read_cohort(cohort, CohortSelection(outcome=None, without=without, healthy=None))
