"""Tasks from a cohort: labels counted by hand, inputs that do not say the answer, figures that follow from both."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from holdfast.cli.risk import risk
from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.synthetic import build_synthetic
from holdfast.errors import UnknownNameError
from holdfast.measured import Scored
from holdfast.metric.error import MetricError
from holdfast.risk.error import RiskError
from holdfast.study.error import StudyError
from holdfast.study.tasks.cohort_comparison import CohortComparison, compare_on_cohort, text_table
from holdfast.study.tasks.cohort_task import incident_task, prevalent_task


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    folder = tmp_path_factory.mktemp("tasks") / "cohort"
    return build_synthetic(folder, people=1500, seed=6, today=date(2026, 11, 30))


def test_who_had_a_condition_at_the_visit_is_as_its_table_says(small: Cohort) -> None:
    found = prevalent_task(small, "hypertension")
    rows = small.conditions().filter((pl.col("condition") == "hypertension") & (pl.col("years") <= 0)).collect()
    assert found.task.n_cases == rows["person"].n_unique()
    assert set(found.visits.persons[found.task.rows[found.task.has]]) == set(rows["person"])


def test_a_feature_that_is_told_is_no_input_and_its_gaps_are_left_out(small: Cohort) -> None:
    found = prevalent_task(small, "long_standing_illness", without=("self_rated_health",))
    answers = small.people().select("long_standing_illness").collect()["long_standing_illness"]
    assert not {"long_standing_illness", "self_rated_health"} & set(found.visits.names)
    assert found.task.n_cases == int((answers == 1).sum())
    assert len(found.task.rows) == len(answers) - answers.null_count()


def test_who_got_a_condition_is_counted_to_the_horizon(small: Cohort) -> None:
    found = incident_task(small, "type_2_diabetes", horizon_years=8)
    rows = small.outcomes().filter(pl.col("outcome") == "type_2_diabetes").collect()
    assert found.task.n_cases == rows.filter(pl.col("event") & (pl.col("years") <= 8)).height
    assert len(found.task.rows) == rows.filter(pl.col("event") & (pl.col("years") <= 8) | (pl.col("years") >= 8)).height


@pytest.mark.parametrize(
    ("condition", "years", "kind", "message"),
    [
        ("hypertensoin", None, UnknownNameError, "did you mean hypertension"),
        ("albumin", None, UnknownNameError, "must be a known id, got 'albumin'"),
        ("hypertension", 5.0, UnknownNameError, "Outcome must be a known id, got 'hypertension'"),
        ("death", -1.0, RiskError, "Horizon must be above 0"),
    ],
)
def test_a_task_that_is_none_is_refused(
    small: Cohort, condition: str, years: float | None, kind: type[Exception], message: str
) -> None:
    asked = CohortComparison(cohort=str(small.folder), condition=condition, years=years, repeats=1)
    with pytest.raises(kind, match=message):
        compare_on_cohort(asked)


def test_a_condition_that_body_and_blood_show_is_told_better_than_chance(small: Cohort, tmp_path: Path) -> None:
    asked = CohortComparison(
        cohort=str(small.folder),
        condition="hypertension",
        representations=("raw", "pca"),
        classifiers=("logistic", "lda"),
        dimensions=8,
        repeats=1,
        resamples=50,
    )
    found = compare_on_cohort(asked, folder=tmp_path / "run")
    aurocs = {(p.representation, p.classifier): p.auroc for p in found.pairs}
    assert len(aurocs) == 4
    raw = aurocs["raw", "logistic"]
    assert isinstance(raw, Scored)
    assert raw.interval is not None
    assert raw.interval.low > 0.6
    assert compare_on_cohort(asked, folder=tmp_path / "run") == found
    lines = text_table(found).splitlines()
    assert len(lines) == 5
    values = [float(line.split()[2]) for line in lines[1:]]
    assert values == sorted(values, reverse=True)


def test_the_command_prints_and_writes_the_same(small: Cohort, tmp_path: Path) -> None:
    words = ["compare", str(small.folder), "--condition", "death", "--years", "10", "--representations", "raw"]
    words += ["--classifiers", "lda", "--repeats", "1", "--resamples", "20", "--quiet", "--json", str(tmp_path / "f")]
    done = CliRunner().invoke(risk, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    written = pl.read_json(tmp_path / "f")
    auroc = written["pairs"][0][0]["auroc"]["value"]
    assert f"{auroc:.4f}" in done.output
    assert np.isfinite(auroc)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"representations": ()},
            r"^Representations and classifiers must be at least one each, got none; name some, or all\.$",
        ),
        (
            {"classifiers": ()},
            r"^Representations and classifiers must be at least one each, got none; name some, or all\.$",
        ),
        ({"seed": -1}, r"^Seed must be 0 or more, got -1; give 0, for example\.$"),
    ],
)
def test_a_comparison_of_nothing_or_by_no_seed_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(StudyError, match=message):
        CohortComparison(cohort="cohort", condition="asthma", **asked)


def test_a_file_for_figures_that_cannot_be_is_refused_before_people_are_read(tmp_path: Path) -> None:
    asked = [
        "compare",
        str(tmp_path / "no cohort"),
        "--condition",
        "asthma",
        "--json",
        str(tmp_path / "none" / "f.json"),
    ]
    with pytest.raises(MetricError, match=r"^Result must lie in an existing folder"):
        CliRunner().invoke(risk, asked, catch_exceptions=False)
