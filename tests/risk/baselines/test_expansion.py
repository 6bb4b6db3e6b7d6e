"""What becomes of a column: each piece against its definition, by hand."""

import json
import math

import numpy as np
import pytest

from holdfast.risk.baselines.expansion import Expansion
from holdfast.risk.error import RiskError


def test_without_expanding_columns_are_filled_with_the_median_and_standardised() -> None:
    rows = np.array([[1.0], [2.0], [np.nan], [9.0]])

    design = Expansion.learn(rows, ("x",), expand=False).design(rows)

    filled = np.array([1.0, 2.0, 2.0, 9.0])
    np.testing.assert_allclose(design[:, 0], (filled - 3.5) / math.sqrt(((filled - 3.5) ** 2).sum() / 3))


def test_hinges_bend_at_the_15th_and_85th_percentile_of_training() -> None:
    training = np.arange(101.0)[:, None]
    expansion = Expansion.learn(training, ("x",), expand=True)

    assert expansion.terms == ("x", "x below 15", "x above 85")
    asked = np.array([[0.0], [15.0], [50.0], [85.0], [100.0], [120.0]])
    design = expansion.design(asked) * np.array(expansion.sds) + np.array(expansion.means)
    np.testing.assert_allclose(design[:, 0], asked[:, 0])
    np.testing.assert_allclose(design[:, 1], [15, 0, 0, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(design[:, 2], [0, 0, 0, 0, 15, 35], atol=1e-12)


def test_every_term_has_mean_0_and_sd_1_in_training() -> None:
    generator = np.random.default_rng(0)
    rows = np.column_stack([generator.normal(size=400), generator.lognormal(size=400), generator.random(400) < 0.3])
    rows[:40, 0] = np.nan

    expansion = Expansion.learn(rows, ("normal", "skewed", "binary"), expand=True)
    design = expansion.design(rows)

    assert "normal missing" in expansion.terms
    assert not any(term.startswith("binary ") for term in expansion.terms)
    np.testing.assert_allclose(design.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(design.std(axis=0, ddof=1), 1)


@pytest.mark.parametrize(("missing", "flagged"), [(0, False), (5, False), (6, True), (999, True)])
def test_a_flag_marks_what_is_missing_where_more_than_one_in_200_is(missing: int, flagged: bool) -> None:
    rows = np.random.default_rng(0).normal(size=(1000, 2))
    if missing == 999:
        rows[0, 1], missing = 3.0, 998
    rows[-missing or len(rows) :, 1] = np.nan

    expansion = Expansion.learn(rows, ("a", "b"), expand=True)

    assert ("b missing" in expansion.terms) is flagged
    if flagged:
        place = expansion.terms.index("b missing")
        flag = expansion.design(rows)[:, place] * expansion.sds[place] + expansion.means[place]
        np.testing.assert_allclose(flag, np.isnan(rows[:, 1]), atol=1e-9)


def test_a_skewed_column_is_logged_whatever_its_unit_and_others_are_not() -> None:
    generator = np.random.default_rng(1)
    skewed, normal = generator.lognormal(sigma=1.0, size=500), generator.normal(size=500)
    mirrored = -skewed
    rows = np.column_stack([skewed, normal, mirrored, 1000 * skewed])

    expansion = Expansion.learn(rows, ("crp", "z", "negative", "in another unit"), expand=True)
    design = dict(zip(expansion.terms, expansion.design(rows).T, strict=True))

    assert {"ln crp", "ln in another unit", "z", "negative"} <= set(design)
    np.testing.assert_allclose(design["ln crp"], design["ln in another unit"])
    assert np.corrcoef(design["ln crp"], np.log(skewed))[0, 1] > 0.99


def test_a_value_below_zero_at_scoring_counts_as_zero_in_a_logged_column() -> None:
    rows = np.random.default_rng(1).lognormal(size=(300, 1))
    expansion = Expansion.learn(rows, ("crp",), expand=True)

    np.testing.assert_array_equal(expansion.design(np.array([[-3.0]])), expansion.design(np.array([[0.0]])))


@pytest.mark.parametrize("expand", [True, False])
def test_columns_that_say_nothing_are_dropped_and_noted(expand: bool) -> None:
    rows = np.column_stack([np.full(50, 2.0), np.arange(50.0), np.full(50, np.nan)])

    expansion = Expansion.learn(rows, ("same", "used", "unmeasured"), expand=expand)

    assert expansion.dropped == {"same": "constant", "unmeasured": "never measured"}
    assert {column.name for column in expansion.kept} == {"used"}
    assert np.isfinite(expansion.design(np.full((1, 3), np.nan))).all()


def test_nothing_left_to_learn_from_is_refused() -> None:
    with pytest.raises(RiskError, match="Inputs must vary between people, got 1 of 1 columns"):
        Expansion.learn(np.ones((5, 1)), ("same",), expand=True)


def test_an_expansion_reads_back_from_json_as_it_was() -> None:
    rows = np.random.default_rng(1).lognormal(size=(300, 2))
    rows[:30, 0] = np.nan
    expansion = Expansion.learn(rows, ("a", "b"), expand=True)

    again = Expansion.from_json(json.loads(json.dumps(expansion.to_json())))

    assert again == expansion
