"""Let every method learn and be judged on every case."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from holdfast.measured import Unscored
from holdfast.study.error import StudyError
from holdfast.study.evaluation.case import Case
from holdfast.study.evaluation.risk_store import RiskStore
from holdfast.study.methods.method import Method, Risk

__all__ = ["Assessment", "Progress", "assess"]

Progress = Callable[[int, int, str], None]
"""Told how many fits are done, of how many, and what is next."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Assessment:
    """The risk that each method gave the test people of each case.

    Attributes:
        cases: In order.
        risks: Method -> a risk a case, in the order of the cases.
        unscored: Method -> why it has none.
        titles: Method -> what it is, those without a risk too.
    """

    cases: tuple[Case, ...]
    risks: Mapping[str, tuple[Risk, ...]]
    unscored: Mapping[str, Unscored]
    titles: Mapping[str, str] = field(default_factory=dict)


def assess(
    cases: Sequence[Case],
    methods: Sequence[Method],
    *,
    store: RiskStore | None = None,
    progress: Progress = lambda _done, _of, _what: None,
) -> Assessment:
    """Fit every method on every case and score the test people.

    A method that cannot score one case is unscored as a whole, with the reason; a figure over fewer cases would not be
    comparable with the others.

    Args:
        cases: See ``train_and_test`` and ``repeated_halves``.
        methods: With distinct names.
        store: Where results are kept, and taken from where they are there.
        progress: See ``Progress``.

    Raises:
        StudyError, RiskError, MetricError: The people of a case cannot be learnt from, or a risk is not finite.
    """
    risks: dict[str, list[Risk]] = {method.name: [] for method in methods}
    unscored: dict[str, Unscored] = {}
    total = len(cases) * len(methods)
    for number, (case, method) in enumerate((c, m) for c in cases for m in methods):
        progress(number, total, f"{method.name}, {case.name}")
        if method.name in unscored:
            continue
        found = None if store is None else store.get(case.name, method.name)
        if found is None:
            found = _fit_and_score(case, method)
            if store is not None:
                store.put(case.name, method.name, found)
        if isinstance(found, Unscored):
            unscored[method.name] = found
        else:
            risks[method.name].append(found)
    progress(total, total, "")
    return Assessment(
        cases=tuple(cases),
        risks={name: tuple(r) for name, r in risks.items() if name not in unscored},
        unscored=unscored,
        titles={method.name: method.title for method in methods},
    )


def _fit_and_score(case: Case, method: Method) -> Risk | Unscored:
    fitted = method.fit(case.train, seed=case.seed)
    risk = fitted if isinstance(fitted, Unscored) else fitted.risk(case.test)
    if isinstance(risk, Unscored):
        return risk
    if risk.shape != (case.test.n_people,) or not np.isfinite(risk).all():
        raise StudyError(
            f"Risk of {method.name!r} must be one finite number a person",
            f"{int((~np.isfinite(risk)).sum())} of {case.test.n_people} that are not",
            "report it: no method may return another",
        )
    return risk
