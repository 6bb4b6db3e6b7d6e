"""Cut words into sentences and find templates in them, trying only templates whose anchor words occur."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from holdfast.safety.detection.candidates import Candidates
from holdfast.safety.detection.template import Template
from holdfast.safety.detection.word import QUERY, STOP, Word

__all__ = ["Match", "Sentence", "TemplateIndex", "sentences"]

LONGEST = 72
"""Most words in one sentence; longer runs (a voice transcript) are cut, each piece overlapping the last."""

OVERLAP = 24
"""Words two pieces of a long run share. No template spans more."""

_ENDS = frozenset({STOP, QUERY})

Payload = TypeVar("Payload")


class Sentence:
    """Words between two stops.

    Attributes:
        words: The words and marks.
        number: The sentence's place in the message.
        is_question: Whether it ends in a question mark.
        tokens: The plain words and marks.
        text: The same, each followed by one space.
    """

    __slots__ = ("is_question", "number", "text", "tokens", "words")

    def __init__(self, words: Sequence[Word], number: int, *, is_question: bool = False) -> None:
        self.words, self.number, self.is_question = words, number, is_question
        self.tokens = [word.text for word in words]
        self.text = " ".join(self.tokens) + " "

    def with_words(self, words: Sequence[Word]) -> "Sentence":
        """Return the sentence with other words."""
        return Sentence(words, self.number, is_question=self.is_question)


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
        self._candidates = Candidates([(template.anchors, *template.needs) for template, _ in self._entries])

    def ready(self) -> None:
        """Compile every template now, not when it is first tried."""
        for template, _ in self._entries:
            template.ready()

    def find(self, sentence: Sentence) -> Iterator[Match[Payload]]:
        """Yield every match in ``sentence``, template by template, in the order the templates were given."""
        text = sentence.text
        for number in self._candidates.among(sentence.tokens):
            template, payload = self._entries[number]
            for match in template.find(text):
                start = text.count(" ", 0, match.start())
                yield Match(payload, start, start + match.group().count(" "))


def sentences(words: Sequence[Word]) -> Iterator[Sentence]:
    """Yield the sentences of ``words`` in order; a run without stops is cut into overlapping pieces."""
    number = start = 0
    for position, word in enumerate(words):
        if word.text in _ENDS:
            for piece in _pieces(words[start:position]):
                yield Sentence(piece, number, is_question=word.text == QUERY)
            number, start = number + 1, position + 1
    for piece in _pieces(words[start:]):
        yield Sentence(piece, number)


def _pieces(run: Sequence[Word]) -> Iterator[Sequence[Word]]:
    if 0 < len(run) <= LONGEST:
        yield run
        return
    for start in range(0, len(run), LONGEST - OVERLAP):
        if start == 0 or len(run) - start > OVERLAP:
            yield run[start : start + LONGEST]
