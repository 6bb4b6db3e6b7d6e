"""Claims about what an alarm is worth."""

import pytest
from scipy.stats import binom

from holdfast.measured import Scored, Unscored
from holdfast.safety.report.base_rates import BASE_RATES, Counts, predictive_values


def test_the_value_is_what_counting_messages_gives() -> None:
    """Of 100,000 messages, 1,000 signal risk: 900 are flagged; of the 99,000 others, one in 50: 1,980."""
    at_one_percent = predictive_values(Counts(90, 100), Counts(2, 100))[BASE_RATES.index(0.01)]
    assert isinstance(at_one_percent.value, Scored)
    assert at_one_percent.value.value == pytest.approx(900 / (900 + 1_980))
    assert isinstance(at_one_percent.alarms_per_1000, Scored)
    assert at_one_percent.alarms_per_1000.value == pytest.approx(28.8)


def test_it_grows_with_the_base_rate_and_lies_within_its_interval() -> None:
    values = [one.value for one in predictive_values(Counts(45, 50), Counts(3, 60))]
    assert all(isinstance(one, Scored) and one.interval for one in values)
    assert [one.value for one in values] == sorted(one.value for one in values)  # type: ignore[union-attr]
    assert all(one.interval.low <= one.value <= one.interval.high for one in values)  # type: ignore[union-attr]


@pytest.mark.parametrize(("sensitivity", "fallout"), [(0.9, 0.05), (0.97, 0.01), (0.6, 0.2)])
def test_the_interval_covers_the_truth_about_as_often_as_it_says_or_more(sensitivity: float, fallout: float) -> None:
    n, p = 40, 0.02
    truth = sensitivity * p / (sensitivity * p + fallout * (1 - p))
    covered = 0.0
    for hits in range(n + 1):
        for alarms in range(n + 1):
            value = predictive_values(Counts(hits, n), Counts(alarms, n), base_rates=(p,))[0].value
            if isinstance(value, Scored) and value.interval and value.interval.low <= truth <= value.interval.high:
                covered += binom.pmf(hits, n, sensitivity) * binom.pmf(alarms, n, fallout)
    assert covered >= 0.95 - 0.02, "Wilson intervals themselves cover a little less than they say near 0 and 1"


def test_nothing_flagged_has_no_worth_and_no_cases_measure_nothing() -> None:
    assert predictive_values(Counts(0, 9), Counts(0, 9))[0].value == Unscored("nothing was flagged")
    assert isinstance(predictive_values(Counts(0, 0), Counts(1, 9))[0].value, Unscored)
    assert isinstance(predictive_values(Counts(3, 9), Counts(0, 0))[0].alarms_per_1000, Unscored)


def test_where_no_benign_message_is_flagged_the_best_case_is_that_every_alarm_is_right() -> None:
    value = predictive_values(Counts(9, 9), Counts(0, 50))[0].value
    assert isinstance(value, Scored)
    assert value.interval is not None
    assert (value.value, value.interval.high) == (1.0, 1.0)
    assert value.interval.low < 0.1
