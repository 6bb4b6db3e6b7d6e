"""Place every example by an encoder that has not seen its family, to calibrate on as many as there are."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from holdfast.safety.learned.encoder import Encoder
from holdfast.safety.learned.reading import Reader
from holdfast.safety.learned.training.examples import Examples
from holdfast.safety.learned.training.prototypes import choose_references
from holdfast.safety.utterances.utterance import Utterance

__all__ = ["FOLDS", "Fit", "Fold", "Placed", "TrainedEncoder", "cross_fitted", "fitted_folds", "placed_by"]

FOLDS = 4


class TrainedEncoder(Encoder, Protocol):
    """An encoder that can be stored."""

    def tensors(self) -> Mapping[str, NDArray[Any]]:
        """Return what has to be stored of it."""
        ...


Fit = Callable[[Examples], TrainedEncoder]


@dataclass(frozen=True)
class Placed:
    """Utterances, each with its greatest relative distance and the language it was taken for."""

    utterances: tuple[Utterance, ...]
    relative: NDArray[np.float32]
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Fold:
    """An encoder, the utterances it was trained on, and those of other families that it has not seen."""

    encoder: TrainedEncoder
    seen: tuple[Utterance, ...]
    held: tuple[Utterance, ...]


def cross_fitted(utterances: Sequence[Utterance], fit: Fit) -> Placed:
    """Return ``utterances`` placed by encoders trained without their families, in four folds."""
    return placed_by(fitted_folds(utterances, fit))


def fitted_folds(utterances: Sequence[Utterance], fit: Fit) -> list[Fold]:
    """Return an encoder for each of four folds, trained without the families of that fold; none for an empty one."""
    folds = [_fold(utterance.family) for utterance in utterances]
    found = []
    for fold in sorted(set(folds)):
        seen = tuple(one for one, of in zip(utterances, folds, strict=True) if of != fold)
        held = tuple(one for one, of in zip(utterances, folds, strict=True) if of == fold)
        found.append(Fold(fit(Examples.of(seen)), seen, held))
    return found


def placed_by(folds: Sequence[Fold]) -> Placed:
    """Return the utterances held from each fold's encoder, placed by it."""
    found: list[tuple[Utterance, float, str]] = []
    for fold in folds:
        seen = Examples.of(fold.seen)
        references = choose_references(fold.encoder.encode(seen.texts), seen.labels, seed=0)
        worst = Reader(encoder=fold.encoder, references=references).worst([one.turns for one in fold.held])
        found += [(one, place, language) for one, (place, language) in zip(fold.held, worst, strict=True)]
    return Placed(
        tuple(one for one, _, _ in found),
        np.array([place for _, place, _ in found], dtype=np.float32),
        tuple(language for _, _, language in found),
    )


def _fold(family: str) -> int:
    return int(hashlib.sha256(f"fold {family}".encode()).hexdigest(), 16) % FOLDS
