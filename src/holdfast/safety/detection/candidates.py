"""Narrow many templates down to those whose words occur, all of them at once."""

from collections.abc import Iterable, Sequence

__all__ = ["Candidates"]

_ROWS = 4
"""Sets looked at for each template, the first ones; later ones leave hardly fewer and cost as much."""


class Candidates:
    """Says which templates words can hold: those that find there one word of each set they need.

    Each template is a bit of a number. A word's number has the bits of the templates that need it, in one row of bits
    for the first sets, one for the second, and so on. All words of a sentence put together, a template is a candidate
    where its bit is set in every row.

    Args:
        needs: The sets of each template, of each of which a word must occur; the rarest first.
    """

    def __init__(self, needs: Sequence[Sequence[frozenset[str]]]) -> None:
        self._count = len(needs)
        self._row = (1 << self._count) - 1
        self._needing_less = 0
        self._by_word: dict[str, int] = {}
        for number, sets in enumerate(needs):
            for row in range(_ROWS):
                bit = 1 << (row * self._count + number)
                if row >= len(sets):
                    self._needing_less |= bit
                for word in sets[row] if row < len(sets) else ():
                    self._by_word[word] = self._by_word.get(word, 0) | bit

    def among(self, words: Iterable[str]) -> list[int]:
        """Return the numbers of the templates that ``words`` can hold, in order."""
        met, by_word = self._needing_less, self._by_word
        for word in set(words):
            if word in by_word:
                met |= by_word[word]
        left = met & self._row
        for _ in range(_ROWS - 1):
            met >>= self._count
            left &= met
        return _bits(left)


def _bits(number: int) -> list[int]:
    """Return the places of the bits set in ``number``, lowest first."""
    places: list[int] = []
    while number:
        lowest = number & -number
        places.append(lowest.bit_length() - 1)
        number ^= lowest
    return places
