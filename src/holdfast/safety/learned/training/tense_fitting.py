"""Teach a model to tell past from present, its encoder left as it is: logistic regression on the vectors it makes."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

from holdfast.safety.detection.verdict import Level, Tense
from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.tense_head import TenseHead, leads
from holdfast.safety.learned.training.cross_fitting import Fold
from holdfast.safety.learned.training.taught import Encode, Taught
from holdfast.safety.utterances.utterance import Utterance

__all__ = [
    "MOST_LINES",
    "TOLD_RIGHT",
    "Judged",
    "carrying",
    "fit_tense",
    "judged_by",
    "judged_on",
    "stratified",
    "taught",
    "teach",
]

TOLD_RIGHT = (0.95, 0.9)
"""Of what is told, the share that has to be right in each tense: the first that can be had, or none is ever told."""

MOST_LINES = 8_000
"""Lines that a slow encoder's head is taught from."""

_FEWEST = 20
"""Lines of each tense that must be told for the margin to rest on anything."""


@dataclass(frozen=True)
class Judged:
    """Lines a head was not taught from: how likely it calls each tense, shape (lines, tenses), and the labels."""

    likely: Vectors
    labels: tuple[Tense, ...]


def carrying(utterances: Iterable[Utterance]) -> list[Utterance]:
    """Return the utterances with a sign of danger whose tense is known: of harmless words there is nothing to tell."""
    return [one for one in utterances if one.level > Level.NONE and one.tense is not Tense.UNKNOWN]


def stratified(utterances: Sequence[Utterance], most: int = MOST_LINES) -> list[Utterance]:
    """Return at most ``most`` of ``utterances``, always the same, with an even share for each tense.

    A tense with fewer lines than its even share gives them all, and the rest goes to the others.
    """
    by_tense: dict[Tense, list[Utterance]] = defaultdict(list)
    for one in sorted(utterances, key=lambda one: hashlib.sha256(one.id.encode()).hexdigest()):
        by_tense[one.tense].append(one)
    kept: list[Utterance] = []
    for left, some in zip(range(len(by_tense), 0, -1), sorted(by_tense.values(), key=len), strict=True):
        kept += some[: (most - len(kept)) // left]
    return kept


def fit_tense(vectors: Vectors, labels: Sequence[Tense]) -> TenseHead | None:
    """Return a head that tells nothing yet: its margin is to be set; None where there are fewer than two tenses.

    Args:
        vectors: Shape (lines, dimensions).
        labels: The tense of each line.
    """
    tenses = tuple(tense for tense in Tense if tense in labels)
    if len(tenses) < 2:
        return None
    fit = LogisticRegression(C=1.0, max_iter=2000).fit(vectors, [tenses.index(tense) for tense in labels])
    weights, offsets = fit.coef_.T, fit.intercept_
    if len(tenses) == 2:  # one machine stands for both: half its scores for one, half against the other
        weights, offsets = np.hstack([-weights, weights]) / 2, np.hstack([-offsets, offsets]) / 2
    return TenseHead(
        weights=np.ascontiguousarray(weights, dtype=np.float32),
        offsets=np.asarray(offsets, dtype=np.float32),
        tenses=tenses,
        margin=1.0,
    )


def judged_on(head: TenseHead, encode: Encode, lines: Iterable[Utterance]) -> Judged | None:
    """Return those of ``lines`` that carry a tense, judged by ``head``, not taught from them; None without any."""
    some = carrying(lines)
    if not some:
        return None
    vectors = encode([one.text for one in some])
    return Judged(head.probabilities(vectors), tuple(one.tense for one in some))


def judged_by(folds: Sequence[Fold]) -> Judged | None:
    """Return the lines held from each fold, judged by a head taught on what its encoder saw; None where none can be."""
    likely: list[Vectors] = []
    labels: list[Tense] = []
    for fold in folds:
        seen, held = carrying(fold.seen), carrying(fold.held)
        head = fit_tense(fold.encoder.encode([one.text for one in seen]), [one.tense for one in seen]) if seen else None
        if head is not None and held:
            likely.append(head.probabilities(fold.encoder.encode([one.text for one in held])))
            labels += [one.tense for one in held]
    return Judged(np.concatenate(likely), tuple(labels)) if likely else None


def teach(
    encode: Encode, lines: Iterable[Utterance], judge: Callable[[TenseHead], Judged | None]
) -> Taught[TenseHead] | None:
    """Return a head taught from ``lines``; None where their tenses cannot be told apart well enough.

    Args:
        encode: Returns the vectors of texts.
        lines: Utterances; those that carry no tense are left out.
        judge: Returns lines that a head like it was not taught from, judged by it.
    """
    some = carrying(lines)
    head = fit_tense(encode([one.text for one in some]), [one.tense for one in some]) if some else None
    judged = None if head is None else judge(head)
    return None if head is None or judged is None else taught(head, judged, lines=len(some))


def taught(head: TenseHead, judged: Judged, *, lines: int) -> Taught[TenseHead] | None:
    """Return ``head`` with the least margin at which enough of what it tells is right; None where there is none.

    Args:
        head: As ``fit_tense`` gives it.
        judged: Lines it, or heads like it, were not taught from.
        lines: How many it was taught from.
    """
    lead, said = leads(judged.likely), judged.likely.argmax(axis=1)
    labels = np.array([head.tenses.index(label) for label in judged.labels])
    margins = [0.0, *np.nextafter(np.unique(lead[said != labels]), np.float32(2)).tolist()]
    for right, margin in product(TOLD_RIGHT, margins):
        told = _told(labels, said, lead >= margin)
        shares = [_right(told, number, np.bincount(labels)) for number in range(len(head.tenses))]
        if margin <= 1 and min(shares) >= right:
            facts = {
                "trained_on": lines,
                "set_on": len(labels),
                "told": round(float((lead >= margin).mean()), 4),
                "right": {tense.value: round(share, 4) for tense, share in zip(head.tenses, shares, strict=True)},
            }
            return Taught(head=replace(head, margin=margin), facts=facts)
    return None


def _told(labels: NDArray[np.int64], said: NDArray[np.int64], is_told: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many lines of each label were told as what, shape (labels, told)."""
    found = np.zeros((int(max(labels.max(), said.max())) + 1,) * 2, dtype=np.int64)
    np.add.at(found, (labels[is_told], said[is_told]), 1)
    return found


def _right(told: NDArray[np.int64], tense: int, lines: NDArray[np.int64]) -> float:
    """Return how often ``tense`` was right where it was told, the lesser of two shares; 0 where it is hardly told.

    As the lines come, and as if there were as many of each tense: a tense that is rare among them is not told wrongly
    more often for that, nor a frequent one rightly.
    """
    by_label = told[:, tense]
    if by_label[tense] < _FEWEST:
        return 0.0
    even = by_label / np.maximum(lines, 1)
    return float(min(by_label[tense] / by_label.sum(), even[tense] / even.sum()))
