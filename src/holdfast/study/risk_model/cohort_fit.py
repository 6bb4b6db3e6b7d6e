"""Fit a risk model to a cohort: what is asked for, as data, and the doing of it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from holdfast.cohort.cohort_folder import Cohort
from holdfast.study.error import StudyError
from holdfast.study.risk_model.executor import LOCAL, Executor
from holdfast.study.risk_model.fitting import fit_risk_model
from holdfast.study.risk_model.held_out_people import held_out_people
from holdfast.study.risk_model.model_folder import StoredModel
from holdfast.study.risk_model.settings import preset
from holdfast.study.runs.run_record import RunRecord, data_file
from holdfast.study.visits.cohort_visits import CohortSelection, age_feature, read_cohort
from holdfast.study.visits.healthy_rule import healthy_rule_of
from holdfast.study.visits.visits import Visits

__all__ = ["CohortFit", "drawn_people", "fit_cohort", "read_for"]


@dataclass(frozen=True, kw_only=True)
class CohortFit:
    """What is asked for.

    Attributes:
        cohort: The cohort's folder.
        outcome: What to foretell.
        features, without: See ``CohortSelection``.
        healthy: A file with the healthy rule; None: see ``healthy_rule_of``.
        preset: A name in ``PRESETS``.
        held_out: Share of people kept out of the training, for the report.
        seed: Of everything.
        threads: Teachers may use.
        most_people: Most training people, drawn at random from more; None: all.
    """

    cohort: str
    outcome: str = "death"
    features: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    healthy: str | None = None
    preset: str = "accurate"
    held_out: float = 0.25
    seed: int = 0
    threads: int = 1
    most_people: int | None = None

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise StudyError("Seed must be 0 or more", repr(self.seed), "give 0, for example")

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` returned.

        Raises:
            StudyError: It is not such a text.
        """
        try:
            return cls(**{**said, "features": tuple(said["features"]), "without": tuple(said["without"])})
        except (KeyError, TypeError) as error:
            raise StudyError("Run must be of a fit", f"a {type(error).__name__}", "fit again") from error

    @property
    def record(self) -> RunRecord:
        """What is asked, of which bytes, and where."""
        files = data_file("cohort", Path(self.cohort))
        rule = () if self.healthy is None else data_file("healthy rule", Path(self.healthy))
        return RunRecord(command="fit", configuration=self.to_json(), data=(*files, *rule))


def read_for(asked: CohortFit, *, progress: Callable[[int], None] = lambda _: None) -> tuple[Visits, Visits | None]:
    """Read a cohort's people: those to learn from, and those held out (None where nobody is)."""
    cohort = Cohort.open(Path(asked.cohort))
    rule = healthy_rule_of(cohort, None if asked.healthy is None else Path(asked.healthy))
    selection = CohortSelection(outcome=asked.outcome, features=asked.features, without=asked.without, healthy=rule)
    visits = read_cohort(cohort, selection, progress=progress)
    is_out = held_out_people(visits.persons, share=asked.held_out, seed=asked.seed)
    if not is_out.any():
        return visits, None
    return visits.take(~is_out), visits.take(is_out)


def fit_cohort(
    asked: CohortFit,
    *,
    progress: Callable[[str], None] = lambda _: None,
    reading: Callable[[int], None] = lambda _: None,
    executor: Executor = LOCAL,
) -> StoredModel:
    """Read the people, fit, and say what came of it.

    Args:
        asked: What is asked for.
        progress: Told what is being done.
        reading: Told how many people have been read.
        executor: See ``fit_risk_model``.

    Raises:
        StudyError, CohortError, RiskError: The cohort cannot be read or learnt from.
        UnknownNameError: Something asked for does not exist.
    """
    settings = preset(asked.preset, threads=asked.threads)
    record = asked.record
    train, test = read_for(asked, progress=reading)
    train = drawn_people(train, asked)
    schema = Cohort.open(Path(asked.cohort)).schema
    outcome = next(o for o in schema.outcomes if o.name == asked.outcome)
    age = age_feature(schema)
    age = age if age in train.names else None
    model = fit_risk_model(train, settings, age=age, seed=asked.seed, progress=progress, executor=executor)
    facts = {
        "people": train.n_people,
        "events": train.outcome.n_events,
        "held_out": 0 if test is None else test.n_people,
        "median_follow_up_years": float(np.median(train.outcome.years)),
        "groups": dict(model.risk.counts),
        "notes": [*train.notes, *model.encoding.notes],
    }
    return StoredModel(model=model, outcome=outcome.title, run=record, facts=facts)


def drawn_people(train: Visits, asked: CohortFit) -> Visits:
    """Return the training people that are learnt from: all, or as many as were asked for, drawn by the seed."""
    if asked.most_people is None or train.n_people <= asked.most_people:
        return train
    rows = np.random.default_rng([asked.seed, 5]).choice(train.n_people, asked.most_people, replace=False)
    drawn = train.take(np.sort(rows))
    note = f"{asked.most_people} of {train.n_people} training people were drawn at random."
    return replace(drawn, notes=(*drawn.notes, note))
