"""Claims about the small types everything else is built on."""

import pytest

from holdfast.errors import UnknownNameError
from holdfast.measured import Scored, Unscored, wilson


def test_wilson_matches_a_published_value() -> None:
    # Newcombe 1998 (Stat Med 17:857-872), table I: 81 of 263, Wilson without continuity correction 0.2553 to 0.3662.
    scored = wilson(81, 263)
    assert isinstance(scored, Scored)
    assert scored.interval is not None
    assert scored.interval.low == pytest.approx(0.2553, abs=5e-5)
    assert scored.interval.high == pytest.approx(0.3662, abs=5e-5)


def test_no_cases_is_unscored_and_not_zero() -> None:
    assert wilson(0, 0) == Unscored("no cases")


def test_wilson_refuses_more_successes_than_trials() -> None:
    with pytest.raises(ValueError, match="successes must lie in 0 to n=3, got 4"):
        wilson(4, 3)


def test_an_unknown_name_suggests_the_closest() -> None:
    with pytest.raises(UnknownNameError, match="got 'phq9'; did you mean phq-9"):
        raise UnknownNameError("instrument", "phq9", ["phq-9", "gad-7"])
