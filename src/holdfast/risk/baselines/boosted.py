"""Boosted trees under Cox's partial likelihood, by xgboost: the strongest of the usual methods for tables."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.optional import require
from holdfast.risk.baselines.baseline import Risk, Rows
from holdfast.risk.baselines.card import read_card, write_card
from holdfast.risk.baselines.folds import fold_of_each
from holdfast.risk.baselines.inputs import arranged, check_follow_up, check_rows
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.staged import staged

__all__ = ["BoostedBaseline", "BoostedSettings", "FittedTrees"]

MODEL_FILE = "trees.ubj"


@dataclass(frozen=True, kw_only=True)
class BoostedSettings:
    """How boosted trees are fitted.

    Attributes:
        depths: Depths of tree to choose from, each 1 or more.
        learning_rate: What each tree adds, above 0 and at most 1.
        people_share: Share of people each tree sees.
        inputs_share: Share of inputs each tree sees.
        most_rounds: Most trees.
        patience: Rounds without a better fold mean after which a depth is given up.
        folds: Parts that people are dealt into, 2 or more.
        threads: Processor threads; 0: all.
        seed: Of the dealing and of the trees.

    Raises:
        RiskError: A number is out of its range.
    """

    depths: tuple[int, ...] = (2, 3, 4)
    learning_rate: float = 0.05
    people_share: float = 0.7
    inputs_share: float = 0.5
    most_rounds: int = 1000
    patience: int = 30
    folds: int = 5
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.depths or min(self.depths) < 1:
            raise RiskError("Depths must be 1 or more", f"`{self.depths!r}`", "2, 3 and 4 are usual")
        for name in ("learning_rate", "people_share", "inputs_share"):
            value = getattr(self, name)
            if not 0.0 < value <= 1.0:
                raise RiskError(f"Setting {name} must lie above 0 and at most at 1", f"`{value!r}`", "lower it")
        for name, least in (("most_rounds", 1), ("patience", 1), ("folds", 2), ("threads", 0), ("seed", 0)):
            value = getattr(self, name)
            if value < least:
                raise RiskError(f"Setting {name} must be {least} or more", f"`{value!r}`", "raise it")

    def parameters(self, depth: int) -> dict[str, Any]:
        """Return xgboost's parameters for trees of that depth."""
        return {
            "objective": "survival:cox",
            "eval_metric": "cox-nloglik",
            "tree_method": "hist",
            "max_depth": depth,
            "eta": self.learning_rate,
            "subsample": self.people_share,
            "colsample_bytree": self.inputs_share,
            "nthread": self.threads,
            "seed": self.seed,
            "verbosity": 0,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedTrees:
    """What was learnt.

    Attributes:
        columns: The names learnt from, in order.
        trees: xgboost's ``Booster``.
        depth: Of each tree.
        rounds: How many trees.
        cross_validated: Depth -> the best fold mean of minus the partial log-likelihood an event, lower is better.
    """

    columns: tuple[str, ...]
    trees: Any
    depth: int
    rounds: int
    cross_validated: Mapping[int, float]


class BoostedBaseline:
    """Boosted trees for the log hazard (xgboost's ``survival:cox``, ties as Breslow has them).

    A missing value is its own branch at every split; nothing is filled. The risk is the sum of the trees: the log
    hazard up to a number that is the same for everybody. Depth and number of trees are the ones with the lowest mean
    over folds of minus the partial log-likelihood of the people left out, with early stopping; the shallower at a tie.

    Args:
        settings: How to fit.

    Attributes:
        fitted: What was learnt; None before ``fit``.
    """

    name = "xgboost"

    def __init__(self, settings: BoostedSettings | None = None) -> None:
        self.settings = BoostedSettings() if settings is None else settings
        self.fitted: FittedTrees | None = None

    def fit(self, rows: Rows, follow_up: FollowUp, *, columns: Sequence[str]) -> Self:
        """Choose a depth and a number of trees, and fit; see ``Baseline.fit``.

        Raises:
            RiskError: As ``Baseline.fit``; fewer events than folds; no column varies.
            MissingExtraError: xgboost is not installed.
        """
        check_rows(rows, columns)
        check_follow_up(rows, follow_up, least_events=self.settings.folds)
        _check_varies(rows, columns)
        xgboost = require("xgboost", extra="risk")
        matrix = xgboost.DMatrix(rows, label=_labels(follow_up), nthread=self.settings.threads)
        fold = fold_of_each(follow_up, folds=self.settings.folds, seed=self.settings.seed)
        histories = {depth: self._history(xgboost, matrix, fold, depth) for depth in self.settings.depths}
        cross_validated = {depth: float(history.min()) for depth, history in histories.items()}
        depth = min(cross_validated, key=lambda d: (cross_validated[d], d))
        rounds = int(histories[depth].argmin()) + 1
        trees = xgboost.train(self.settings.parameters(depth), matrix, num_boost_round=rounds)
        self.fitted = FittedTrees(
            columns=tuple(columns), trees=trees, depth=depth, rounds=rounds, cross_validated=cross_validated
        )
        return self

    def _history(self, xgboost: Any, matrix: Any, fold: NDArray[np.int64], depth: int) -> NDArray[np.float64]:
        """Return minus the partial log-likelihood an event after each round, a mean over folds."""
        history = xgboost.cv(
            self.settings.parameters(depth),
            matrix,
            num_boost_round=self.settings.most_rounds,
            folds=[(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(self.settings.folds)],
            early_stopping_rounds=self.settings.patience,
            as_pandas=False,
            seed=self.settings.seed,
        )
        return np.asarray(history["test-cox-nloglik-mean"], dtype=np.float64)

    def risk(self, rows: Rows, *, columns: Sequence[str] | None = None) -> Risk:
        """Return each person's log hazard, up to a constant; see ``Baseline.risk``."""
        fitted = self._fitted()
        rows = arranged(rows, columns, fitted.columns)
        xgboost = require("xgboost", extra="risk")
        matrix = xgboost.DMatrix(rows, nthread=self.settings.threads)
        return np.asarray(fitted.trees.predict(matrix, output_margin=True), dtype=np.float64)

    def _fitted(self) -> FittedTrees:
        if self.fitted is None:
            raise RiskError("Baseline must be fitted before it scores or is kept", "one that was not", "call fit")
        return self.fitted

    def save(self, folder: Path) -> None:
        """Write what was learnt into ``folder``: a card and the trees in xgboost's own binary JSON."""
        fitted = self._fitted()
        content = {
            "settings": asdict(self.settings),
            "columns": list(fitted.columns),
            "depth": fitted.depth,
            "rounds": fitted.rounds,
            "cross_validated": [list(pair) for pair in fitted.cross_validated.items()],
        }
        with staged(folder) as beside:
            beside.mkdir(parents=True)
            write_card(beside, self.name, content)
            fitted.trees.save_model(beside / MODEL_FILE)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote; see ``Baseline.load``."""
        card = read_card(folder, cls.name)
        loaded = cls(BoostedSettings(**{**card["settings"], "depths": tuple(card["settings"]["depths"])}))
        loaded.fitted = FittedTrees(
            columns=tuple(card["columns"]),
            trees=_read_trees(folder / MODEL_FILE),
            depth=card["depth"],
            rounds=card["rounds"],
            cross_validated=dict(card["cross_validated"]),
        )
        return loaded


def _labels(follow_up: FollowUp) -> NDArray[np.float32]:
    """Return what xgboost wants: time, below 0 for a censored person.

    Only the order of times matters to a partial likelihood, so their ranks stand for them: equal times stay equal and
    unequal ones unequal, which float32 years would not.
    """
    _, rank = np.unique(follow_up.years, return_inverse=True)
    return np.where(follow_up.event, rank + 1, -(rank + 1)).astype(np.float32)


def _check_varies(rows: Rows, columns: Sequence[str]) -> None:
    """Check that a column says something, be it only by being missing."""
    known = ~np.isnan(rows)
    low = np.where(known, rows, np.inf).min(axis=0)
    high = np.where(known, rows, -np.inf).max(axis=0)
    partly = known.any(axis=0) & ~known.all(axis=0)
    if not ((low < high) | partly).any():
        raise RiskError(
            "Inputs must vary between people",
            f"{len(columns)} of {len(columns)} columns that are constant or never measured",
            "give at least one that does",
            columns=columns,
        )


def _read_trees(path: Path) -> Any:
    xgboost = require("xgboost", extra="risk")
    trees = xgboost.Booster()
    try:
        trees.load_model(path)
    except xgboost.core.XGBoostError as error:
        raise RiskError(
            f"{path.name} must hold the trees", "none that xgboost reads", "name the folder that `save` wrote"
        ) from error
    return trees
