"""Read words as the phrasebooks write them: without "and" written onto them, without a letter doubled by a slip."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from holdfast.safety.detection.word import Word

__all__ = ["KnownForms"]

_FEWEST_LETTERS = 3
"""Letters of a word that may be known in another form; shorter ones are left as they are."""

_DOUBLED = re.compile(r"([^\W\d_])\1")


@dataclass(frozen=True)
class KnownForms:
    """Brings words to the form they have in ``vocabulary``; one that has none, or is written in ASCII, stays as it is.

    ``prefixes`` are letters that some languages write onto the next word, as Arabic does "and" and "so".
    """

    vocabulary: frozenset[str]
    prefixes: frozenset[str]

    @classmethod
    def of_words(cls, words: Iterable[str], prefixes: Collection[str]) -> "KnownForms":
        """Return the forms of ``words``, ASCII ones left out."""
        return cls(frozenset(word for word in words if not word.isascii()), frozenset(prefixes))

    def read(self, words: Iterable[Word]) -> list[Word]:
        """Return ``words``, each in its known form, with its span as it was."""
        return [word if self._is_known(word.text) else word._replace(text=self._form(word.text)) for word in words]

    def _is_known(self, text: str) -> bool:
        return len(text) < _FEWEST_LETTERS or text.isascii() or text in self.vocabulary

    def _form(self, text: str) -> str:
        for form in (text, _DOUBLED.sub(r"\1", text)):
            for known in (form, form[1:] if form[0] in self.prefixes else form):
                if known in self.vocabulary:
                    return known
        return text
