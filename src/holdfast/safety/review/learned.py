"""The learned layer of output review: a sentence is withheld that lies nearer to harmful replies than to good ones.

It uses the encoder of detection, hashed words and letters trained with the NPLB loss, here trained on replies. For a
sentence with embedding z, ``d_h(z)`` is the mean distance to the nearest few replies of harm h, ``d_0(z)`` that to the
nearest few good ones; the *relative distance* is ``d_0 / (d_0 + min_h d_h)``, 0 at a good reply, 1 at a harmful one.
Higher is worse. The rules come first: this layer sees some of the wordings that they do not foresee, and no more.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import ContentError
from holdfast.safety.learned.encoder import Encoder, Vectors
from holdfast.safety.learned.hashing import BUCKET_BITS
from holdfast.safety.learned.ngram_encoder import NGramEncoder
from holdfast.safety.review.cutting import cut_sentences
from holdfast.safety.review.normalise import plain, run_on
from holdfast.safety.review.verdict import Finding, Harm, ReviewContext, ReviewVerdict

__all__ = ["BUILT_IN", "LearnedReview", "ReplyReferences", "load_learned_review", "save_learned_review"]

BUILT_IN = Path(__file__).parent / "built_in"
"""The model that is installed with the package."""

CARD, TENSORS = "model.json", "model.safetensors"
FORMAT = 1
NEAREST = 3
"""Replies of a kind that a distance is the mean over."""

_BY_BUCKET = ("rarity", "codes", "scales", "tongue_codes", "tongue_scales")
_GOOD = "good"
_FLOOR = 1e-6
_MARGIN = 0.999
_AT_ONCE = 4
"""Sentences compared with the references at once: as many as a small piece of memory holds."""
_LEAST_WORDS = 3
_MOST_RECENT = 512


@dataclass(frozen=True, kw_only=True)
class ReplyReferences:
    """Reference replies as points, shape (replies, dimensions), and for each the index of its kind in ``kinds``.

    A kind is a harm's name, or "good". Every kind must have points.
    """

    kinds: tuple[str, ...]
    points: Vectors
    owners: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Check that every kind has points, that one is good and that the others are harms.

        Raises:
            ContentError: They do not fit.
        """
        fits = self.points.ndim == 2 and len(self.points) == len(self.owners)
        if not fits or set(self.owners.tolist()) != set(range(len(self.kinds))) or _GOOD not in self.kinds:
            raise ContentError("Reply references must give every kind its points, good ones among them; train again.")

    def relative_distance(self, vectors: Vectors) -> tuple[Vectors, list[Harm]]:
        """Return the relative distance to harm, shape (texts,), 0 to 1, 1 is worst, and the harm each is nearest to."""
        away = np.sqrt(self._squared_distances(vectors))
        near = {kind: _nearest(away[:, self._columns[kind]]) for kind in self.kinds}
        good = near.pop(_GOOD)
        harms, columns = [Harm(kind) for kind in near], np.stack(list(near.values()), axis=1)
        relative = good / np.maximum(good + columns.min(axis=1), _FLOOR)
        return relative.astype(np.float32), [harms[number] for number in columns.argmin(axis=1)]

    def may_exceed(self, threshold: float, vectors: Vectors) -> NDArray[np.bool_]:
        """Return where the relative distance may be above ``threshold``, shape (texts,): it is nowhere else.

        No mean to a harm is below the distance to the nearest harmful reply, and where ``NEAREST`` good ones lie within
        a share of that, so does their mean. Asked first, this spares most texts the sorting.
        """
        squared = self._squared_distances(vectors)
        harm, good = squared[:, self._harms].min(axis=1, keepdims=True), squared[:, self._columns[_GOOD]]
        near = good * (1 - threshold) ** 2 <= harm * threshold**2 * _MARGIN
        return np.asarray(near.sum(axis=1) < NEAREST)

    def _squared_distances(self, vectors: Vectors) -> Vectors:
        """Return squared distances, shape (texts, replies), replies sorted by kind."""
        return np.maximum(_squared(vectors) + self._lengths - 2 * vectors @ self._sorted.T, 0)

    @cached_property
    def _sorted(self) -> Vectors:
        return self.points[np.argsort(self.owners, kind="stable")]

    @cached_property
    def _lengths(self) -> Vectors:
        return _squared(self._sorted).T

    @cached_property
    def _columns(self) -> dict[str, slice]:
        ends = np.cumsum(np.bincount(self.owners)).tolist()
        return {kind: slice(start, end) for kind, (start, end) in zip(self.kinds, pairwise([0, *ends]), strict=True)}

    @cached_property
    def _harms(self) -> NDArray[np.int64]:
        good = self._columns[_GOOD]
        return np.concatenate([np.arange(good.start), np.arange(good.stop, len(self.owners))])


@dataclass(frozen=True, kw_only=True)
class LearnedReview:
    """Output review by relative distance (implements ``OutputReview``).

    Attributes:
        encoder: Turns sentences into points.
        references: What they are compared with.
        threshold: The relative distance above which a sentence is withheld, 0 to 1; lower is stricter.
        version: Name and hash of the model.
        card: From what it was trained, and what it is not.
    """

    encoder: Encoder
    references: ReplyReferences
    threshold: float
    version: str
    card: Mapping[str, Any] = field(default_factory=dict)
    _recent: dict[bytes, Finding | None] = field(default_factory=dict, repr=False, compare=False)

    def review(self, text: str, context: ReviewContext) -> ReviewVerdict:
        """Judge each sentence of ``text``. A text without three words in a row to judge passes."""
        del context
        sentences = list(dict.fromkeys(_sentences(text)))
        return ReviewVerdict(findings=tuple(dict.fromkeys(self._findings(sentences))), version=self.version)

    def _findings(self, sentences: list[str]) -> Iterator[Finding]:
        """Yield what is found. Sentences come again while a stream is read, so the last verdicts are kept, by hash."""
        seals = [hashlib.blake2b(sentence.encode(), digest_size=16).digest() for sentence in sentences]
        new = {seal: text for seal, text in zip(seals, sentences, strict=True) if seal not in self._recent}
        verdicts = dict(zip(new, self._judged(list(new.values())), strict=True)) if new else {}
        found = [verdicts[seal] if seal in verdicts else self._recent.get(seal) for seal in seals]
        self._recent.update(verdicts)
        for seal in list(self._recent)[: max(0, len(self._recent) - _MOST_RECENT)]:
            self._recent.pop(seal, None)
        yield from (finding for finding in found if finding is not None)

    def _judged(self, sentences: list[str]) -> list[Finding | None]:
        vectors = self.encoder.encode(sentences)
        blocks = [vectors[start : start + _AT_ONCE] for start in range(0, len(vectors), _AT_ONCE)]
        return [finding for block in blocks for finding in self._found_in(block)]

    def _found_in(self, vectors: Vectors) -> list[Finding | None]:
        found: list[Finding | None] = [None] * len(vectors)
        in_doubt = np.flatnonzero(self.references.may_exceed(self.threshold, vectors)).tolist()
        if in_doubt:
            relative, harms = self.references.relative_distance(vectors[in_doubt])
            for place, distance, harm in zip(in_doubt, relative, harms, strict=True):
                if distance > self.threshold:
                    found[place] = Finding(harm=harm, rule="learned")
        return found


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of ``text`` that are long enough to be told apart, crumbs joined, without citations."""
    for sentence in cut_sentences(run_on(text)):
        words = plain(sentence).partition("[")[0].strip(" \n-*+>#")
        if len(words.split()) >= _LEAST_WORDS:
            yield words


def _squared(vectors: Vectors) -> Vectors:
    return np.asarray((vectors * vectors).sum(axis=1, keepdims=True), dtype=np.float32)


def _nearest(away: Vectors) -> Vectors:
    count = min(NEAREST, away.shape[1])
    nearest: Vectors = np.partition(away, count - 1, axis=1)[:, :count].mean(axis=1)
    return nearest


def load_learned_review(folder: Path = BUILT_IN) -> LearnedReview:
    """Read a trained model.

    Raises:
        ContentError: A file is missing, damaged, or of another format.
    """
    card, tensors, sha256 = _read(folder)
    try:
        whole = {name: _spread_out(tensors[name], tensors["buckets"]) for name in _BY_BUCKET}
        encoder = NGramEncoder.from_tensors(whole, ("en",), name=f"replies@{sha256[:12]}")
        references = ReplyReferences(
            kinds=tuple(card["kinds"]),
            points=tensors["points"].astype(np.float32),
            owners=tensors["owners"].astype(np.int64),
        )
        return LearnedReview(
            encoder=encoder,
            references=references,
            threshold=float(card["threshold"]),
            version=f"learned-review@{sha256}",
            card=card,
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ContentError(f"{folder.name} must be a learned review, {error} does not fit; train it again.") from error


def _spread_out(rows: NDArray[Any], buckets: NDArray[np.int32]) -> NDArray[Any]:
    """Return the table that has ``rows`` at ``buckets`` and zeros elsewhere."""
    table = np.zeros((2**BUCKET_BITS, *rows.shape[1:]), dtype=rows.dtype)
    table[buckets] = rows
    return table


def save_learned_review(
    folder: Path, *, encoder: NGramEncoder, references: ReplyReferences, threshold: float, card: Mapping[str, Any]
) -> None:
    """Write a model to ``folder``: the rows that were trained, the reference points and the card."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    used = np.flatnonzero(encoder.rarity)
    by_bucket = encoder.tensors()
    tensors = {
        "buckets": used.astype(np.int32),
        **{name: by_bucket[name][used] for name in _BY_BUCKET},
        "points": references.points.astype(np.float16),
        "owners": references.owners.astype(np.int16),
    }
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, folder / TENSORS)
    whole = {"format": FORMAT, **card, "kinds": list(references.kinds), "threshold": threshold}
    (folder / CARD).write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]], str]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        raw = [(folder / name).read_bytes() for name in (CARD, TENSORS)]
        card, tensors = json.loads(raw[0]), load(raw[1])
    except OSError as error:
        raise ContentError(f"{folder.name} must hold {CARD} and {TENSORS}: {error.strerror}; train it.") from error
    except (ValueError, SafetensorError) as error:
        raise ContentError(f"{folder.name} must hold a whole {CARD} and {TENSORS}; train it again.") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise ContentError(f"{CARD} must be of format {FORMAT}; train the model again with this version.")
    return card, tensors, _seal(raw)


def _seal(parts: Iterable[bytes]) -> str:
    seal = hashlib.sha256()
    for part in parts:
        seal.update(part)
    return seal.hexdigest()
