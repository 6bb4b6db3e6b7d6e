"""The utterances as a classifier's examples: texts, and the kind each stands for."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.safety.detection.verdict import Category, Level, Subject
from holdfast.safety.learned.references import BENIGN, NOTICE, Kind
from holdfast.safety.utterances.utterance import Utterance

__all__ = ["KINDS", "Examples", "kind_of"]

KINDS: tuple[Kind, ...] = (
    *(Kind.risk(category, subject) for category in Category for subject in (Subject.SELF, Subject.OTHER)),
    BENIGN,
    NOTICE,
)
"""Every kind of reference, in the order of their labels."""


@dataclass(frozen=True)
class Examples:
    """Texts, shape (n,), the number of the kind each stands for, whether that is a danger, families and languages."""

    texts: tuple[str, ...]
    labels: NDArray[np.int64]
    is_danger: NDArray[np.bool_]
    families: tuple[str, ...]
    languages: tuple[str, ...]

    @classmethod
    def of(cls, utterances: Sequence[Utterance]) -> "Examples":
        """Return the examples of ``utterances``; a window counts as everything the person says in it."""
        kinds = [kind_of(utterance) for utterance in utterances]
        return cls(
            tuple(utterance.text for utterance in utterances),
            np.array([KINDS.index(kind) for kind in kinds], dtype=np.int64),
            np.array([kind.category is not None for kind in kinds], dtype=bool),
            tuple(utterance.family for utterance in utterances),
            tuple(utterance.language.value for utterance in utterances),
        )

    @property
    def sha256(self) -> str:
        """The hash of texts and labels, in their order."""
        rows = [[text, int(label)] for text, label in zip(self.texts, self.labels, strict=True)]
        return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def kind_of(utterance: Utterance) -> Kind:
    """Return which references an utterance belongs to: by main category and by who is at risk, where there is risk."""
    if utterance.level is Level.NONE:
        return BENIGN
    if utterance.level is Level.NOTICE:
        return NOTICE
    subject = Subject.OTHER if utterance.subject is Subject.OTHER else Subject.SELF
    return Kind.risk(utterance.categories[0], subject)
