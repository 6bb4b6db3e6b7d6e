"""Repair disguised and mistyped spellings of words the rules look for.

Only words of the rules' own vocabulary are ever restored, so ordinary words are left as they are.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from pydantic import Field

from holdfast.content import ContentModel

__all__ = ["Spelling", "SpellingFile"]

_DIGIT_OR_SYMBOL = re.compile(r"[0-9$@!|*+]")
_TRIPLE = re.compile(r"([a-z])\1{2,}")
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "$": "s", "@": "a",
                       "!": "i", "|": "l", "+": "t"})  # fmt: skip
_LEET_L = str.maketrans({"1": "l", "!": "l"})
_NEIGHBOURS = {
    "a": "sqe", "b": "vn", "c": "xv", "d": "sf", "e": "rwia", "f": "dg", "g": "fh", "h": "gj", "i": "uoey", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "mb", "o": "ipu", "p": "o", "q": "w", "r": "et", "s": "adz", "t": "ry",
    "u": "iyo", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "xs",
}  # fmt: skip


class SpellingFile(ContentModel):
    """Content of ``rules/spelling.yaml``: how letters, pictures and words are written otherwise.

    ``letters`` are look-alike characters, ``emoji`` pictures with their word, ``expand`` short forms and known
    misspellings with what they stand for, ``fillers`` words that carry no meaning here (one or two words each),
    ``future_verbs`` words before which "ill" is "I will", ``typo_prone`` words whose one-slip misspellings are
    restored, and ``real_words`` those slips that are words.
    """

    id: str
    version: int = Field(ge=1)
    notes: str = ""
    letters: dict[str, str]
    emoji: dict[str, str]
    expand: dict[str, str]
    fillers: tuple[str, ...]
    future_verbs: tuple[str, ...]
    typo_prone: tuple[str, ...]
    real_words: tuple[str, ...]


class Spelling:
    """Looks a written token up and says which words it stands for.

    Args:
        file: The content.
        vocabulary: Every literal word that some rule can match.
    """

    def __init__(self, file: SpellingFile, vocabulary: Iterable[str]) -> None:
        self._vocabulary = frozenset(vocabulary)
        self._words: dict[str, tuple[str, ...]] = {}
        for word in file.typo_prone:
            self._words.update(dict.fromkeys(_slips(word), (word,)))
        for word in {*file.real_words, *self._vocabulary}:
            self._words.pop(word, None)
        self._words.update({written: tuple(meant.split()) for written, meant in file.expand.items()})
        self._by_length = _by_length(self._vocabulary)

    @property
    def known(self) -> Mapping[str, tuple[str, ...]]:
        """Written forms with the words they stand for."""
        return self._words

    def has_word(self, word: str) -> bool:
        """Return whether some rule looks for ``word``, or it stands for such a word."""
        return word in self._vocabulary or word in self._words

    def repair(self, token: str) -> tuple[str, ...] | None:
        """Return the words a disguised ``token`` stands for, or None where it is left as it is."""
        if _DIGIT_OR_SYMBOL.search(token):
            found = self._undisguise(token)
            if found is not None:
                return found
        if _TRIPLE.search(token):
            return self._shorten(token)
        return None

    def _undisguise(self, token: str) -> tuple[str, ...] | None:
        if token.isdigit():
            return None
        for candidate in (token.translate(_LEET), token.translate(_LEET_L).translate(_LEET)):
            if "*" in candidate:
                continue
            if self.has_word(candidate):
                return self._words.get(candidate, (candidate,))
        return self._unmask(token.translate(_LEET)) if "*" in token else None

    def _unmask(self, token: str) -> tuple[str, ...] | None:
        if len(token) < 4 or len(token) > 24:
            return None
        mask = re.compile("".join("[a-z]" if letter == "*" else re.escape(letter) for letter in token))
        for word in self._by_length.get(len(token), ()):
            if mask.fullmatch(word):
                return (word,)
        return None

    def _shorten(self, token: str) -> tuple[str, ...] | None:
        for keep in (r"\1", r"\1\1"):
            short = _TRIPLE.sub(keep, token)
            if len(short) > 2 and self.has_word(short):
                return self._words.get(short, (short,))
        return (_TRIPLE.sub(r"\1", token),)


def _by_length(words: Iterable[str]) -> dict[int, tuple[str, ...]]:
    grouped: dict[int, list[str]] = {}
    for word in sorted(words):
        grouped.setdefault(len(word), []).append(word)
    return {length: tuple(group) for length, group in grouped.items()}


def _slips(word: str) -> set[str]:
    """Return what one slip of the finger makes of ``word``; short words get fewer, or they would hit real words."""
    swapped = {word[:i] + b + a + word[i + 2 :] for i, (a, b) in enumerate(pairwise(word)) if a != b}
    if len(word) < 5:
        return swapped
    dropped = {word[:i] + word[i + 1 :] for i in range(1, len(word))}
    doubled = {word[:i] + word[i] + word[i:] for i in range(len(word))}
    slips = swapped | dropped | doubled
    if len(word) > 5:
        slips |= {word[:i] + near + word[i + 1 :] for i in range(1, len(word)) for near in _NEIGHBOURS[word[i]]}
    return slips - {word}
