"""Tell what this service talks about from what it does not, by its words.

The vocabulary is that of the vetted content plus everyday words of support, as crude stems. A sentence with a word
outside it is off scope, whatever it says: a cipher, another topic, a name from nowhere, a tool that no one should be
told of. It is the one check that does not have to foresee a wording, and the reason why a careful answer in unusual
words is sometimes replaced by the library's own text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Self

from holdfast.content import ContentModel, load_yaml
from holdfast.safety.review.normalise import plain

__all__ = ["Vocabulary", "load_vocabulary", "stem"]

_PATH = Path(__file__).with_name("vocabulary.yaml")
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"\w\.\w{2}")
_ENDINGS = ("ings", "ing", "ies", "ied", "ed", "es", "ly", "ers", "er", "est", "s", "e", "y")
_MIN_STEM = 3


class _VocabularyFile(ContentModel):
    id: str
    version: str
    written: date
    stems: str
    everyday: str


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The stems known, the SHA-256 of the file they came from, and words that are known to have one of the stems."""

    stems: frozenset[str]
    sha256: str
    words: frozenset[str] = frozenset()

    def extended(self, texts: Iterable[str]) -> Self:
        """Return the vocabulary with the words of further vetted ``texts``."""
        words = {word for text in texts for word in _WORD.findall(plain(text))}
        return replace(self, stems=self.stems | set(map(stem, words)), words=self.words | words)

    def is_strange(self, sentence: str) -> bool:
        """Whether ``sentence`` (folded) holds a word that is not known; figures and web addresses are no words here."""
        if _ADDRESS.search(sentence):
            sentence = " ".join(part for part in sentence.split() if not _ADDRESS.search(part))
        return any(stem(word) not in self.stems for word in _WORD.findall(sentence) if word not in self.words)


def stem(word: str) -> str:
    """Return ``word`` without its commonest ending: crude, quick and the same for every use here."""
    if not word.endswith(_ENDINGS):
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            return word[: -len(ending)]
    return word


def load_vocabulary(path: Path = _PATH) -> Vocabulary:
    """Read the vocabulary.

    Raises:
        ContentError: The file is malformed.
    """
    loaded = load_yaml(path, _VocabularyFile)
    known = Vocabulary(stems=frozenset(loaded.value.stems.split()), sha256=loaded.sha256)
    return known.extended([loaded.value.everyday])
