"""The risk of death of everybody who was followed up, each by a model fitted on the half that they are not in."""

from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from depression.people import BROKEN_DOWN_BY, SEED, InputSet, People
from depression.phq9_relation import percentiles, relate_to_phq9
from holdfast.measured import measurement_to_dict
from holdfast.risk.baselines.folds import fold_of_each
from holdfast.risk.survival.concordance import harrell_concordance
from holdfast.study.risk_model.fitting import fit_risk_model
from holdfast.study.risk_model.settings import preset
from holdfast.study.visits.cohort_visits import CohortSelection, read_cohort
from holdfast.study.visits.visits import Visits

__all__ = ["risk_and_phq9"]


def risk_and_phq9(who: People, inputs: InputSet, named: str, *, resamples: int) -> dict[str, Any]:
    """Set the cross-fitted risk of death against PHQ-9.

    Models are fitted on everybody of a half, with a complete PHQ-9 or not; the reference is the people of the best
    grade. A percentile is among the scored people of one half, so that two models need no common scale.

    Args:
        who: The people.
        inputs: What the risk is told from.
        named: A preset of the risk model.
        resamples: Of the bootstrap.

    Raises:
        StudyError: Too few of the people died to fit a risk model.
    """
    visits, places = _followed(who, inputs)
    is_labelled = np.isin(places, who.task.rows)
    percentile, concordances = _cross_fitted(visits, is_labelled, named)
    age = np.empty(0) if visits.age is None else visits.age[is_labelled]
    return {
        "inputs": inputs.title,
        "preset": named,
        "followed_up": visits.n_people,
        "deaths": int(visits.outcome.n_events),
        "concordance_by_half": concordances,
        **relate_to_phq9(
            percentile[is_labelled],
            who.totals[places[is_labelled]],
            age=age,
            is_female=(visits.attributes["Sex"][is_labelled] == "Female").astype(np.float64),
            resamples=resamples,
            seed=SEED,
        ),
    }


def _followed(who: People, inputs: InputSet) -> tuple[Visits, NDArray[np.int64]]:
    """Return who was followed up for death, and their places in the cohort."""
    selection = CohortSelection(
        outcome="death", features=inputs.features(who.cohort), groups=BROKEN_DOWN_BY, healthy=None
    )
    visits = read_cohort(who.cohort, selection)
    persons = who.cohort.people().select("person").collect()["person"].to_list()
    place = {person: k for k, person in enumerate(persons)}
    places = np.array([place[person] for person in visits.persons], dtype=np.int64)
    if not who.task.left_out.get("not drawn"):
        return visits, places
    is_drawn = np.isin(places, who.task.rows)
    return visits.take(is_drawn), places[is_drawn]


def _cross_fitted(
    visits: Visits, is_scored: NDArray[np.bool_], named: str
) -> tuple[NDArray[np.float64], list[dict[str, Any]]]:
    halves = fold_of_each(visits.outcome, folds=2, seed=SEED)
    percentile, concordances = np.full(visits.n_people, np.nan), []
    for half in (0, 1):
        click.echo(f"risk model, half {half + 1} of 2", err=True)
        model = fit_risk_model(visits.take(halves != half), preset(named), age="RIDAGEYR", seed=SEED)
        rows = np.flatnonzero((halves == half) & is_scored)
        risk = model.risk_of(visits.values[rows])
        percentile[rows] = percentiles(risk)
        concordances.append(measurement_to_dict(harrell_concordance(risk, visits.outcome.take(rows)).index))
    return percentile, concordances
