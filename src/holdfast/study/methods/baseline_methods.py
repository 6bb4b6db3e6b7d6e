"""Age, Cox, boosted trees and phenotypic age as methods of a comparison."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from holdfast.measured import Unscored
from holdfast.risk.baselines.age import AgeBaseline
from holdfast.risk.baselines.baseline import Baseline
from holdfast.risk.baselines.boosted import BoostedBaseline, BoostedSettings
from holdfast.risk.baselines.cox import CoxBaseline, CoxSettings
from holdfast.risk.baselines.phenoage import PhenoAge
from holdfast.risk.error import RiskError
from holdfast.study.methods.method import FittedMethod, MethodSettings, Risk
from holdfast.study.methods.plain_rows import PlainRows
from holdfast.study.visits.visits import Visits

__all__ = ["BaselineMethod", "age_method", "boosted_method", "cox_method", "hinged_cox_method", "phenoage_method"]

Made = Callable[[int], Any]
"""Seed -> a ``Baseline``."""


@dataclass(frozen=True, kw_only=True)
class BaselineMethod:
    """A baseline over rows.

    Attributes:
        name, title: See ``Method``.
        make: Makes the baseline for a seed.
        is_picky: Whether what the baseline refuses makes it unscored, because others can do without: a marker that was
            not measured, an age that is missing. Otherwise a refusal is an error.
    """

    name: str
    title: str
    make: Made
    is_picky: bool = False

    def fit(self, train: Visits, *, seed: int) -> FittedMethod | Unscored:
        """Learn; see ``Method.fit``."""
        rows = PlainRows.of(train)
        baseline: Baseline = self.make(seed)
        try:
            baseline.fit(rows.transform(train), train.outcome, columns=rows.columns)
        except RiskError as error:
            if not self.is_picky:
                raise
            return Unscored(str(error))
        return _Fitted(baseline=baseline, rows=rows, is_picky=self.is_picky)


@dataclass(frozen=True, kw_only=True)
class _Fitted:
    baseline: Baseline
    rows: PlainRows
    is_picky: bool

    def risk(self, visits: Visits) -> Risk | Unscored:
        try:
            return self.baseline.risk(self.rows.transform(visits))
        except RiskError as error:
            if not self.is_picky:
                raise
            return Unscored(str(error))


def age_method(settings: MethodSettings) -> BaselineMethod | Unscored:
    """Age alone."""
    if settings.age is None:
        return Unscored("no input holds age")
    age = settings.age
    return BaselineMethod(name="age", title="Age alone", make=lambda _seed: AgeBaseline(age), is_picky=True)


def cox_method(settings: MethodSettings) -> BaselineMethod:  # noqa: ARG001 - methods are made alike
    """Cox with a ridge, inputs as they are."""
    return BaselineMethod(
        name="cox",
        title="Cox, ridge by cross-validation",
        make=lambda seed: CoxBaseline(CoxSettings(expand=False, seed=seed)),
    )


def hinged_cox_method(settings: MethodSettings) -> BaselineMethod:  # noqa: ARG001 - methods are made alike
    """Cox with a ridge, inputs logged, bent and flagged."""
    return BaselineMethod(
        name="cox-hinges",
        title="Cox, ridge, with logs, hinges and missing flags",
        make=lambda seed: CoxBaseline(CoxSettings(seed=seed)),
    )


def boosted_method(settings: MethodSettings) -> BaselineMethod:
    """Boosted trees."""
    threads = settings.threads
    return BaselineMethod(
        name="xgboost",
        title="Boosted trees (xgboost, Cox loss), depth and rounds by cross-validation",
        make=lambda seed: BoostedBaseline(BoostedSettings(seed=seed, threads=threads)),
    )


def phenoage_method(settings: MethodSettings) -> BaselineMethod:  # noqa: ARG001 - methods are made alike
    """Phenotypic age; a marker that somebody lacks is the training median, so that the same people are compared."""
    return BaselineMethod(
        name="phenoage",
        title="PhenoAge (Levine 2018), training median where a person lacks a marker",
        make=lambda _seed: PhenoAge(fill="training median"),
        is_picky=True,
    )
