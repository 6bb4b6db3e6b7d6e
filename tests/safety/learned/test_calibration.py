"""Claims about calibration: it is Platt's formula, it rises, and thresholds are obeyed and refused when crossed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import ContentError
from holdfast.safety.detection.verdict import Level
from holdfast.safety.learned import Calibration, Calibrations
from holdfast.safety.learned.calibration import DEFAULT

ONE = Calibration(slope=2.0, intercept=-1.0, ask=0.4, crisis=0.8)
OTHER = Calibration(slope=1.0, intercept=0.0, ask=0.5, crisis=0.5)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 9), st.floats(-5, 5))
def test_probability_rises_with_relative_distance(a: float, b: float, slope: float, intercept: float) -> None:
    scale = Calibration(slope=slope, intercept=intercept, ask=0.5, crisis=0.5)
    low, high = sorted((a, b))
    assert 0 <= scale.probability(low) <= scale.probability(high) <= 1
    if low > 0.01 and high < 0.99 and high - low > 0.01 and slope * 9 < 30:
        assert scale.probability(low) < scale.probability(high)


def test_probabilities_are_those_worked_out_by_hand() -> None:
    """At 1/2 the log odds are 0; at 0.8 they are ln 4, so the odds are 16 / e."""
    assert ONE.probability(0.5) == pytest.approx(1 / (1 + math.e))
    assert ONE.probability(0.8) == pytest.approx(16 / math.e / (1 + 16 / math.e))
    assert OTHER.probability(0.3) == pytest.approx(0.3)


def test_below_ask_nothing_is_done_and_from_crisis_on_the_protocol_leads() -> None:
    found = [ONE.level(p) for p in (0.0, 0.3999, 0.4, 0.7999, 0.8, 1.0)]
    assert found == [Level.NONE, Level.NONE, Level.CONCERN, Level.CONCERN, Level.CRISIS, Level.CRISIS]
    assert [OTHER.level(p) for p in (0.49, 0.5)] == [Level.NONE, Level.CRISIS]


@pytest.mark.parametrize(
    ("slope", "ask", "crisis"),
    [(0.0, 0.4, 0.8), (-1.0, 0.4, 0.8), (math.nan, 0.4, 0.8), (1.0, 0.0, 0.8), (1.0, 0.9, 0.8), (1.0, math.nan, 0.8)],
)
def test_a_calibration_that_falls_or_whose_thresholds_cross_is_refused(slope: float, ask: float, crisis: float) -> None:
    with pytest.raises(ContentError, match="must rise and have 0 <= calm <= ask <= crisis"):
        Calibration(slope=slope, intercept=0.0, ask=ask, crisis=crisis)


@pytest.mark.parametrize("calm", [-0.1, 0.41, math.nan])
def test_what_is_asked_about_is_never_clearly_harmless(calm: float) -> None:
    with pytest.raises(ContentError, match=f"calm {calm!r}"):
        Calibration(slope=1.0, intercept=0.0, calm=calm, ask=0.4, crisis=0.8)


def test_a_language_without_its_own_has_that_of_any() -> None:
    calibrations = Calibrations({DEFAULT: ONE, "de": OTHER})
    assert calibrations.of("de") is OTHER
    assert calibrations.of("fr") is ONE
    assert calibrations.of(DEFAULT) is ONE
    assert Calibrations.from_dict(calibrations.to_dict()) == calibrations


def test_calibrations_without_one_for_any_language_are_refused() -> None:
    with pytest.raises(ContentError, match="must hold one under 'any'"):
        Calibrations({"de": OTHER})
