"""Our own risk model as a method of a comparison, and what it is made of as methods of their own."""

from dataclasses import dataclass, replace

import numpy as np

from holdfast.measured import Unscored
from holdfast.risk.interval import IntervalSettings
from holdfast.study.inputs import InputEncoding
from holdfast.study.methods.method import FittedMethod, MethodSettings, Risk
from holdfast.study.risk_model.risk_model import Lead, RiskModel, teaching_data
from holdfast.study.risk_model.settings import RiskModelSettings, preset
from holdfast.study.visits.visits import Visits

__all__ = ["NplbMethod", "TeachersMethod", "nplb_method", "teachers_method", "unled_method"]


@dataclass(frozen=True, kw_only=True)
class NplbMethod:
    """NPLB encoders on graded people; relative distance. See ``fit_risk_model``."""

    name: str
    title: str
    settings: RiskModelSettings
    age: str | None

    def fit(self, train: Visits, *, seed: int) -> FittedMethod | Unscored:
        """Learn; see ``Method.fit``."""
        from holdfast.study.risk_model.fitting import fit_risk_model

        return _Fitted(fit_risk_model(train, self.settings, age=self.age, seed=seed))


@dataclass(frozen=True)
class _Fitted:
    model: RiskModel

    def risk(self, visits: Visits) -> Risk | Unscored:
        return self.model.risk_of(visits.values)


@dataclass(frozen=True, kw_only=True)
class TeachersMethod:
    """The mean of our teachers' standardised log hazards: what our method knows before any encoder is trained."""

    name: str
    title: str
    settings: RiskModelSettings
    age: str | None

    def fit(self, train: Visits, *, seed: int) -> FittedMethod | Unscored:
        """Learn; see ``Method.fit``."""
        from holdfast.study.risk_model.fitting import teach

        encoding, lead = teach(train, self.settings, age=self.age, seed=seed)
        return _Taught(encoding=encoding, lead=lead, age=self.age)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Taught:
    encoding: InputEncoding
    lead: Lead
    age: str | None

    def risk(self, visits: Visits) -> Risk | Unscored:
        inputs = self.encoding.transform(visits.values)
        data = teaching_data(self.encoding, inputs, visits.values, self.age)
        return np.asarray(self.lead.coordinates(data).mean(axis=1), dtype=np.float64)


def _ranking(threads: int) -> RiskModelSettings:
    """Return our settings without what a comparison does not look at: it compares the order of people alone."""
    accurate = preset("accurate", threads=threads)
    plain = replace(accurate.risk, horizons_years=(), interval=IntervalSettings(replicates=0))
    return replace(accurate, calibration="leave-one-out", risk=plain)


def nplb_method(settings: MethodSettings) -> NplbMethod:
    """Return our method at its measured settings."""
    return NplbMethod(
        name="nplb",
        title="Ours: NPLB encoders on graded people, led by cross-fitted teachers; relative distance",
        settings=_ranking(settings.threads),
        age=settings.age,
    )


def unled_method(settings: MethodSettings) -> NplbMethod:
    """Return our method with teachers that only grade: what the encoders find in the inputs alone."""
    return NplbMethod(
        name="nplb-unled",
        title="As nplb, but no encoder is shown what teachers foretell",
        settings=replace(_ranking(settings.threads), is_led=False),
        age=settings.age,
    )


def teachers_method(settings: MethodSettings) -> TeachersMethod:
    """Return the mean of our teachers."""
    return TeachersMethod(
        name="teachers",
        title="The mean of our teachers' log hazards, without an encoder",
        settings=_ranking(settings.threads),
        age=settings.age,
    )
