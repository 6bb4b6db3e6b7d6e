"""What a page says beside the figures."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from holdfast.cohort.cohort_folder import Cohort
from holdfast.study.judging.people_to_judge import JudgedPeople
from holdfast.study.judging.settings import JudgingSettings
from holdfast.study.report.about import About, about_report
from holdfast.study.risk_model.cohort_fit import CohortFit
from holdfast.study.risk_model.model_folder import StoredModel
from holdfast.study.visits import Visits


def said(made_up: Cohort, people: Visits, *, test: Visits, kind: Any) -> About:
    """What is said about a stand-in for a model of the made-up cohort."""
    model: Any = SimpleNamespace(
        columns=people.columns,
        encoders=(1, 2),
        lead=None,
        settings=SimpleNamespace(teachers=("cox",)),
        risk=SimpleNamespace(settings=SimpleNamespace(distance=SimpleNamespace(name="relative"))),
    )
    record = CohortFit(cohort=str(made_up.folder), preset="fast").record

    class Stored(StoredModel):
        digest = "d" * 64  # type: ignore[assignment]

    stored = Stored(model=model, outcome="Death", run=record, facts={"people": 9, "events": 1, "notes": ["a note"]})
    judged = JudgedPeople(kind=kind, n_followed=people.n_people, test=test, train=None, notes=("a note", "another"))
    settings = JudgingSettings(methods=("age", "cox"), resamples=7, seed=2, horizon_years=5.0)
    return about_report(stored, Path("/somewhere/model"), made_up.folder, judged, settings)


def test_the_flow_ends_with_the_people_judged_on_and_every_step_adds_up(made_up: Cohort, people: Visits) -> None:
    test = people.take(np.arange(400))
    held_out = said(made_up, people, test=test, kind="held out")
    assert held_out.flow[-1].left == 400
    for before, after in zip(held_out.flow, held_out.flow[1:], strict=False):
        assert before.left - after.removed == after.left
    external = said(made_up, people, test=people, kind="external")
    assert external.flow[-1].step == "not followed up"
    assert external.flow[-1].left == people.n_people


def test_paths_are_named_by_their_last_part(made_up: Cohort, people: Visits) -> None:
    about = said(made_up, people, test=people, kind="external")
    assert "/" not in "".join(file.path for file in (*about.learnt_from, *about.judged_on))
    assert about.command == (
        "holdfast risk report model cohort --out report.html --methods age,cox --resamples 7 --seed 2 --horizon 5"
    )


def test_notes_are_said_once(made_up: Cohort, people: Visits) -> None:
    assert said(made_up, people, test=people, kind="external").notes == ("a note", "another")


@pytest.mark.parametrize(("at_top", "expected"), [(60, (80.0, 0.06)), (10, None)])
def test_ages_are_taken_to_be_cut_off_where_many_people_share_the_highest(
    made_up: Cohort, people: Visits, make: Any, at_top: int, expected: Any
) -> None:
    ages = np.concatenate([np.full(at_top, 80.0), np.linspace(20, 79, 1_000 - at_top)])
    test = make.visits(np.zeros((1_000, 1)), age=ages)
    assert said(made_up, people, test=test, kind="external").top_coded == expected
