"""Cut words into sentences and find templates in them, trying only templates whose anchor words occur."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from holdfast.safety.detection.template import Template
from holdfast.safety.detection.word import QUERY, STOP, Word

__all__ = ["Match", "Sentence", "TemplateIndex", "sentences"]

LONGEST = 72
"""Most words in one sentence; longer runs (a voice transcript) are cut, each piece overlapping the last."""

OVERLAP = 24
"""Words two pieces of a long run share. No template spans more."""

Payload = TypeVar("Payload")


@dataclass(frozen=True)
class Sentence:
    """Words between two stops. ``number`` is the sentence's place in the message."""

    words: Sequence[Word]
    number: int
    is_question: bool = False

    @cached_property
    def tokens(self) -> list[str]:
        """The plain words and marks."""
        return [word.text for word in self.words]

    @cached_property
    def text(self) -> str:
        """The plain words, each followed by one space."""
        return " ".join(self.tokens) + " "


@dataclass(frozen=True)
class Match(Generic[Payload]):
    """A template found in words ``start`` to ``end`` (exclusive) of a sentence."""

    payload: Payload
    start: int
    end: int

    def overlaps(self, other: "Match[Any]") -> bool:
        """Return whether the two share a word."""
        return self.start < other.end and other.start < self.end


class TemplateIndex(Generic[Payload]):
    """Many templates, each with what it stands for, searched together.

    Args:
        entries: Templates with their payloads.
    """

    def __init__(self, entries: Iterable[tuple[Template, Payload]]) -> None:
        self._entries = list(entries)
        self._by_anchor: dict[str, tuple[int, ...]] = {}
        for number, (template, _) in enumerate(self._entries):
            for word in template.anchors:
                self._by_anchor[word] = (*self._by_anchor.get(word, ()), number)

    def find(self, sentence: Sentence) -> Iterator[Match[Payload]]:
        """Yield every match in ``sentence``, template by template, in the order the templates were given."""
        text = sentence.text
        for number in self._candidates(sentence.tokens):
            template, payload = self._entries[number]
            for match in template.find(text):
                start = text.count(" ", 0, match.start())
                yield Match(payload, start, start + match.group().count(" "))

    def _candidates(self, tokens: Sequence[str]) -> list[int]:
        present = set(tokens)
        by_anchor, entries = self._by_anchor, self._entries
        found = {number for token in present for number in by_anchor.get(token, ())}
        return sorted(
            number for number in found if not any(present.isdisjoint(need) for need in entries[number][0].needs)
        )


def sentences(words: Sequence[Word]) -> Iterator[Sentence]:
    """Yield the sentences of ``words`` in order; a run without stops is cut into overlapping pieces."""
    number = start = 0
    for position in range(len(words) + 1):
        if position < len(words) and words[position].text not in {STOP, QUERY}:
            continue
        is_question = position < len(words) and words[position].text == QUERY
        for piece in _pieces(words[start:position]):
            yield Sentence(piece, number, is_question)
        number, start = number + 1, position + 1


def _pieces(run: Sequence[Word]) -> Iterator[Sequence[Word]]:
    for start in range(0, len(run), LONGEST - OVERLAP):
        if start == 0 or len(run) - start > OVERLAP:
            yield run[start : start + LONGEST]
