"""One judgement and what is said beside it, as pages are made from."""

from dataclasses import replace

import numpy as np
import pytest

from holdfast.cohort.flow import FlowStep
from holdfast.study.judging.judgement import Judgement, judge
from holdfast.study.judging.settings import JudgingSettings
from holdfast.study.report.about import About
from holdfast.study.risk_model.fitting import fit_risk_model
from holdfast.study.risk_model.settings import preset
from holdfast.study.runs.run_record import DataFile
from holdfast.study.visits import Visits


@pytest.fixture(scope="session")
def judgement(people: Visits) -> Judgement:
    settings = preset("fast")
    quick = replace(settings, encoder=replace(settings.encoder, steps=30))
    train, test = people.take(np.arange(2_000)), people.take(np.arange(2_000, 2_600))
    model = fit_risk_model(train, quick, age="age", seed=0)
    return judge(model, test, train=train, settings=JudgingSettings(methods=("age", "cox", "phenoage"), resamples=20))


@pytest.fixture(scope="session")
def about() -> About:
    made = {
        "holdfast": "0.1.0",
        "python": "3.11",
        "system": "Linux",
        "machine": "x86_64",
        "packages": {"numpy": "2"},
    }
    return About(
        kind="held out",
        outcome="Death <from> any cause",
        cohort="people & more",
        loader="synthetic",
        flow=(
            FlowStep(step="source", removed=0, left=4_000, why="Everyone."),
            FlowStep(step="withdrawn", removed=1_000, left=3_000, why="They withdrew."),
            FlowStep(step="learnt from", removed=2_000, left=1_000, why="Training people."),
        ),
        notes=("3 values of 'x' < 1 were read differently.",),
        model={"Digest": "a" * 64, "Columns": "69", "Teachers": "cox, trees; inputs of the encoders too"},
        learnt_from=(DataFile(role="cohort", path="people.parquet", sha256="b" * 64),),
        judged_on=(DataFile(role="cohort", path="people.parquet", sha256="c" * 64),),
        made_with=made,
        fitted_with=made,
        command="holdfast risk report model cohort --out report.html",
        top_coded=None,
        inputs={"body": 4, "mood": 1},
        is_led=False,
    )
