"""How well the model ranks people, beside other methods: concordance, paired differences, time-dependent AUC."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from holdfast.measured import Measurement, Unscored, measurement_to_dict
from holdfast.risk.survival.horizon_auc import horizon_auc
from holdfast.risk.survival.paired_concordance import ConcordanceDraws, paired_concordance
from holdfast.study.judging.foretelling import Foretold
from holdfast.study.judging.settings import OURS, JudgingSettings
from holdfast.study.visits.age_bands import AGE_BAND
from holdfast.study.visits.visits import NOT_RECORDED, Words

__all__ = ["MethodRanking", "RankingFigures", "ranking_figures"]

NO_AGE = Unscored("age is not known")
ITSELF = Unscored("it is the model itself")


@dataclass(frozen=True, kw_only=True)
class MethodRanking:
    """One method on the same people.

    Attributes:
        name, title: See ``Foretold``.
        concordance: Harrell's, 0.5 chance and 1 perfect, with a bootstrap interval over people.
        within_age: As ``concordance``, but only people of one age band are compared; those whose age is not known take
            part in none.
        ahead: Concordance of the model less that of this method, above 0 where the model is better, with the paired
            interval.
        ahead_p: Two-sided bootstrap p of ``ahead``, for this comparison alone.
        ahead_within_age: As ``ahead``, within age bands.
        auc: Horizon in years -> time-dependent AUC.
    """

    name: str
    title: str
    concordance: Measurement
    within_age: Measurement
    ahead: Measurement
    ahead_p: Measurement
    ahead_within_age: Measurement
    auc: Mapping[float, Measurement]

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        figures = ("concordance", "within_age", "ahead", "ahead_p", "ahead_within_age")
        return {
            "method": self.name,
            "title": self.title,
            **{name: measurement_to_dict(getattr(self, name)) for name in figures},
            "auc": {f"{years:g}": measurement_to_dict(found) for years, found in self.auc.items()},
        }


@dataclass(frozen=True, kw_only=True)
class RankingFigures:
    """All methods.

    Attributes:
        methods: The model first.
        among_estimated: The model's concordance among people for whom it does not abstain.
    """

    methods: tuple[MethodRanking, ...]
    among_estimated: Measurement

    @property
    def ours(self) -> MethodRanking:
        """The model's."""
        return self.methods[0]

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "methods": [method.to_json() for method in self.methods],
            "among_estimated": measurement_to_dict(self.among_estimated),
        }


def ranking_figures(found: Foretold, settings: JudgingSettings, *, horizons_years: tuple[float, ...]) -> RankingFigures:
    """Rank everybody by every method, under one bootstrap of people for all."""
    bands = found.test.attributes.get(AGE_BAND)
    draws = _draws(found, settings)
    within = None if bands is None or not (bands != NOT_RECORDED).any() else _draws(found, settings, bands)
    rows = found.estimates.rows
    among = paired_concordance(
        {OURS: found.risks[OURS][rows]},
        found.follow_up.take(rows),
        generator=np.random.default_rng([settings.seed, 1]),
        resamples=settings.resamples,
    )
    return RankingFigures(
        methods=tuple(_method(name, found, draws, within, settings, horizons_years) for name in found.titles),
        among_estimated=among.index(OURS),
    )


def _draws(found: Foretold, settings: JudgingSettings, bands: Words | None = None) -> ConcordanceDraws:
    """Compare everybody; with bands, people of one band among those whose band is known."""
    rows = np.ones(found.test.n_people, dtype=np.bool_) if bands is None else bands != NOT_RECORDED
    return paired_concordance(
        {name: risk[rows] for name, risk in found.risks.items()},
        found.follow_up.take(rows),
        generator=np.random.default_rng([settings.seed, 0]),
        strata=None if bands is None else bands[rows],
        resamples=settings.resamples,
    )


def _method(
    name: str,
    found: Foretold,
    draws: ConcordanceDraws,
    within: ConcordanceDraws | None,
    settings: JudgingSettings,
    horizons_years: tuple[float, ...],
) -> MethodRanking:
    title = found.titles[name]
    if name in found.unscored:
        why: Measurement = found.unscored[name]
        auc = dict.fromkeys(horizons_years, why)
        return MethodRanking(
            name=name, title=title, concordance=why, within_age=why, ahead=why, ahead_p=why, ahead_within_age=why,
            auc=auc,
        )  # fmt: skip
    difference = None if name == OURS else draws.difference(OURS, name)
    return MethodRanking(
        name=name,
        title=title,
        concordance=draws.index(name),
        within_age=NO_AGE if within is None else within.index(name),
        ahead=ITSELF if difference is None else difference.difference,
        ahead_p=ITSELF if difference is None else difference.p,
        ahead_within_age=_within(name, within),
        auc={years: _auc(found, name, years, settings) for years in horizons_years},
    )


def _within(name: str, within: ConcordanceDraws | None) -> Measurement:
    if name == OURS:
        return ITSELF
    return NO_AGE if within is None else within.difference(OURS, name).difference


def _auc(found: Foretold, name: str, years: float, settings: JudgingSettings) -> Measurement:
    return horizon_auc(
        found.risks[name],
        found.follow_up,
        horizon_years=years,
        resamples=settings.slow_resamples,
        generator=np.random.default_rng([settings.seed, 2]),
    )
