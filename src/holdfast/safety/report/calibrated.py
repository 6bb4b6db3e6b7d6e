"""Whether estimates of risk say how often there is risk, where a layer gives any."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from holdfast.measured import Measurement, measurement_to_dict, wilson
from holdfast.safety.report.case import Case, Label

__all__ = ["CalibrationBin", "calibration_bins"]

_BINS = 10


@dataclass(frozen=True, kw_only=True)
class CalibrationBin:
    """Cases of like estimates: the mean of the estimates, and the share of risk among them."""

    predicted: float
    observed: Measurement

    def to_dict(self) -> dict[str, Any]:
        """Return the figures, JSON-ready."""
        return {"predicted": self.predicted, "observed": measurement_to_dict(self.observed)}


def calibration_bins(cases: Sequence[Case], estimates: Mapping[str, float]) -> tuple[CalibrationBin, ...]:
    """Return tenths of the cases, lowest estimates first. Passing and past signs, which are neither, are left out.

    Args:
        cases: Labelled cases.
        estimates: A probability of risk for each by its id. A case without one is left out.
    """
    kept = [case for case in cases if case.label is not Label.NOTICE and case.id in estimates]
    ordered = sorted(kept, key=lambda case: (estimates[case.id], case.id))
    edges = [round(number * len(ordered) / _BINS) for number in range(_BINS + 1)]
    tenths = [ordered[start:end] for start, end in pairwise(edges) if end > start]
    return tuple(
        CalibrationBin(
            predicted=sum(estimates[case.id] for case in some) / len(some),
            observed=wilson(sum(case.label is Label.RISK for case in some), len(some)),
        )
        for some in tenths
    )
