"""Find texts that are nearly the same, exactly: what MinHash estimates, without its errors."""

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

__all__ = ["jaccard", "near_pairs", "shingles"]

_LENGTH = 5
_ROUNDING = 1e-9
_DROPPED = frozenset({"Mn", "Cf", "Sk"})
"""Kinds of character that say nothing by themselves: accents, joiners, tints of skin."""


def shingles(text: str) -> frozenset[str]:
    """Return every stretch of five characters of ``text``, without case, accents, punctuation or repeated blanks.

    A picture is kept, and counts as a word: it carries meaning.
    """
    padded = f" {' '.join(''.join(_folded(text)).split())} "
    return frozenset(padded[n : n + _LENGTH] for n in range(max(1, len(padded) - _LENGTH + 1)))


def _folded(text: str) -> Iterator[str]:
    return map(_plain, unicodedata.normalize("NFKD", text.casefold()))


@cache
def _plain(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in _DROPPED:
        return ""
    if kind[0] == "P":
        return " "
    return f" {character} " if kind[0] == "S" else character


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the shared part of two sets, 0 to 1; two empty ones share nothing."""
    both = len(a & b)
    return both / (len(a) + len(b) - both) if a or b else 0.0


def near_pairs(
    texts: Mapping[str, str], others: Mapping[str, str], *, at_least: float
) -> Iterator[tuple[float, str, str]]:
    """Yield every pair of one of ``texts`` and one of ``others``, by their names, that is at least so alike.

    Two sets whose Jaccard similarity is t share one of the |A| - ceil(t |A|) + 1 rarest members of each (Bayardo, Ma
    and Srikant, Scaling up all pairs similarity search, WWW 2007), and the smaller has at least t times as many as the
    larger, so only pairs that do are compared.
    """
    ours, theirs = ({name: shingles(text) for name, text in some.items()} for some in (texts, others))
    counts = Counter(one for some in (ours, theirs) for members in some.values() for one in members)
    holding: dict[str, list[str]] = defaultdict(list)
    for name, members in theirs.items():
        for one in _rarest(members, counts, at_least):
            holding[one].append(name)
    for name, members in ours.items():
        near = dict.fromkeys(other for one in _rarest(members, counts, at_least) for other in holding.get(one, ()))
        for other in near:
            few, many = sorted((len(members), len(theirs[other])))
            if few + _ROUNDING < at_least * many:
                continue
            if (alike := jaccard(members, theirs[other])) >= at_least:
                yield alike, name, other


def _rarest(members: frozenset[str], counts: Counter[str], at_least: float) -> list[str]:
    kept = len(members) - math.ceil(at_least * len(members)) + 1
    return sorted(members, key=lambda one: (counts[one], one))[:kept]
