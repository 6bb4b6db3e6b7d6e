"""The replies that the learned layer of output review learns from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from holdfast.content import ContentModel, load_yaml
from holdfast.safety.review.cutting import cut_sentences
from holdfast.safety.review.normalise import plain
from holdfast.safety.review.verdict import Harm

__all__ = ["Replies", "load_replies"]

_FOLDER = Path(__file__).parent
_LEAST_WORDS = 3


class _File(ContentModel):
    id: str
    version: int
    written: date
    status: str


class _Harmful(_File):
    replies: Mapping[Harm, tuple[str, ...]]


class _Good(_File):
    replies: tuple[str, ...]


@dataclass(frozen=True)
class Replies:
    """Sentences, shape (n,), the index of each one's kind in ``kinds``, and the hashes of the files they are from."""

    texts: tuple[str, ...]
    labels: NDArray[np.int64]
    kinds: tuple[str, ...]
    sha256: str


def load_replies(vetted: Iterable[str], folder: Path = _FOLDER) -> Replies:
    """Read the harmful and the good replies; every sentence of the ``vetted`` texts counts as a good one.

    Raises:
        ContentError: A file is malformed.
    """
    harmful, good = load_yaml(folder / "harmful.yaml", _Harmful), load_yaml(folder / "good.yaml", _Good)
    kinds = (*(harm.value for harm in harmful.value.replies), "good")
    told = [(text, kinds.index(harm.value)) for harm, texts in harmful.value.replies.items() for text in texts]
    told += [(text, len(kinds) - 1) for text in (*good.value.replies, *_sentences(vetted))]
    texts, labels = zip(*told, strict=True)
    return Replies(texts, np.array(labels, dtype=np.int64), kinds, f"{harmful.sha256}+{good.sha256}")


def _sentences(vetted: Iterable[str]) -> Iterator[str]:
    for text in vetted:
        for sentence in cut_sentences(text):
            words = plain(sentence).strip(" \n-*+>#")
            if len(words.split()) >= _LEAST_WORDS:
                yield words
