"""Claims about the interval of a paired difference."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import multinomial

from holdfast.measured import Scored, Unscored
from holdfast.safety.report.paired import paired_difference

Z = 1.959963984540054


def of_table(both: int, first: int, second: int, neither: int) -> Scored:
    ones = [True] * (both + first) + [False] * (second + neither)
    others = [True] * both + [False] * first + [True] * second + [False] * neither
    found = paired_difference(ones, others)
    assert isinstance(found, Scored)
    return found


def test_the_interval_is_the_published_one() -> None:
    """Fagerland, Lydersen and Laake, Statistics in Medicine 2014;33:2850, table V: Tango's score interval."""
    found = of_table(1, 1, 7, 12)
    assert found.interval is not None
    assert (round(found.interval.low, 3), round(found.interval.high, 3)) == (-0.517, -0.026)
    assert found.value == pytest.approx(-6 / 21)


def score(table: tuple[int, int, int, int], difference: float) -> float:
    """Return the score statistic at ``difference``, with the nuisance share by maximum likelihood found numerically."""
    both, first, second, neither = table
    n = sum(table)

    def lost(share: float) -> float:
        rest = 1 - 2 * share - difference
        chances = np.clip([share + difference, share, rest], 1e-300, None)
        return -float(multinomial.logpmf([first, second, both + neither], n, chances / chances.sum()))

    low, high = max(0.0, -difference), (1 - difference) / 2
    share = minimize_scalar(lost, bounds=(low, high), method="bounded", options={"xatol": 1e-12}).x
    return (first - second - n * difference) / np.sqrt(n * (2 * share + difference * (1 - difference)))


@pytest.mark.parametrize("table", [(50, 6, 2, 10), (10, 1, 9, 3), (100, 3, 3, 0), (0, 4, 4, 0)])
def test_at_its_ends_the_score_is_the_normal_quantile(table: tuple[int, int, int, int]) -> None:
    interval = of_table(*table).interval
    assert interval is not None
    assert score(table, interval.low) == pytest.approx(Z, abs=1e-3)
    assert score(table, interval.high) == pytest.approx(-Z, abs=1e-3)


def test_where_the_two_never_differ_the_interval_still_has_a_width() -> None:
    interval = of_table(100, 0, 0, 20).interval
    assert interval is not None
    assert interval.high == pytest.approx(Z * Z / (120 + Z * Z), abs=1e-6)
    assert interval.low == pytest.approx(-interval.high, abs=1e-9)


@pytest.mark.parametrize("table", [(5, 3, 1, 4), (0, 7, 0, 0), (0, 0, 7, 0)])
def test_swapping_the_two_turns_the_interval_around(table: tuple[int, int, int, int]) -> None:
    there, back = of_table(*table), of_table(table[0], table[2], table[1], table[3])
    assert there.interval is not None
    assert back.interval is not None
    assert (there.interval.low, there.interval.high) == pytest.approx((-back.interval.high, -back.interval.low))


def test_cases_that_hang_together_count_as_one() -> None:
    ones, others = [True] * 5 + [False] * 5, [True] * 3 + [False] * 7
    clusters = list(range(10))
    assert paired_difference(ones * 9, others * 9, clusters=clusters * 9) == paired_difference(ones, others)


def test_a_cluster_goes_in_with_its_mean() -> None:
    found = paired_difference([True, True, False], [False, True, False], clusters=["a", "a", "b"])
    assert isinstance(found, Scored)
    assert (found.value, found.n) == (0.25, 2)


def test_without_cases_there_is_no_difference() -> None:
    assert paired_difference([], []) == Unscored("no cases")


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        paired_difference([True], [])
