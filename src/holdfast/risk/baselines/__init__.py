"""What our risk is compared with: age, Cox, boosted trees, phenotypic age. One protocol; higher is worse."""

from holdfast.risk.baselines.age import AgeBaseline
from holdfast.risk.baselines.baseline import Baseline
from holdfast.risk.baselines.boosted import BoostedBaseline, BoostedSettings
from holdfast.risk.baselines.cox import CoxBaseline, CoxSettings
from holdfast.risk.baselines.loading import load_baseline
from holdfast.risk.baselines.phenoage import PhenoAge, PhenoAges

__all__ = [
    "AgeBaseline",
    "Baseline",
    "BoostedBaseline",
    "BoostedSettings",
    "CoxBaseline",
    "CoxSettings",
    "PhenoAge",
    "PhenoAges",
    "load_baseline",
]
