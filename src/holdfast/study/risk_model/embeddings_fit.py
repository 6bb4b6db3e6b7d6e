"""A single-time risk on embeddings that something else made: no encoder is trained, the definition is the same."""

from pathlib import Path

import numpy as np

from holdfast.risk.distances.registry import distance_from_json
from holdfast.risk.embedding_table import read_embeddings
from holdfast.risk.settings import RiskSettings
from holdfast.risk.single_time_risk import SingleTimeRisk
from holdfast.study.error import StudyError
from holdfast.study.risk_model.cohort_fit import CohortFit, read_for
from holdfast.study.risk_model.outcome_groups import outcome_groups

__all__ = ["fit_embeddings"]

HORIZONS_YEARS = (2.0, 5.0, 10.0)


def fit_embeddings(asked: CohortFit, embeddings: Path, *, distance: str) -> tuple[SingleTimeRisk, int]:
    """Fit to the embeddings of a cohort's training people; return the risk and how many people it rests on.

    People are grouped by what was seen of them (``outcome_groups``). People of the cohort without an embedding, and
    embeddings of people who are not in it, are left aside.

    Args:
        asked: The cohort, the outcome and who is held out.
        embeddings: A file with a column ``person`` and a column a dimension.
        distance: A name in ``DISTANCES``.

    Raises:
        StudyError: Nobody is in both.
        RiskError: The embeddings cannot be read or learnt from.
    """
    table = read_embeddings(embeddings)
    train, _ = read_for(asked)
    places = {person: place for place, person in enumerate(table.persons)}
    rows = np.array([places.get(str(person), -1) for person in train.persons])
    if not (rows >= 0).any():
        raise StudyError(
            f"Embeddings in {embeddings.name} must be of people of the cohort",
            f"0 of {len(table.persons)} who are",
            "check the column person",
        )
    both = train.take(rows >= 0)
    follow_up = both.outcome
    longest = float(np.quantile(follow_up.years, 0.9))
    settings = RiskSettings(
        distance=distance_from_json({"name": distance}),
        horizons_years=tuple(h for h in HORIZONS_YEARS if h <= longest),
    )
    fitted = SingleTimeRisk.fit(
        table.embeddings[rows[rows >= 0]],
        outcome_groups(follow_up, both.is_healthy).reference,
        follow_up,
        settings=settings,
        generator=np.random.default_rng([asked.seed, 11]),
    )
    return fitted, both.n_people
