"""Estimates written as a table come back as they were."""

import numpy as np
import polars as pl
import pytest

from holdfast.measured import Unscored
from holdfast.risk.estimates import AbsoluteRisks, RiskEstimates
from holdfast.study.error import StudyError
from holdfast.study.scoring.stored_estimates import estimates_of

ABSTENTION = np.array([0, 1, 0, 2], dtype=np.uint8)


def estimates(absolute: AbsoluteRisks | Unscored) -> RiskEstimates:
    return RiskEstimates(
        abstention=ABSTENTION,
        rows=np.array([0, 2]),
        score=np.array([0.5, 2.0]),
        percentile=np.array([40.0, 99.0]),
        group=np.array([0, 2], dtype=np.uint8),
        absolute=absolute,
        intervals=Unscored("not asked for"),
    )


def test_what_was_written_comes_back() -> None:
    absolute = AbsoluteRisks(horizons_years=(2.0, 5.0), risks=np.array([[0.1, 0.2], [0.3, 0.4]]))
    found = estimates_of(estimates(absolute).to_frame(["a", "b", "c", "d"]))
    assert (found.abstention == ABSTENTION).all()
    assert [found.of(i) for i in range(4)][1::2] == [estimates(absolute).of(i) for i in (1, 3)]
    assert found.rows.tolist() == [0, 2]
    assert found.score.tolist() == [0.5, 2.0]
    assert found.group.tolist() == [0, 2]
    assert isinstance(found.absolute, AbsoluteRisks)
    assert found.absolute.horizons_years == (2.0, 5.0)
    assert (found.absolute.risks == absolute.risks).all()


def test_without_absolute_risks_there_are_none() -> None:
    found = estimates_of(estimates(Unscored("no horizon")).to_frame(["a", "b", "c", "d"]))
    assert found.absolute == Unscored("no absolute risk was fitted")


def test_another_table_is_refused() -> None:
    with pytest.raises(StudyError, match=r"^Table must hold estimates, got no 'abstention'; score first"):
        estimates_of(pl.DataFrame({"score": [1.0], "percentile": [1.0], "group": ["normal"]}))
