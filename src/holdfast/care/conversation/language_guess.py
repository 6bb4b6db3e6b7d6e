"""Guess from the letters and common words of a message whether it is English, a language detection knows, or neither.

It is coarse on purpose and says so little: where English words are as many as others, or the words are too few to tell,
the message counts as English. It plays no part in detection.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from holdfast.care.conversation.languages import Languages
from holdfast.safety.detection.letters import script_of

__all__ = ["UNKNOWN", "LanguageGuess"]

UNKNOWN = "und"
"""The tag of a language that is not English and none of those learnt (BCP 47: undetermined)."""

_LATIN, _HAN = "LATIN", "CJK"
_KANA = frozenset({"HIRAGANA", "KATAKANA"})
_MOST_LETTERS = 2_000
_FEWEST_LETTERS = 4
"""Letters of another script that tell; fewer are a face or a name."""

_FEWEST_HAN = 2
_FEWEST_WORDS = 2
_LEAST_SHARE = 0.2
"""The least share of a message's words that must tell of its language."""

_FEWEST_UNKNOWN = 6
_MOST_ENGLISH = 0.1
"""A message of at least six words, fewer than a tenth of them common English ones, is in a language unknown here."""

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_DISGUISED = re.compile(r"[a-z][0-9@$]|[0-9@$][a-z]")
_ALIKE = str.maketrans({"\u2019": "'", "\u0131": "i"})
_MARKED = re.compile(r"[\w\u0900-\u097f]+")


@dataclass(frozen=True, kw_only=True)
class LanguageGuess:
    """Guesses by ``languages``; ``english`` are common English words, lower case."""

    languages: Languages
    english: Collection[str]

    def __call__(self, message: str) -> str | None:
        """Return the tag of the language ``message`` is written in, ``UNKNOWN``, or None for English or too little."""
        text = message[:_MOST_LETTERS]
        letters = Counter(script for letter in text if letter.isalpha() and (script := script_of(letter)))
        others = letters.total() - letters[_LATIN]
        if others * 2 > letters.total():
            return self._by_script(text, letters)
        return self._by_words(_WORD.findall(_folded(text)), text)

    def _by_script(self, text: str, letters: Counter[str]) -> str | None:
        script, count = max(((one, n) for one, n in letters.items() if one != _LATIN), key=lambda pair: pair[1])
        kana = sum(letters[one] for one in _KANA)
        if kana >= _FEWEST_LETTERS and kana * 10 >= letters.total():
            return UNKNOWN
        if count < (_FEWEST_HAN if script == _HAN else _FEWEST_LETTERS):
            return None
        learnt = next((one.tag for one in self.languages.learnt if one.script == script), None)
        if learnt is None:
            return UNKNOWN
        counts = self._counts([[word] for word in _MARKED.findall(text)])
        return learnt if counts.get(learnt, 0) >= max(counts.values()) else UNKNOWN

    def _by_words(self, words: Sequence[str], text: str) -> str | None:
        foreign = [word.split("'") for word in words if not self._is_english(word)]
        english = [word for word in words if self._is_english(word)]
        counts = self._counts(foreign)
        most = max(counts.values())
        named = [tag for tag, count in counts.items() if count == most]
        shared = self._telling[named[0]]
        against = sum(word not in shared for word in english)
        if most >= max(_FEWEST_WORDS, against + 1) and most >= _LEAST_SHARE * len(words):
            return named[0] if len(named) == 1 and named[0] in self.languages.by_tag else UNKNOWN
        is_strange = len(words) >= _FEWEST_UNKNOWN and len(english) < _MOST_ENGLISH * len(words)
        return UNKNOWN if is_strange and not _DISGUISED.search(text.lower()) else None

    def _counts(self, words: Sequence[Sequence[str]]) -> dict[str, int]:
        """Return how many of ``words``, each in its parts, tell of each language."""
        telling = self._telling.items()
        return {tag: sum(not known.isdisjoint(parts) for parts in words) for tag, known in telling}

    def _is_english(self, word: str) -> bool:
        return word in self.english or word.split("'")[0] in self.english

    @cached_property
    def _telling(self) -> Mapping[str, frozenset[str]]:
        """The words that tell of each language, by tag, or by name where it has not been learnt."""
        learnt = {one.tag: one.words for one in self.languages.learnt}
        return {**learnt, **self.languages.others}


def _folded(text: str) -> str:
    """Return ``text`` in lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).translate(_ALIKE)
