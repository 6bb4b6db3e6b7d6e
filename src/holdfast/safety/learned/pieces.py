"""Cut what a person said into the pieces a sign may stand in, each with its place in the text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["MOST_STRETCHES", "Piece", "pieces", "stretches"]

_SENTENCE = re.compile(r"[^.!?\n\r;\u061f\u3002\uff01\uff1f\u0964]+[.!?;\u061f\u3002\uff01\uff1f\u0964]*")
_WORD = re.compile(r"\S+")
_WHOLE_WORDS = 60
_LONGEST = 40
_STEP = 28
_MOST = 160
MOST_STRETCHES = 40
"""Stretches of a huge text that are read: the first and the last."""


@dataclass(frozen=True)
class Piece:
    """Characters ``start`` to ``end`` of a text."""

    start: int
    end: int


def pieces(text: str) -> list[Piece]:
    """Return the whole text if it is short, its sentences, and each sentence with the one after it.

    A long run without stops is cut into overlapping stretches of 40 words. A huge text gives its first and last
    pieces, 160 in all: limits on its size belong in front.
    """
    sentences = [piece for match in _SENTENCE.finditer(text) for piece in _cut(text, match.start(), match.end())]
    found = [Piece(0, len(text))] if len(sentences) < 2 or len(text.split()) <= _WHOLE_WORDS else []
    if len(sentences) > 1:
        found += sentences
        found += [Piece(a.start, b.end) for a, b in pairwise(sentences)]
    return found if len(found) <= _MOST else found[: _MOST // 2] + found[-_MOST // 2 :]


def stretches(text: str, spans: Sequence[tuple[int, int]], *, whole: int, step: int) -> list[Piece]:
    """Return the whole text, or of a long one overlapping stretches: for what reads a text as it stands.

    A network that was trained on whole messages takes a sentence out of its message for something else. A huge text
    gives its first and last stretches, 40 in all.

    Args:
        spans: Where each word piece of the text begins and ends.
        whole: Word pieces that are read at once.
        step: Word pieces from the beginning of one stretch to that of the next.
    """
    if len(spans) <= whole:
        return [Piece(0, len(text))]
    firsts = range(0, len(spans) - whole + step, step)
    found = [Piece(spans[n][0], spans[min(n + whole, len(spans)) - 1][1]) for n in firsts]
    half = MOST_STRETCHES // 2
    return found if len(found) <= MOST_STRETCHES else found[:half] + found[-half:]


def _cut(text: str, start: int, end: int) -> list[Piece]:
    said = text[start:end]
    count = len(said.split())
    if count <= _LONGEST:
        begin = start + len(said) - len(said.lstrip())
        return [Piece(begin, start + len(said.rstrip()))] if count else []
    words = [match.span() for match in _WORD.finditer(text, start, end)]
    firsts = range(0, count - _LONGEST + _STEP, _STEP)
    return [Piece(words[n][0], words[min(n + _LONGEST, count) - 1][1]) for n in firsts]
