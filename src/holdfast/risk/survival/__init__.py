"""How well a risk foretells what comes, for whom, and how sure that is. Numpy and scipy only; higher risk is worse."""

from holdfast.risk.survival.brier import brier_score, integrated_brier_score, scaled_brier_score
from holdfast.risk.survival.calibration import Calibration, CalibrationGroup, calibration
from holdfast.risk.survival.censoring import CensoringDistribution
from holdfast.risk.survival.concordance import Concordance, concordance_within, harrell_concordance, uno_concordance
from holdfast.risk.survival.concordance_pairs import ConcordancePairs
from holdfast.risk.survival.cox_slope import cox_slope
from holdfast.risk.survival.decision_curve import DecisionPoint, decision_curve
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.risk.survival.horizon_auc import horizon_auc
from holdfast.risk.survival.kaplan_meier import KaplanMeier
from holdfast.risk.survival.paired_concordance import (
    ConcordanceDifference,
    ConcordanceDraws,
    SplitRisks,
    paired_concordance,
    split_concordance,
)
from holdfast.risk.survival.reclassification import (
    Reclassification,
    category_reclassification,
    continuous_reclassification,
)
from holdfast.risk.survival.repeated_splits import SplitsTest, corrected_resampled_t, five_by_two_t
from holdfast.risk.survival.resampling import bootstrapped, percentile_interval
from holdfast.risk.survival.subgroups import Subgroup, SubgroupGap, by_subgroup, subgroup_gaps

__all__ = [
    "Calibration",
    "CalibrationGroup",
    "CensoringDistribution",
    "Concordance",
    "ConcordanceDifference",
    "ConcordanceDraws",
    "ConcordancePairs",
    "DecisionPoint",
    "FollowUp",
    "KaplanMeier",
    "Reclassification",
    "SplitRisks",
    "SplitsTest",
    "Subgroup",
    "SubgroupGap",
    "bootstrapped",
    "brier_score",
    "by_subgroup",
    "calibration",
    "category_reclassification",
    "concordance_within",
    "continuous_reclassification",
    "corrected_resampled_t",
    "cox_slope",
    "decision_curve",
    "five_by_two_t",
    "harrell_concordance",
    "horizon_auc",
    "integrated_brier_score",
    "paired_concordance",
    "percentile_interval",
    "scaled_brier_score",
    "split_concordance",
    "subgroup_gaps",
    "uno_concordance",
]
