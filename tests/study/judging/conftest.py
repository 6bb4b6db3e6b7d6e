"""One quickly fitted model and its judgement on people it has not seen."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from holdfast.study.judging.foretelling import Foretold, foretell
from holdfast.study.judging.judgement import Judgement, judge
from holdfast.study.judging.settings import JudgingSettings
from holdfast.study.risk_model.fitting import fit_risk_model
from holdfast.study.risk_model.risk_model import RiskModel
from holdfast.study.risk_model.settings import preset
from holdfast.study.visits import Visits

AGE = "age"
SETTINGS = JudgingSettings(methods=("age", "cox", "phenoage"), resamples=20, seed=3)


@pytest.fixture(scope="session")
def measured(people: Visits, make: Any) -> Visits:
    """People with the one marker of PhenoAge that the made-up cohort lacks."""
    volume = np.random.default_rng(0).normal(90, 4, size=(people.n_people, 1)).astype(np.float32)
    column = make.number("mean_corpuscular_volume", unit="fL")
    return replace(people, columns=(*people.columns, column), values=np.hstack([people.values, volume]))


@pytest.fixture(scope="session")
def train(measured: Visits) -> Visits:
    return measured.take(np.arange(measured.n_people) % 3 != 0)


@pytest.fixture(scope="session")
def test_people(measured: Visits) -> Visits:
    """A third of them, twelve of whom have no values but age: too little to say anything about."""
    test = measured.take(np.arange(measured.n_people) % 3 == 0)
    values = test.values.copy()
    values[np.ix_(np.arange(12), [i for i, name in enumerate(test.names) if name != AGE])] = np.nan
    return replace(test, values=values)


@pytest.fixture(scope="session")
def model(train: Visits) -> RiskModel:
    settings = preset("fast")
    quick = replace(settings, encoder=replace(settings.encoder, steps=40))
    return fit_risk_model(train, quick, age=AGE, seed=0)


@pytest.fixture(scope="session")
def settings() -> JudgingSettings:
    return SETTINGS


@pytest.fixture(scope="session")
def found(model: RiskModel, train: Visits, test_people: Visits) -> Foretold:
    return foretell(model, test_people, train, SETTINGS, lambda *_: None)


@pytest.fixture(scope="session")
def judgement(model: RiskModel, train: Visits, test_people: Visits) -> Judgement:
    return judge(model, test_people, train=train, settings=SETTINGS)
