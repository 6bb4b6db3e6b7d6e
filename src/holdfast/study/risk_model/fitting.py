"""Fit a risk model: teachers, grades, encoders, then the single-time risk on scores of people who were not seen."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.baselines.folds import fold_of_each
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.single_time_risk import SingleTimeRisk
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError
from holdfast.study.inputs import InputEncoding
from holdfast.study.risk_model.encoder_training import train_without
from holdfast.study.risk_model.executor import LOCAL, Executor, limited_threads
from holdfast.study.risk_model.grade_groups import FEWEST_HEALTHY, grade_groups, grades_of
from holdfast.study.risk_model.grading import Grades
from holdfast.study.risk_model.held_out_scores import TrainingPeople, foretold_without, held_out_scores
from holdfast.study.risk_model.outcome_groups import outcome_groups
from holdfast.study.risk_model.risk_model import Lead, RiskModel, teaching_data
from holdfast.study.risk_model.settings import RiskModelSettings
from holdfast.study.risk_model.teachers.cross_fitting import TEACHERS, CrossFitted, cross_fit
from holdfast.study.risk_model.visit_encoder import VisitEncoder
from holdfast.study.visits.visits import Visits

__all__ = ["Progress", "fit_risk_model", "teach"]

Progress = Callable[[str], None]
"""Told what is being done."""


def fit_risk_model(
    visits: Visits,
    settings: RiskModelSettings,
    *,
    age: str | None,
    seed: int,
    progress: Progress = lambda _: None,
    executor: Executor = LOCAL,
) -> RiskModel:
    """Fit a risk model; equal people, settings and seed give an equal model on one kind of processor.

    Args:
        visits: Training people, all followed up.
        settings: How.
        age: The column that holds age, which the kernel teacher counts double; None: none does.
        seed: Of folds, teachers, encoders and resamples.
        progress: See ``Progress``.
        executor: Works through teachers' folds and encoders; the model is the same whatever does.

    Raises:
        StudyError: Too few events for the folds, or nobody in the healthy reference.
        RiskError: The follow-up cannot be learnt from.
    """
    with limited_threads(settings.threads):
        return _fit(visits, settings, age, seed, progress, executor)


def _fit(
    visits: Visits, settings: RiskModelSettings, age: str | None, seed: int, progress: Progress, executor: Executor
) -> RiskModel:
    progress("inputs")
    encoding, people = _people(visits, settings, age, seed)
    follow_up, folds, inputs = people.follow_up, people.folds, people.data.inputs
    taught = _teach(people, settings, seed, progress, executor)
    lead = _lead(taught, settings)
    hazards = _foretold(people, taught)
    grades = grades_of(hazards, follow_up, settings.grading)
    shown = lead.beside(inputs, hazards) if settings.is_led else inputs
    unit = _Encoder(shown=shown, grades=grades, folds=folds, settings=settings, seed=seed)
    encoders = _train(unit, progress, executor)
    held_out = None
    if settings.calibration == "cross-fitted":
        progress("held-out scores")
        without = foretold_without(people, taught, settings, seed=seed, executor=executor)
        held_out = held_out_scores(people, without, lead, settings, seed=seed, executor=executor)
    progress("risk")
    groups = replace(grade_groups(grades, visits.is_healthy), norm=_norm(follow_up, visits.is_healthy))
    training = _Training(inputs=shown, groups=groups, follow_up=follow_up, held_out=held_out)
    return RiskModel(
        settings=settings,
        encoding=encoding,
        age=age,
        lead=lead if settings.is_led else None,
        encoders=encoders,
        risk=_risk(training, encoders, settings, seed),
        reference=_medians(visits.values[groups.healthy]),
    )


def teach(visits: Visits, settings: RiskModelSettings, *, age: str | None, seed: int) -> tuple[InputEncoding, Lead]:
    """Fit the inputs and the teachers of a risk model alone, as ``fit_risk_model`` does."""
    encoding, people = _people(visits, settings, age, seed)
    return encoding, _lead(_teach(people, settings, seed, lambda _: None, LOCAL), settings)


def _people(
    visits: Visits, settings: RiskModelSettings, age: str | None, seed: int
) -> tuple[InputEncoding, TrainingPeople]:
    """Learn how values become inputs, and deal people into folds."""
    follow_up = visits.outcome
    _refuse_few_events(follow_up, settings.folds)
    encoding = InputEncoding.fit(visits, settings.inputs, seed=seed)
    people = TrainingPeople(
        data=teaching_data(encoding, encoding.transform(visits.values), visits.values, age),
        follow_up=follow_up,
        folds=fold_of_each(follow_up, folds=settings.folds, seed=seed),
        pupils=_pupils(follow_up.n_people, settings.teacher_people, seed),
        is_healthy=visits.is_healthy,
    )
    return encoding, people


@dataclass(frozen=True, kw_only=True, eq=False)
class _Training:
    """Training people as the single-time risk sees them."""

    inputs: NDArray[np.float32]
    groups: ReferenceGroups
    follow_up: FollowUp
    held_out: NDArray[np.float64] | None


def _refuse_few_events(follow_up: FollowUp, folds: int) -> None:
    least = 4 * folds
    if follow_up.n_events < least or follow_up.n_people - follow_up.n_events < least:
        raise StudyError(
            f"Training people must hold {least} with the event and {least} without",
            f"{follow_up.n_events} of {follow_up.n_people} with it",
            "use more people or another outcome",
        )


def _teach(
    people: TrainingPeople, settings: RiskModelSettings, seed: int, progress: Progress, executor: Executor
) -> tuple[CrossFitted, ...]:
    seen, outcome = people.data.take(people.pupils), people.follow_up.take(people.pupils)
    folds = people.folds[people.pupils]
    found: list[CrossFitted] = []
    for name in settings.teachers:
        progress(f"teacher: {name}")
        found.append(
            cross_fit(TEACHERS[name](), seen, outcome, folds, seed=seed, threads=settings.threads, executor=executor)
        )
    return tuple(found)


def _lead(taught: tuple[CrossFitted, ...], settings: RiskModelSettings) -> Lead:
    foretold = np.stack([teacher.log_hazard for teacher in taught], axis=1)
    return Lead(
        names=settings.teachers,
        taught=tuple(teacher.taught for teacher in taught),
        means=foretold.mean(axis=0),
        spreads=np.maximum(foretold.std(axis=0), 1e-9),
        scale=settings.lead_scale,
    )


def _foretold(people: TrainingPeople, taught: tuple[CrossFitted, ...]) -> NDArray[np.float64]:
    """Return the log hazards that teachers foretold of people they had not seen: (people, teachers)."""
    foretold = np.stack([teacher.log_hazard for teacher in taught], axis=1)
    if len(people.pupils) == people.data.n_people:
        return foretold
    hazards = np.stack([teacher.taught.log_hazard(people.data) for teacher in taught], axis=1)
    hazards[people.pupils] = foretold
    return hazards


def _pupils(people: int, most: int, seed: int) -> NDArray[np.int64]:
    """Return the people that teachers learn from; the others are foretold as new people are."""
    if people <= most:
        return np.arange(people)
    return np.sort(np.random.default_rng([seed, 7]).choice(people, most, replace=False))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Encoder:
    """A unit of training: an encoder that learns from everybody but a fold."""

    shown: NDArray[np.float32]
    grades: Grades
    folds: NDArray[np.int64]
    settings: RiskModelSettings
    seed: int

    def __call__(self, fold: int) -> VisitEncoder:
        is_in = self.folds != fold
        with limited_threads(self.settings.threads):
            return train_without(fold, self.shown[is_in], self.grades.codes[is_in], self.settings, seed=self.seed)


def _train(unit: _Encoder, progress: Progress, executor: Executor) -> tuple[VisitEncoder, ...]:
    folds = unit.settings.folds
    trained = executor.map(unit, range(folds))
    encoders = []
    for fold in range(folds):
        progress(f"encoder {fold + 1} of {folds}")
        encoders.append(next(trained))
    return tuple(encoders)


def _norm(follow_up: FollowUp, is_healthy: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Return among whom percentiles are taken: the bona fide healthy, or else who was event-free for long."""
    if is_healthy is not None and int(is_healthy.sum()) >= FEWEST_HEALTHY:
        return is_healthy
    return np.asarray(outcome_groups(follow_up).codes == 0)


def _risk(
    training: _Training, encoders: tuple[VisitEncoder, ...], settings: RiskModelSettings, seed: int
) -> SingleTimeRisk:
    embeddings = [encoder.embed(training.inputs) for encoder in encoders]
    follow_up = training.follow_up
    longest = float(np.quantile(follow_up.years, 0.9))
    horizons = tuple(h for h in settings.risk.horizons_years if h <= longest)
    return SingleTimeRisk.fit(
        embeddings,
        training.groups,
        follow_up,
        settings=replace(settings.risk, horizons_years=horizons),
        generator=np.random.default_rng([seed, 11]),
        held_out=training.held_out,
    )


def _medians(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the median of each column, NaN where nobody was measured."""
    is_known = ~np.isnan(values)
    medians = np.full(values.shape[1], np.nan, dtype=np.float32)
    for place in np.flatnonzero(is_known.any(axis=0)):
        medians[place] = np.median(values[is_known[:, place], place])
    return medians
