"""What stress does to values, seen by a model that keeps what it is shown."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from holdfast.study.judging.foretelling import Foretold
from holdfast.study.judging.settings import JudgingSettings
from holdfast.study.judging.stress_figures import DROPPED_SHARES, NOISE_SPREADS, stress_figures


@dataclass
class Watcher:
    """Gives the first column as the risk, and keeps every table of values that it was asked about."""

    seen: list[NDArray[np.float32]] = field(default_factory=list)

    def risk_of(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        self.seen.append(values)
        return np.nan_to_num(values[:, 0].astype(np.float64))

    def score(self, values: NDArray[np.float32]) -> Any:
        return SimpleNamespace(abstention=np.isnan(values[:, 0]).astype(np.uint8))


@pytest.fixture(scope="module")
def shown(make: Any) -> tuple[NDArray[np.float32], list[NDArray[np.float32]], Any]:
    generator = np.random.default_rng(0)
    values = generator.normal(5, 2, size=(2_000, 4)).astype(np.float32)
    values[:, 3] = generator.integers(0, 2, 2_000)
    values[generator.random(values.shape) < 0.2] = np.nan
    columns = (*(make.number(f"c{i}") for i in range(3)), make.words("w", "a", "b"))
    test = make.visits(values, columns, follow_up=make.follow_up(np.nan_to_num(values[:, 0]), seed=1))
    watcher = Watcher()
    risk = np.nan_to_num(values[:, 0].astype(np.float64))
    found: Any = replace(
        Foretold(
            model=watcher,  # type: ignore[arg-type]
            test=test,
            estimates=None,  # type: ignore[arg-type]
            titles={"model": ""},
            risks={"model": risk},
            unscored={},
            fitted={},
            horizons_years=(),
            absolute={},
        )
    )
    rows = stress_figures(found, JudgingSettings(resamples=5), lambda *_: None)
    return values, watcher.seen, rows


def test_the_share_asked_for_is_dropped_and_nothing_else_changes(shown: Any) -> None:
    values, seen, _ = shown
    known = ~np.isnan(values)
    for share, dropped in zip(DROPPED_SHARES, seen[:3], strict=True):
        assert np.isnan(dropped[known]).mean() == pytest.approx(share, abs=0.02)
        left = ~np.isnan(dropped)
        np.testing.assert_array_equal(dropped[left], values[left])


def test_noise_has_the_spread_asked_for_and_stays_within_what_was_seen(shown: Any) -> None:
    values, seen, _ = shown
    for spread, noisy in zip(NOISE_SPREADS, seen[3:], strict=True):
        added = noisy[:, 0] - values[:, 0]
        expected = spread * np.nanstd(values[:, 0])
        assert np.nanstd(added) == pytest.approx(expected, rel=0.12)
        assert np.nanmin(noisy[:, 0]) >= np.nanmin(values[:, 0])
        assert np.nanmax(noisy[:, 0]) <= np.nanmax(values[:, 0])


def test_noise_fills_nothing_in_and_leaves_categories_alone(shown: Any) -> None:
    values, seen, _ = shown
    for noisy in seen[3:]:
        np.testing.assert_array_equal(np.isnan(noisy), np.isnan(values))
        np.testing.assert_array_equal(noisy[:, 3], values[:, 3])


def test_abstentions_under_stress_are_counted_for_the_model(shown: Any) -> None:
    _, seen, rows = shown
    assert [row.abstained for row in rows] == [int(np.isnan(one[:, 0]).sum()) for one in seen]
