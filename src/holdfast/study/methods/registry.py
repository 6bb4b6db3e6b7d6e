"""Every method of a comparison, by name."""

from collections.abc import Callable, Sequence
from typing import Final

from holdfast.errors import UnknownNameError
from holdfast.measured import Unscored
from holdfast.study.methods.baseline_methods import (
    age_method,
    boosted_method,
    cox_method,
    hinged_cox_method,
    phenoage_method,
)
from holdfast.study.methods.method import FittedMethod, Method, MethodSettings
from holdfast.study.methods.representation_methods import representation_methods
from holdfast.study.visits.visits import Visits

__all__ = ["ALL", "METHODS", "make_methods"]

ALL: Final = "all"

METHODS: Final = (
    "age",
    "cox",
    "cox-hinges",
    "xgboost",
    "phenoage",
    "raw-centroid",
    "raw",
    "pca",
    "ica",
    "dae",
    "vae",
    "scarf",
    "triplet",
    "nplb-centroid",
    "nplb-relative",
    "nplb-unled",
    "teachers",
    "nplb",
)
"""Baselines, then representations from plain to learnt, then what our method is made of, and ours."""


def make_methods(names: Sequence[str], settings: MethodSettings) -> tuple[Method, ...]:
    """Make methods by name; ``("all",)`` makes every one, in the order of ``METHODS``.

    Raises:
        UnknownNameError: There is no method of a name.
    """
    for name in names:
        if name != ALL and name not in METHODS:
            raise UnknownNameError("method", name, (ALL, *METHODS))
    made = _all(settings)
    return tuple(made[name] for name in METHODS if ALL in names or name in names)


class _NotHere:
    """A method that these people or inputs do not allow, and why."""

    def __init__(self, name: str, reason: Unscored) -> None:
        self.name, self.title, self._reason = name, name, reason

    def fit(self, train: Visits, *, seed: int) -> FittedMethod | Unscored:
        del train, seed
        return self._reason


def _all(settings: MethodSettings) -> dict[str, Method]:
    from holdfast.study.methods.nplb_method import nplb_method, teachers_method, unled_method

    baselines: dict[str, Callable[[MethodSettings], Method | Unscored]] = {
        "age": age_method,
        "cox": cox_method,
        "cox-hinges": hinged_cox_method,
        "xgboost": boosted_method,
        "phenoage": phenoage_method,
        "nplb-unled": unled_method,
        "teachers": teachers_method,
        "nplb": nplb_method,
    }
    found = {name: make(settings) for name, make in baselines.items()}
    there = {name: _NotHere(name, m) if isinstance(m, Unscored) else m for name, m in found.items()}
    return {**there, **{method.name: method for method in representation_methods(settings)}}
