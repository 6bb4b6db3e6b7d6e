"""Mend misspelt words of a question towards the library's own words, in bounded time.

Every library word is indexed under the strings left when one letter (two in a long word) is deleted, so that a
misspelling is looked up rather than compared with each word (the symmetric-delete idea of SymSpell, Garbe 2012).
Distance counts insertions, deletions, substitutions and swaps of neighbours (Damerau-Levenshtein, restricted).
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

__all__ = ["Speller", "edit_distance"]

_SHORTEST = 5
_TWO_EDITS_FROM = 8
_LONGEST = 24


class Speller:
    """Suggests the closest known word.

    Args:
        counts: How often each known word occurs; between equally close words the more frequent wins.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = {word: n for word, n in counts.items() if _is_mendable(word)}
        self._by_deletion: dict[str, list[str]] = {}
        for word in self._counts:
            for key in _deletions(word):
                self._by_deletion.setdefault(key, []).append(word)

    def correct(self, word: str) -> str | None:
        """Return the known word closest to ``word``, or None where none is close enough.

        Close is one edit, or two from eight letters on, with the same first letter. Words of under five letters,
        of more than 24, and those with anything but a to z in them are left alone. A known word returns None.
        """
        if word in self._counts or not _is_mendable(word):
            return None
        furthest = _edits(word)
        found = {known for key in _deletions(word) for known in self._by_deletion.get(key, ())}
        ranked = sorted(
            (distance, -self._counts[known], known)
            for known in found
            if known[0] == word[0] and (distance := edit_distance(word, known)) <= min(furthest, _edits(known))
        )
        return ranked[0][2] if ranked else None


def edit_distance(first: str, second: str) -> int:
    """Return the least number of insertions, deletions, substitutions and neighbour swaps between two words."""
    before: list[int] = []
    previous = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        current = [i]
        for j, b in enumerate(second, start=1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return previous[-1]


def _is_mendable(word: str) -> bool:
    return _SHORTEST <= len(word) <= _LONGEST and word.isascii() and word.isalpha()


def _edits(word: str) -> int:
    return 2 if len(word) >= _TWO_EDITS_FROM else 1


def _deletions(word: str) -> Iterator[str]:
    """Yield ``word`` and what is left of it after up to its number of edits in deletions."""
    yield word
    for count in range(1, _edits(word) + 1):
        for gone in combinations(range(len(word)), count):
            yield _without(word, gone)


def _without(word: str, gone: Iterable[int]) -> str:
    left = list(word)
    for index in sorted(gone, reverse=True):
        del left[index]
    return "".join(left)
