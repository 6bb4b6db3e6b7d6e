"""Small risk models of made-up people, whose true hazard is known."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from holdfast.risk.single_time_risk import SingleTimeRisk
from holdfast.study.risk_model import fitting
from holdfast.study.risk_model.fitting import fit_risk_model
from holdfast.study.risk_model.risk_model import RiskModel
from holdfast.study.risk_model.settings import RiskModelSettings, preset
from holdfast.study.risk_model.visit_encoder import EncoderSettings
from holdfast.study.visits import Visits


def small(name: str, *, folds: int = 3, steps: int = 50) -> RiskModelSettings:
    """Return a preset, with fewer steps, folds and resamples."""
    settings = preset(name)
    risk = replace(settings.risk, interval=replace(settings.risk.interval, replicates=20))
    return replace(settings, encoder=EncoderSettings(steps=steps), folds=folds, risk=risk)


@dataclass(frozen=True)
class Split:
    """Made-up people who are learnt from, and others, with what is true of them."""

    train: Visits
    test: Visits
    test_truth: NDArray[np.float64]


@pytest.fixture(scope="session")
def split(people: Visits, truth: NDArray[np.float64]) -> Split:
    is_train = np.arange(people.n_people) < 1_900
    return Split(train=people.take(is_train), test=people.take(~is_train), test_truth=truth[~is_train])


class Recorder:
    """Stands where the single-time risk is fitted, and keeps the held-out scores that it is given."""

    def __init__(self) -> None:
        self.held_out: NDArray[np.float64] = np.empty(0)

    def fit(self, *args: Any, held_out: NDArray[np.float64], **more: Any) -> SingleTimeRisk:
        self.held_out = held_out
        return SingleTimeRisk.fit(*args, held_out=held_out, **more)


@dataclass(frozen=True)
class Fitted:
    """A risk model, and the held-out scores of its training people."""

    model: RiskModel
    held_out: NDArray[np.float64]


def fit_and_record(train: Visits, settings: RiskModelSettings, *, age: str | None = "age", seed: int = 1) -> Fitted:
    """Fit, and keep the held-out scores."""
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(fitting, "SingleTimeRisk", recorder)
        model = fit_risk_model(train, settings, age=age, seed=seed)
    return Fitted(model=model, held_out=recorder.held_out)


@pytest.fixture(scope="session")
def fit() -> Callable[..., Fitted]:
    return fit_and_record


@pytest.fixture(scope="session")
def accurate_fit(split: Split) -> Fitted:
    return fit_and_record(split.train, small("accurate"))


@pytest.fixture(scope="session")
def fast_fit(split: Split) -> Fitted:
    return fit_and_record(split.train, small("fast"))


@pytest.fixture(scope="session")
def accurate(accurate_fit: Fitted) -> RiskModel:
    return accurate_fit.model


@pytest.fixture(scope="session")
def fast(fast_fit: Fitted) -> RiskModel:
    return fast_fit.model


@pytest.fixture(params=["accurate", "fast"])
def fitted(request: pytest.FixtureRequest) -> Fitted:
    found: Fitted = request.getfixturevalue(f"{request.param}_fit")
    return found


@pytest.fixture
def model(fitted: Fitted) -> RiskModel:
    return fitted.model
