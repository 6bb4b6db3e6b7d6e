"""How much ranking is lost when values go missing, or are measured less exactly, than they were."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from holdfast.cohort.schema import Kind
from holdfast.measured import Measurement, Unscored, measurement_to_dict
from holdfast.risk.survival.paired_concordance import paired_concordance
from holdfast.study.judging.foretelling import Foretold
from holdfast.study.judging.settings import OURS, JudgingSettings, Progress
from holdfast.study.methods.method import Risk
from holdfast.study.visits.visits import Values, Visits

__all__ = ["DROPPED_SHARES", "NOISE_SPREADS", "STRESSED", "StressFigure", "stress_figures"]

DROPPED_SHARES: Final = (0.1, 0.3, 0.5)
"""Shares of the values that are there which are dropped, at random."""

NOISE_SPREADS: Final = (0.25, 0.5, 1.0)
"""Standard deviations of the normal noise, in those of the column among the people judged."""

STRESSED: Final = ("cox", "xgboost")
"""Methods that are stressed beside the model."""


@dataclass(frozen=True, kw_only=True)
class StressFigure:
    """One method under one stress.

    Attributes:
        stress: "10 % of values dropped", "noise of 0.5 sd".
        method: The model, or a name of ``STRESSED``.
        concordance: With the stress, with a bootstrap interval over people.
        change: Concordance with the stress less that without, below 0 where it is lost, with the paired interval. Of
            one draw of what is dropped or added.
        abstained: People for whom the model abstains under the stress; None for other methods, which never do.
    """

    stress: str
    method: str
    concordance: Measurement
    change: Measurement
    abstained: int | None

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "stress": self.stress,
            "method": self.method,
            "concordance": measurement_to_dict(self.concordance),
            "change": measurement_to_dict(self.change),
            "abstained": self.abstained,
        }


def stress_figures(found: Foretold, settings: JudgingSettings, progress: Progress) -> tuple[StressFigure, ...]:
    """Stress every column of the test people alike, age among them, and rank everybody again.

    The same values are dropped, or changed, for every method. Noise goes to columns of numbers, and what comes out is
    held within the range that was seen; categories are left as they are.
    """
    rows: list[StressFigure] = []
    names = (OURS, *(name for name in STRESSED if name in found.titles))
    total = len(DROPPED_SHARES) + len(NOISE_SPREADS)
    for number, (stress, values) in enumerate(_stressed(found.test, settings.seed)):
        progress(number, total, stress)
        people = replace(found.test, values=values)
        risks = {name: _risk(found, name, people) for name in names}
        abstained = int(np.count_nonzero(found.model.score(values).abstention))
        rows += _rows(stress, found, risks, abstained, settings)
    return tuple(rows)


def _risk(found: Foretold, name: str, people: Visits) -> Risk | Unscored:
    if name in found.unscored:
        return found.unscored[name]
    return found.model.risk_of(people.values) if name == OURS else found.fitted[name].risk(people)


def _rows(
    stress: str, found: Foretold, risks: Mapping[str, Risk | Unscored], abstained: int, settings: JudgingSettings
) -> Iterator[StressFigure]:
    scored = {name: risk for name, risk in risks.items() if not isinstance(risk, Unscored)}
    both = {name: found.risks[name] for name in scored} | {f"{name}, stressed": risk for name, risk in scored.items()}
    draws = paired_concordance(
        both,
        found.follow_up,
        generator=np.random.default_rng([settings.seed, 8]),
        resamples=settings.slow_resamples,
    )
    for name, risk in risks.items():
        yield StressFigure(
            stress=stress,
            method=name,
            concordance=risk if isinstance(risk, Unscored) else draws.index(f"{name}, stressed"),
            change=risk if isinstance(risk, Unscored) else draws.difference(f"{name}, stressed", name).difference,
            abstained=abstained if name == OURS else None,
        )


def _stressed(people: Visits, seed: int) -> Iterator[tuple[str, Values]]:
    for place, share in enumerate(DROPPED_SHARES):
        yield f"{share:.0%} of values dropped".replace("%", " %"), _dropped(people, share, seed=[seed, 9, place])
    for place, spread in enumerate(NOISE_SPREADS):
        yield f"noise of {spread:g} sd", _noisy(people, spread, seed=[seed, 10, place])


def _dropped(people: Visits, share: float, *, seed: list[int]) -> Values:
    """Drop each value that is there with the same chance."""
    is_gone = np.random.default_rng(seed).random(people.values.shape) < share
    return np.where(is_gone, np.float32(np.nan), people.values)


def _noisy(people: Visits, spread: float, *, seed: list[int]) -> Values:
    generator = np.random.default_rng(seed)
    values = people.values.copy()
    for place, column in enumerate(people.columns):
        known = ~np.isnan(values[:, place])
        if column.kind is not Kind.NUMERIC or not known.any():
            continue
        seen = values[known, place].astype(np.float64)
        noisy = seen + spread * seen.std() * generator.standard_normal(len(seen))
        values[known, place] = np.clip(noisy, seen.min(), seen.max())
    return values
