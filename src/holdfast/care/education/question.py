"""Read a question into its subjects: everyday words translated, misspellings mended, filler left out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from holdfast.care.education.everyday import EverydayWords
from holdfast.care.education.spelling import Speller
from holdfast.care.education.synonyms import Synonyms
from holdfast.language.stem import stem
from holdfast.language.words import STOP_WORDS, words

__all__ = ["Concept", "QuestionReader"]

_CHARACTERS_READ = 4_000
_CONCEPTS_READ = 40
_MENDED_CERTAINTY = 0.8
_SHORTEST_NUMBER = 3


@dataclass(frozen=True, kw_only=True)
class Concept:
    """One subject of a question.

    ``said`` are the stems the person used, ``meant`` those the library uses for the same thing. ``weight`` is how
    much it says about the subject (above 0, at most 1), ``certainty`` how sure its spelling is (0 to 1).
    """

    said: frozenset[str]
    meant: frozenset[str] = frozenset()
    weight: float = 1.0
    certainty: float = 1.0

    @property
    def stems(self) -> frozenset[str]:
        """All stems that stand for it."""
        return self.said | self.meant


class QuestionReader:
    """Turns any text into at most 40 concepts. Only its first 4,000 characters are read.

    Args:
        known: Stems that the library has.
        counts: The library's words and how often each occurs, towards which misspellings are mended.
        synonyms: What everyday phrases mean.
        everyday: Words that weigh little.
    """

    def __init__(
        self, *, known: Collection[str], counts: Mapping[str, int], synonyms: Synonyms, everyday: EverydayWords
    ) -> None:
        self._known = known
        self._synonyms = synonyms
        self._speller = Speller(counts)
        self._everyday = {stem(word) for word in words(everyday.words)}
        self._everyday_weight = everyday.weight

    def read(self, question: str) -> tuple[Concept, ...]:
        """Return the subjects of ``question`` in order, each once; filler alone has none."""
        said = words(question, limit=_CHARACTERS_READ)
        stems = [stem(word) for word in said]
        concepts: dict[Concept, None] = {}
        position = 0
        while position < len(said) and len(concepts) < _CONCEPTS_READ:
            length, meaning = self._synonyms.match(stems, position)
            if length:
                concepts[self._phrase(said[position : position + length], meaning)] = None
            elif self._is_subject(said[position]):
                concepts[self._word(said[position])] = None
            position += length or 1
        return tuple(concepts)

    def _is_subject(self, word: str) -> bool:
        """Whether ``word`` can name a subject: no stop word, and a number only where the library has it (988)."""
        if word.isdecimal():
            return len(word) >= _SHORTEST_NUMBER and word in self._known
        return word not in STOP_WORDS

    def _phrase(self, said: list[str], meaning: frozenset[str]) -> Concept:
        own = frozenset(stem(word) for word in said if self._is_subject(word))
        return Concept(said=own, meant=meaning - own)

    def _word(self, word: str) -> Concept:
        own = stem(word)
        if own not in self._known and (mended := self._speller.correct(word)) is not None:
            own, certainty = stem(mended), _MENDED_CERTAINTY
            _, meaning = self._synonyms.match([own], 0)
        else:
            certainty, meaning = 1.0, frozenset()
        weight = self._everyday_weight if own in self._everyday and not meaning else 1.0
        return Concept(said=frozenset({own}), meant=meaning - {own}, weight=weight, certainty=certainty)
