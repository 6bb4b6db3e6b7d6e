"""What every baseline shares: refusals, columns found by name, kept and read back without pickle."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from holdfast.errors import StorageError
from holdfast.risk.baselines import (
    AgeBaseline,
    Baseline,
    BoostedBaseline,
    BoostedSettings,
    CoxBaseline,
    CoxSettings,
    load_baseline,
)
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp

COLUMNS = ("age", "marker", "noise")
MAKE: dict[str, Callable[[], Baseline]] = {
    "age": lambda: AgeBaseline("age"),
    "cox": lambda: CoxBaseline(CoxSettings(folds=2)),
    "xgboost": lambda: BoostedBaseline(BoostedSettings(depths=(2,), most_rounds=20, folds=2)),
}
LEARNING = [pytest.param(MAKE[name], id=name) for name in ("cox", "xgboost")]
ALL = [pytest.param(make, id=name) for name, make in MAKE.items()]


@pytest.mark.parametrize("make", ALL)
def test_risk_is_finite_and_rises_with_age(make: Callable[[], Baseline], people: Any) -> None:
    risk = make().fit(people.rows, people.follow_up, columns=COLUMNS).risk(people.rows)

    assert risk.shape == (600,)
    assert risk.dtype == np.float64
    assert np.isfinite(risk).all()
    assert np.corrcoef(risk, people.rows[:, 0])[0, 1] > 0.5


@pytest.mark.parametrize("make", ALL)
def test_columns_are_found_by_name_in_any_order_beside_others(make: Callable[[], Baseline], people: Any) -> None:
    baseline = make().fit(people.rows, people.follow_up, columns=COLUMNS)
    other = np.full((600, 1), np.inf)
    turned = np.column_stack([people.rows[:, ::-1], other])

    risk = baseline.risk(turned, columns=("noise", "marker", "age", "SEQN"))

    np.testing.assert_array_equal(risk, baseline.risk(people.rows))


@pytest.mark.parametrize("make", ALL)
def test_a_persons_risk_does_not_depend_on_the_rows_beside_it(make: Callable[[], Baseline], people: Any) -> None:
    baseline = make().fit(people.rows, people.follow_up, columns=COLUMNS)

    alone = [float(baseline.risk(people.rows[[i]])[0]) for i in range(5)]

    np.testing.assert_allclose(alone, baseline.risk(people.rows)[:5], rtol=1e-12)


@pytest.mark.parametrize("make", ALL)
def test_a_kept_baseline_scores_the_same_and_is_no_pickle(
    make: Callable[[], Baseline], people: Any, tmp_path: Path
) -> None:
    baseline = make().fit(people.rows, people.follow_up, columns=COLUMNS)
    baseline.save(tmp_path / "kept")

    loaded = load_baseline(tmp_path / "kept")

    assert type(loaded) is type(baseline)
    np.testing.assert_array_equal(loaded.risk(people.rows), baseline.risk(people.rows))
    assert {path.suffix for path in (tmp_path / "kept").iterdir()} <= {".json", ".ubj"}
    loaded.save(tmp_path / "again")
    for path in (tmp_path / "kept").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("make", ALL)
def test_equal_people_and_settings_give_an_equal_risk(make: Callable[[], Baseline], people: Any) -> None:
    first, second = (make().fit(people.rows, people.follow_up, columns=COLUMNS).risk(people.rows) for _ in range(2))

    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("make", LEARNING)
def test_all_censored_is_refused_with_counts(make: Callable[[], Baseline], people: Any) -> None:
    nobody = FollowUp(people.follow_up.years, np.zeros(600, dtype=bool))

    with pytest.raises(RiskError, match="must hold 2 events or more to learn from, got 0 in 600 people"):
        make().fit(people.rows, nobody, columns=COLUMNS)


@pytest.mark.parametrize("make", LEARNING)
def test_inputs_that_never_vary_are_refused(make: Callable[[], Baseline], people: Any) -> None:
    constant = np.column_stack([np.full(600, 3.0), np.full(600, np.nan)])

    with pytest.raises(RiskError, match=r"Inputs must vary between people, got 2 of 2 columns"):
        make().fit(constant, people.follow_up, columns=("constant", "unmeasured"))


@pytest.mark.parametrize("make", ALL)
def test_a_column_missing_at_scoring_is_named(make: Callable[[], Baseline], people: Any) -> None:
    baseline = make().fit(people.rows, people.follow_up, columns=COLUMNS)

    with pytest.raises(RiskError, match=r"none named (marker, )?age(, noise)?") as refusal:
        baseline.risk(people.rows[:, :1], columns=("other",))
    assert "age" in refusal.value.columns


@pytest.mark.parametrize("make", ALL)
def test_another_number_of_columns_at_scoring_is_refused(make: Callable[[], Baseline], people: Any) -> None:
    baseline = make().fit(people.rows, people.follow_up, columns=COLUMNS)

    with pytest.raises(RiskError, match=r"Columns must name every input|Rows must hold the 3 columns learnt from"):
        baseline.risk(people.rows[:, :2])


@pytest.mark.parametrize("make", ALL)
def test_scoring_and_keeping_need_a_fit(make: Callable[[], Baseline], people: Any, tmp_path: Path) -> None:
    with pytest.raises(RiskError, match="must be fitted before"):
        make().risk(people.rows)
    with pytest.raises(RiskError, match="must be fitted before"):
        make().save(tmp_path / "kept")


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize(
    ("spoil", "columns", "message"),
    [
        (lambda rows: rows, ("age", "marker"), "Columns must name every input, got 2 names for 3 inputs"),
        (lambda rows: rows, ("age", "age", "noise"), "Columns must be unique, got repeats of age"),
        (lambda rows: rows, ("age", "SEQN", "noise"), "must not say who somebody is, got SEQN"),
        (lambda rows: rows.astype(np.float32), COLUMNS, "Rows must be people by inputs, float64"),
        (lambda rows: rows[:, 0], COLUMNS, r"Rows must be people by inputs, float64, got shape \(600,\)"),
        (lambda rows: rows[:-1], COLUMNS, "Follow-up must be one a row, got 600 for 599 rows"),
        (
            lambda rows: np.where(rows == rows[7, 1], np.inf, rows),
            COLUMNS,
            "Values of marker must be finite or missing, got infinite ones in 1 of 600 rows",
        ),
    ],
)
def test_rows_that_cannot_be_learnt_from_are_refused(
    make: Callable[[], Baseline], people: Any, spoil: Any, columns: tuple[str, ...], message: str
) -> None:
    with pytest.raises(RiskError, match=message):
        make().fit(spoil(people.rows), people.follow_up, columns=columns)


def test_a_missing_age_is_refused_with_counts(people: Any) -> None:
    rows = people.rows.copy()
    rows[[3, 8], 0] = np.nan
    baseline = AgeBaseline("age").fit(people.rows, people.follow_up, columns=COLUMNS)

    with pytest.raises(RiskError, match="age must be known for everybody, got 2 of 600 rows without"):
        AgeBaseline("age").fit(rows, people.follow_up, columns=COLUMNS)
    with pytest.raises(RiskError, match="age must be known for everybody, got 2 of 600 rows without"):
        baseline.risk(rows)


def test_the_risk_of_age_is_age(people: Any) -> None:
    baseline = AgeBaseline("age").fit(people.rows, people.follow_up, columns=COLUMNS)

    np.testing.assert_array_equal(baseline.risk(people.rows), people.rows[:, 0])


def test_a_folder_without_a_baseline_is_refused(people: Any, tmp_path: Path) -> None:
    with pytest.raises(RiskError, match=r"must hold a baseline, got no readable baseline\.json"):
        load_baseline(tmp_path)
    (tmp_path / "baseline.json").write_text("{")
    with pytest.raises(RiskError, match=r"must hold a baseline, got no readable baseline\.json"):
        load_baseline(tmp_path)
    (tmp_path / "baseline.json").write_text(json.dumps({"format": "another"}))
    with pytest.raises(RiskError, match="must be of format 'holdfast-baseline', version 1"):
        load_baseline(tmp_path)
    card = {"format": "holdfast-baseline", "format_version": 1, "name": "oracle"}
    (tmp_path / "baseline.json").write_text(json.dumps(card))
    with pytest.raises(RiskError, match="must be of a known kind, got `'oracle'`"):
        load_baseline(tmp_path)
    with pytest.raises(RiskError, match="must be 'cox', got `'oracle'`"):
        CoxBaseline.load(tmp_path)


def test_trees_that_xgboost_cannot_read_are_refused(people: Any, tmp_path: Path) -> None:
    MAKE["xgboost"]().fit(people.rows, people.follow_up, columns=COLUMNS).save(tmp_path / "kept")
    (tmp_path / "kept" / "trees.ubj").write_bytes(b"{}")

    with pytest.raises(RiskError, match=r"trees\.ubj must hold the trees"):
        load_baseline(tmp_path / "kept")


def test_a_baseline_takes_the_place_of_one_kept_before_and_never_of_a_file(people: Any, tmp_path: Path) -> None:
    older = AgeBaseline("age").fit(people.rows, people.follow_up, columns=COLUMNS)
    older.save(tmp_path / "kept")
    MAKE["cox"]().fit(people.rows, people.follow_up, columns=COLUMNS).save(tmp_path / "kept")
    assert isinstance(load_baseline(tmp_path / "kept"), CoxBaseline)

    (tmp_path / "file").write_text("mine")
    with pytest.raises(StorageError, match="must be writable to its end"):
        older.save(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"
