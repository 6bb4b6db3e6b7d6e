"""Which healthy rule goes with a cohort: a study's own where it has one."""

from pathlib import Path

import holdfast.cohort.nhanes
from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.phenotypes import HealthyRule, load_healthy_rule

__all__ = ["healthy_rule_of"]


def healthy_rule_of(cohort: Cohort, file: Path | None = None) -> HealthyRule:
    """Return the rule of a file, or the one that comes with Holdfast for the cohort's study.

    Raises:
        ContentError: The file does not fit.
    """
    if file is not None:
        return load_healthy_rule(file)
    if cohort.provenance.loader == "nhanes":
        return load_healthy_rule(Path(holdfast.cohort.nhanes.__file__).with_name("healthy.yaml"))
    return load_healthy_rule()
