"""Our own risk model as a method of a comparison."""

from dataclasses import dataclass

from holdfast.measured import Unscored
from holdfast.study.methods.method import FittedMethod, MethodSettings, Risk
from holdfast.study.risk_model.risk_model import RiskModel
from holdfast.study.risk_model.settings import RiskModelSettings, preset
from holdfast.study.visits.visits import Visits

__all__ = ["NplbMethod", "nplb_method"]


@dataclass(frozen=True, kw_only=True)
class NplbMethod:
    """NPLB encoders on graded people, led by teachers; relative distance. See ``fit_risk_model``."""

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


def nplb_method(settings: MethodSettings) -> NplbMethod:
    """Return our method at its measured settings."""
    return NplbMethod(
        name="nplb",
        title="Ours: NPLB encoders on graded people, led by cross-fitted teachers; relative distance",
        settings=preset("accurate", threads=settings.threads),
        age=settings.age,
    )
