"""Estimates read back from a table that scoring wrote."""

import numpy as np
import polars as pl

from holdfast.measured import Unscored
from holdfast.risk.estimates import AbsoluteRisks, Abstention, RiskEstimates
from holdfast.risk.groups import GROUP_NAMES
from holdfast.study.error import StudyError

__all__ = ["estimates_of"]


def estimates_of(frame: pl.DataFrame) -> RiskEstimates:
    """Read the estimates of a frame; intervals are left aside.

    Raises:
        StudyError: It is not a table that scoring wrote.
    """
    needed = {"score", "percentile", "group", "abstention"}
    if not needed <= set(frame.columns):
        raise StudyError("Table must hold estimates", f"no {sorted(needed - set(frame.columns))[0]!r}", "score first")
    reasons = {code.reason: int(code) for code in Abstention if code}
    abstention = (
        frame["abstention"].cast(pl.String).replace_strict(reasons, default=0, return_dtype=pl.UInt8).fill_null(0)
    ).to_numpy()
    rows = np.flatnonzero(abstention == 0)
    kept = frame[rows]
    groups = {name: code for code, name in enumerate(GROUP_NAMES)}
    return RiskEstimates(
        abstention=abstention,
        rows=rows,
        score=kept["score"].to_numpy().astype(np.float64),
        percentile=kept["percentile"].to_numpy().astype(np.float64),
        group=kept["group"].cast(pl.String).replace_strict(groups, return_dtype=pl.UInt8).to_numpy(),
        absolute=_absolute(kept),
        intervals=Unscored("not read"),
    )


def _absolute(frame: pl.DataFrame) -> AbsoluteRisks | Unscored:
    names = [name for name in frame.columns if name.startswith("risk_") and name.endswith("_years")]
    if not names:
        return Unscored("no absolute risk was fitted")
    horizons = tuple(float(name.removeprefix("risk_").removesuffix("_years")) for name in names)
    return AbsoluteRisks(horizons_years=horizons, risks=frame.select(names).to_numpy().astype(np.float64))
