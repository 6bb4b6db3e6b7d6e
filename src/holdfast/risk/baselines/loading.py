"""Read a kept baseline of any kind."""

from pathlib import Path

from holdfast.risk.baselines.age import AgeBaseline
from holdfast.risk.baselines.baseline import Baseline
from holdfast.risk.baselines.boosted import BoostedBaseline
from holdfast.risk.baselines.card import read_name
from holdfast.risk.baselines.cox import CoxBaseline
from holdfast.risk.baselines.phenoage import PhenoAge
from holdfast.risk.error import RiskError

__all__ = ["load_baseline"]


def load_baseline(folder: Path) -> Baseline:
    """Read the baseline that is kept in ``folder``.

    Raises:
        RiskError: The folder holds none, or one of an unknown kind.
        MissingExtraError: It holds boosted trees and xgboost is not installed.
    """
    name = read_name(folder)
    kinds: dict[str, type[Baseline]] = {
        kind.name: kind for kind in (AgeBaseline, BoostedBaseline, CoxBaseline, PhenoAge)
    }
    if name not in kinds:
        raise RiskError("Baseline must be of a known kind", f"`{name!r}`", f"choose from {', '.join(sorted(kinds))}")
    return kinds[name].load(folder)
