"""Inputs, against the equations written out one value at a time."""

import json
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from holdfast.cohort.schema import Kind
from holdfast.study.error import StudyError
from holdfast.study.inputs import InputEncoding, InputSettings
from holdfast.study.visits import Visits


def by_loop(train: NDArray[np.float32], new: NDArray[np.float32], s: InputSettings) -> dict[str, list[float]]:
    """Work out what becomes of one column of numbers: z, the two hinges, missing."""
    x = [float(v) for v in train if not math.isnan(v)]
    shift = None
    mean = sum(x) / len(x)
    sd = math.sqrt(sum((v - mean) ** 2 for v in x) / len(x))
    skew = sum(((v - mean) / sd) ** 3 for v in x) / len(x)
    is_fine = len(set(x)) >= s.fewest_levels
    if is_fine and min(x) >= 0 and skew > s.most_skew:
        shift = 0.0 if min(x) > 0 else min(v for v in x if v > 0) / 2
        x = [math.log(v + shift) for v in x]
        mean = sum(x) / len(x)
        sd = math.sqrt(sum((v - mean) ** 2 for v in x) / len(x))

    def z_of(v: float) -> float:
        if shift is not None:
            v = math.log(v + shift) if v + shift > 0 else -math.inf
        return max(-s.clip, min(s.clip, (v - mean) / sd))

    z = [max(-s.clip, min(s.clip, (v - mean) / sd)) for v in x]
    median = float(np.median(z))
    a, b = np.quantile(z, s.low), np.quantile(z, s.high)
    below, above = [max(a - v, 0.0) for v in z], [max(v - b, 0.0) for v in z]
    h = [sum(below) / len(z), sum(above) / len(z)]
    t = [max(float(np.std(below)), 0.3), max(float(np.std(above)), 0.3)]
    found: dict[str, list[float]] = {"z": [], "low": [], "high": [], "missing": []}
    for v in map(float, new):
        one = median if math.isnan(v) else z_of(v)
        found["z"].append(one)
        found["low"].append(min((max(a - one, 0.0) - h[0]) / t[0], s.clip + 1))
        found["high"].append(min((max(one - b, 0.0) - h[1]) / t[1], s.clip + 1))
        found["missing"].append(float(math.isnan(v)))
    return found


@pytest.fixture(scope="module")
def visits(make: Any) -> Visits:
    generator = np.random.default_rng(3)
    lab = generator.normal(140, 3, 700)
    skewed = generator.lognormal(1, 1, 700)
    with_zeros = np.where(generator.random(700) < 0.2, 0.0, generator.lognormal(0, 1, 700))
    gone = generator.random(700) < 0.1
    skewed[gone] = np.nan
    lab[generator.random(700) < 0.05] = np.nan
    answer = generator.integers(0, 4, 700).astype(float)
    smokes = generator.choice([0.0, 1, 2, np.nan], 700, p=[0.6, 0.3, 0.005, 0.095])
    columns = (
        make.number("lab"),
        make.number("skewed"),
        make.number("with zeros"),
        make.number("answer", kind=Kind.ORDINAL),
        make.words("smokes", "no", "yes", "rare"),
    )
    return make.visits(np.stack([lab, skewed, with_zeros, answer, smokes], axis=1), columns)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "settings", [InputSettings(), InputSettings(clip=1.5, low=0.3, high=0.6, most_skew=5), InputSettings(most_skew=-9)]
)
def test_every_input_is_what_the_equations_say(visits: Visits, settings: InputSettings) -> None:
    encoding = InputEncoding.fit(visits, settings)
    new = visits.values[:60].copy()
    new[0] = [1e6, 1e6, 1e6, 3, 0]
    new[1] = [-1e6, 0, 0, 0, 1]
    new[2] = np.nan
    inputs = encoding.transform(new)
    loops = [by_loop(visits.values[:, k], new[:, k], settings) for k in range(4)]
    blocks = [
        *(loop["z"] for loop in loops),
        *(loop["low"] for loop in loops[:3]),  # an answer with four levels is not bent
        *(loop["high"] for loop in loops[:3]),
        *(loop["missing"] for loop in loops[:2]),
        [float(v == 0) for v in new[:, 4]],
        [float(v == 1) for v in new[:, 4]],
        [float(math.isnan(v)) for v in new[:, 4]],
    ]
    assert inputs.shape == (60, encoding.n_inputs) == (60, len(blocks))
    np.testing.assert_allclose(inputs, np.array(blocks).T, atol=3e-4)
    assert encoding.sources.tolist() == [0, 1, 2, 3, 0, 1, 2, 0, 1, 2, 0, 1, 4, 4, 4]
    assert np.flatnonzero(encoding.is_bent).tolist() == [4, 5, 6, 7, 8, 9]
    assert encoding.notes == ()


def test_without_hinges_there_are_none(visits: Visits) -> None:
    encoding = InputEncoding.fit(visits, InputSettings(has_hinges=False))
    bent = InputEncoding.fit(visits)
    assert not encoding.is_bent.any()
    np.testing.assert_array_equal(encoding.transform(visits.values), bent.transform(visits.values)[:, ~bent.is_bent])


def test_training_inputs_are_standard(visits: Visits) -> None:
    encoding = InputEncoding.fit(visits)
    z = encoding.transform(visits.values)[:, :4].astype(float)
    is_there = ~np.isnan(visits.values[:, :4])
    for k in range(4):
        assert z[is_there[:, k], k].mean() == pytest.approx(0, abs=0.02)
        assert z[is_there[:, k], k].std() == pytest.approx(1, abs=0.03)


def test_an_encoding_survives_json_to_the_last_bit(visits: Visits) -> None:
    encoding = InputEncoding.fit(visits)
    again = InputEncoding.from_json(json.loads(json.dumps(encoding.to_json(), allow_nan=False)), visits.columns)
    assert again.transform(visits.values).tobytes() == encoding.transform(visits.values).tobytes()
    assert again.to_json() == encoding.to_json()
    assert again.settings == encoding.settings


def test_what_to_json_did_not_write_is_refused(visits: Visits) -> None:
    said = InputEncoding.fit(visits).to_json()
    with pytest.raises(StudyError, match=r"^Inputs must be of format 1, got 2; update\.$"):
        InputEncoding.from_json({**said, "format_version": 2}, visits.columns)
    for broken in ({}, {**said, "settings": {"colour": 1}}, {**said, "means": ["a"]}):
        with pytest.raises(StudyError, match=r"^Inputs must be what to_json wrote, got a \w+Error; fit again\.$"):
            InputEncoding.from_json(broken, visits.columns)


def test_a_person_alone_has_the_inputs_they_have_among_others(visits: Visits) -> None:
    encoding = InputEncoding.fit(visits)
    together = encoding.transform(visits.values)
    alone = np.concatenate([encoding.transform(visits.values[k : k + 1]) for k in range(30)])
    assert alone.tobytes() == together[:30].tobytes()
    assert encoding.transform(visits.values[:0]).shape == (0, encoding.n_inputs)


def test_transforming_leaves_the_values_as_they_are(visits: Visits) -> None:
    before = visits.values.copy()
    InputEncoding.fit(visits).transform(visits.values)
    np.testing.assert_array_equal(visits.values, before)


def test_no_value_warns_or_is_lost_however_odd(visits: Visits) -> None:
    """Warnings are errors here. Nothing has no logarithm, and nothing is too large."""
    encoding = InputEncoding.fit(visits)
    largest = np.finfo(np.float32).max
    odd = np.array([0, -1, 1e-45, -1e-45, largest, -largest, 1e30, np.nan], dtype=np.float32)
    values = np.tile(odd[:, None], (1, 5))
    inputs = encoding.transform(values)
    assert np.isfinite(inputs).all()
    assert np.abs(inputs).max() <= encoding.settings.clip + 1
    assert inputs[1, 1] == -encoding.settings.clip  # below the domain of a logged column is as low as any


def test_columns_that_say_nothing_are_noted_and_no_input(make: Any) -> None:
    generator = np.random.default_rng(0)
    values = np.stack(
        [
            np.full(300, 7.0),
            np.full(300, np.nan),
            generator.normal(size=300),
            np.zeros(300),
            np.where(generator.random(300) < 0.3, np.nan, 7.0),
        ],
        axis=1,
    )
    columns = (
        *(make.number(n) for n in ("same", "empty", "x")),
        make.words("one", "a"),
        make.number("same or missing"),
    )
    encoding = InputEncoding.fit(make.visits(values, columns))
    assert encoding.notes == tuple(
        f"{n!r} is the same for everybody in training and says nothing." for n in ("same", "empty", "one")
    )
    assert encoding.told.tolist() == [2, 4]
    np.testing.assert_array_equal(
        encoding.transform(make.visits(values, columns).values)[:, -1], np.isnan(values[:, 4])
    )


def test_nothing_to_learn_from_is_refused(make: Any) -> None:
    with pytest.raises(StudyError, match=r"^Inputs must differ between people, got columns that are all constant or"):
        InputEncoding.fit(make.visits(np.column_stack([np.ones(50), np.full(50, np.nan)])))


def test_columns_missing_together_share_one_input(make: Any) -> None:
    generator = np.random.default_rng(1)
    values = generator.normal(size=(1_000, 5))
    panel, other = generator.random(1_000) < 0.2, generator.random(1_000) < 0.2
    values[panel, 0] = values[panel, 1] = np.nan
    values[other, 2] = np.nan
    values[:5, 3] = np.nan  # a share of 0.005 is not above it
    values[:6, 4] = np.nan
    encoding = InputEncoding.fit(make.visits(values))
    assert encoding.flagged.tolist() == [0, 2, 4]
    flags = encoding.transform(make.visits(values).values)[:, -3:]
    np.testing.assert_array_equal(flags, np.column_stack([panel, other, np.arange(1_000) < 6]))


def test_rare_levels_are_no_input_and_unseen_ones_are_in_none(make: Any) -> None:
    codes = np.concatenate([np.zeros(600), np.ones(391), np.full(9, 2)])
    encoding = InputEncoding.fit(make.visits(codes[:, None], (make.words("w", "a", "b", "rare"),)))
    assert encoding.levels == ((0, 0), (0, 1))
    said = encoding.transform(np.array([[0], [1], [2], [3], [np.nan]], dtype=np.float32))
    assert said.tolist() == [[1, 0], [0, 1], [0, 0], [0, 0], [0, 0]]


def test_missing_is_a_level_where_it_occurred_in_training(make: Any) -> None:
    codes = np.where(np.arange(500) % 5 == 0, np.nan, np.arange(500) % 2)
    encoding = InputEncoding.fit(make.visits(codes[:, None], (make.words("w", "a", "b"),)))
    assert encoding.transform(np.array([[np.nan], [0]], dtype=np.float32)).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_values_of_other_columns_are_refused(visits: Visits) -> None:
    encoding = InputEncoding.fit(visits)
    with pytest.raises(StudyError, match=r"^Values must have 5 columns, got shape \(700, 4\); give those of training"):
        encoding.transform(visits.values[:, :4])
    with pytest.raises(StudyError, match=r"^Values must have 5 columns, got shape \(5,\); give those of training"):
        encoding.transform(visits.values[0])


@pytest.mark.parametrize("settings", [{"low": 0.9}, {"low": 0.0}, {"high": 1.0}, {"clip": 0}, {"fewest_missing": 1.1}])
def test_settings_out_of_range_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(StudyError, match=r"^Settings of inputs must have 0 < low < high < 1, clip > 0 and"):
        InputSettings(**settings)  # type: ignore[arg-type]
