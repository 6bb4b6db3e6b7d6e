"""Who a stored model is judged on: people held out of its own cohort, or everybody of another one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.error import CohortError
from holdfast.cohort.schema import Feature, Kind
from holdfast.study.error import StudyError
from holdfast.study.risk_model.cohort_fit import CohortFit, drawn_people, read_for
from holdfast.study.risk_model.model_folder import StoredModel
from holdfast.study.runs.run_record import DataFile, data_file
from holdfast.study.visits.cohort_visits import CohortSelection, read_cohort
from holdfast.study.visits.column_values import refuse_implausible, refuse_missing
from holdfast.study.visits.healthy_rule import healthy_rule_of
from holdfast.study.visits.visits import Values, Visits

__all__ = ["JudgedPeople", "people_to_judge"]

_TABLE = "people.parquet"
_ROLE = "cohort"


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedPeople:
    """Whom a model is judged on, and whom other methods learn from.

    Attributes:
        kind: "held out": people of the model's own cohort who were kept out of its training. "external": people of
            another cohort.
        n_followed: People of the cohort who were followed up for the outcome.
        test: They, with the model's columns.
        train: The model's training people; None where their cohort is not at hand.
        notes: What is to be known about the reading, in sentences.
    """

    kind: Literal["held out", "external"]
    n_followed: int
    test: Visits
    train: Visits | None
    notes: tuple[str, ...]


def people_to_judge(
    stored: StoredModel, cohort: Path, *, reading: Callable[[int], None] = lambda _: None
) -> JudgedPeople:
    """Read the people a model is to be judged on.

    A cohort whose files all have the digests in the model's ``run.json`` is the one it was fitted to: only people who
    were held out are judged on. Any other is external: everybody who was followed up for the outcome is judged on,
    reading the model's columns only, whose categories are matched by their codes.

    Args:
        stored: The model.
        cohort: A cohort's folder.
        reading: Told how many people have been read.

    Raises:
        StudyError: Nobody was held out; the other cohort lacks columns, has them in other units or of another kind,
            is the model's own but changed, or holds people who were learnt from; the model was not fitted to a cohort.
        UnknownNameError: The other cohort does not have the outcome.
        CohortError: The folder is no cohort.
    """
    asked = CohortFit.from_json(stored.run.configuration)
    same = _is_own(stored, data_file(_ROLE, cohort))
    if same:
        return _held_out(stored, replace(asked, cohort=str(cohort)), reading)
    return _external(stored, asked, cohort, reading)


def _is_own(stored: StoredModel, files: tuple[DataFile, ...]) -> bool:
    """Say whether these are the files that were learnt from.

    Raises:
        StudyError: The people are, and something else is not: who was seen in training would be judged on.
    """
    learnt = {Path(file.path).name: file.sha256 for file in stored.run.data if file.role == _ROLE}
    found = {Path(file.path).name: file.sha256 for file in files}
    if learnt == found:
        return True
    if _TABLE in found and learnt.get(_TABLE) == found[_TABLE]:
        changed = sum(found.get(name) != learnt.get(name) for name in found.keys() | learnt.keys())
        raise StudyError(
            "Cohort must be as it was when the model was fitted to it, or one of other people",
            f"the same people and {changed} other files that differ",
            "name the cohort as it was, or fit again",
        )
    return False


def _held_out(stored: StoredModel, asked: CohortFit, reading: Callable[[int], None]) -> JudgedPeople:
    rule = tuple(file for file in stored.run.data if file.role != _ROLE)
    replace(stored.run, data=rule).refuse_changed_data()
    train, test = read_for(asked, progress=reading)
    if test is None:
        raise StudyError(
            "Somebody of the cohort must have been held out of the training",
            f"0 of {train.n_people}",
            "name another cohort, or fit again with --held-out 0.25",
        )
    if test.outcome.n_events == 0:
        raise StudyError(
            "People held out must have had events", f"0 of {test.n_people}", "fit again and hold more people out"
        )
    return JudgedPeople(
        kind="held out",
        n_followed=train.n_people + test.n_people,
        test=test,
        train=drawn_people(train, asked),
        notes=test.notes,
    )


def _external(stored: StoredModel, asked: CohortFit, cohort: Path, reading: Callable[[int], None]) -> JudgedPeople:
    opened = Cohort.open(cohort)
    columns = stored.model.columns
    refuse_missing([f.name for f in opened.schema.features], columns, table=f"Cohort {cohort.name!r}")
    selection = CohortSelection(outcome=asked.outcome, features=tuple(c.name for c in columns), healthy=None)
    test = read_cohort(opened, selection, progress=reading)
    healthy, notes = _healthy(opened, asked, selection, test)
    test = replace(_under(test.select([c.name for c in columns]), columns), is_healthy=healthy)
    refuse_implausible(test.values, columns)
    train, told = _training(stored, asked)
    if train is not None:
        _refuse_seen(test, train)
    return JudgedPeople(
        kind="external", n_followed=test.n_people, test=test, train=train, notes=(*test.notes, *notes, *told)
    )


def _refuse_seen(test: Visits, train: Visits) -> None:
    """Refuse a cohort that was built otherwise of people who were learnt from: same ids, and mostly the same values."""
    places = {person: place for place, person in enumerate(train.persons)}
    rows = np.array([places.get(person, -1) for person in test.persons], dtype=np.int64)
    found, learnt = test.values[rows >= 0], train.values[rows[rows >= 0]]
    alike = int(((found == learnt) | (np.isnan(found) & np.isnan(learnt))).all(axis=1).sum())
    if alike > len(found) / 2:
        raise StudyError(
            "Another cohort must be of people who were not learnt from",
            f"{alike} of {test.n_people} with the id and the values of one who was",
            "leave them out, or name the cohort as it was",
            rows=alike,
        )


def _healthy(
    opened: Cohort, asked: CohortFit, selection: CohortSelection, test: Visits
) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]] | None, tuple[str, ...]]:
    """Work out who is healthy, which is only shown: where the rule finds nobody, nobody is marked."""
    file = None if asked.healthy is None or not Path(asked.healthy).is_file() else Path(asked.healthy)
    try:
        found = read_cohort(opened, replace(selection, healthy=healthy_rule_of(opened, file))).is_healthy
    except CohortError:
        return None, ("The healthy rule finds nobody in this cohort: no healthy people are marked.",)
    return (found if found is not None and len(found) == test.n_people else None), ()


def _under(test: Visits, columns: tuple[Feature, ...]) -> Visits:
    """Put values under the model's columns: categories by their codes, numbers as they are."""
    values = test.values.copy()
    for place, (found, learnt) in enumerate(zip(test.columns, columns, strict=True)):
        _refuse_unlike(found, learnt)
        if learnt.kind is Kind.CATEGORICAL and learnt.levels is not None and found.levels is not None:
            values[:, place] = _recoded(values[:, place], found, learnt)
    return replace(test, columns=columns, values=values)


def _refuse_unlike(found: Feature, learnt: Feature) -> None:
    if found.kind is not learnt.kind:
        raise StudyError(
            f"Column {learnt.name!r} must be {learnt.kind.value}", found.kind.value, "build the cohort alike",
            columns=(learnt.name,),
        )  # fmt: skip
    if found.unit != learnt.unit:
        raise StudyError(
            f"Column {learnt.name!r} must be in {learnt.unit or 'no unit'}",
            found.unit or "no unit",
            "convert it when the cohort is built",
            columns=(learnt.name,),
        )


def _recoded(codes: Values, found: Feature, learnt: Feature) -> Values:
    """Return places among the learnt levels; what is none of them has the place after the last."""
    places = {code: place for place, code in enumerate(learnt.levels or {})}
    table = [places.get(code, len(places)) for code in found.levels or {}]
    by_place = np.array([*table, len(places)], dtype=np.float32)
    known = ~np.isnan(codes)
    recoded = codes.copy()
    recoded[known] = by_place[codes[known].astype(np.int64)]
    return recoded


def _training(stored: StoredModel, asked: CohortFit) -> tuple[Visits | None, tuple[str, ...]]:
    """Read the model's own training people from where they lay, if they still lie there unchanged."""
    try:
        stored.run.refuse_changed_data()
    except StudyError:
        note = "The cohort that the model was fitted to is not where it was, so that no other method can learn from it."
        return None, (note,)
    train, _ = read_for(asked)
    return drawn_people(train, asked), ()
