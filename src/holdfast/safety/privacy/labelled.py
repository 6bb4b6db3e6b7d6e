"""Sentences with what points to a person marked, and how much of it a redactor finds.

A line holds ``language|`` (English where it is left out) and a sentence in which each stretch that must be hidden is
marked ``{KIND:words}``. Lines that begin with ``#`` are notes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from holdfast.errors import ContentError
from holdfast.measured import Measurement, wilson
from holdfast.safety.privacy.kind import Kind
from holdfast.safety.privacy.redaction import Redactor
from holdfast.safety.privacy.span import Span

__all__ = ["Figures", "LabelledSentence", "Missed", "measure", "read_labelled"]

_MARKED = re.compile(r"\{([A-Z_]+):([^{}]+)\}")
_LANGUAGE = re.compile(r"([a-z]{2})\|")


@dataclass(frozen=True, kw_only=True)
class LabelledSentence:
    """A sentence and what in it must be hidden. ``is_held_out``: it was not looked at while rules were written."""

    id: str
    language: str
    text: str
    spans: tuple[Span, ...]
    is_held_out: bool


@dataclass(frozen=True, kw_only=True)
class Missed:
    """What went wrong in one sentence: spans that show in whole or part, and spans hidden that need not be."""

    id: str
    shown: tuple[Kind, ...]
    hidden_in_vain: tuple[Kind, ...]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How much is found of one kind.

    ``recall`` is the share of marked stretches of which nothing shows, whatever kind they were taken for; lower is
    worse, and what is missed leaves the machine. ``named`` is the share that also got its own kind. ``precision`` is
    the share of what was hidden under this kind that touches a marked stretch.
    """

    recall: Measurement
    named: Measurement
    precision: Measurement


def read_labelled(path: Path) -> tuple[LabelledSentence, ...]:
    """Read marked sentences. Of every two neighbours the second is held out.

    Raises:
        ContentError: A line marks a kind that does not exist, or its brackets do not match.
    """
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return tuple(_sentence(f"{path.stem}-{number:03}", line) for number, line in enumerate(lines, 1))


def measure(
    redactor: Redactor, sentences: Sequence[LabelledSentence]
) -> tuple[dict[Kind, Figures], tuple[Missed, ...]]:
    """Return the figures of every kind that is marked or was found, and what went wrong where."""
    pairs = [(sentence, redactor.find(sentence.text)) for sentence in sentences]
    kinds = {span.kind for sentence, found in pairs for span in (*sentence.spans, *found)}
    wrong = (_missed(sentence, found) for sentence, found in pairs)
    figures = {kind: _figures(kind, pairs) for kind in Kind if kind in kinds}
    return figures, tuple(item for item in wrong if item.shown or item.hidden_in_vain)


def _sentence(name: str, line: str) -> LabelledSentence:
    language = _LANGUAGE.match(line)
    rest = line[language.end() :] if language else line
    spans: list[Span] = []
    text, last = "", 0
    for match in _MARKED.finditer(rest):
        if match[1] not in {kind.value for kind in Kind}:
            raise ContentError(
                f"Sentence {name} must mark a known kind, got {match[1]!r}; see holdfast.safety.privacy."
            )
        text += rest[last : match.start()]
        spans.append(Span(start=len(text), end=len(text) + len(match[2]), kind=Kind(match[1]), rule="labelled"))
        text, last = text + match[2], match.end()
    text += rest[last:]
    if "{" in text or "}" in text:
        raise ContentError(f"Sentence {name} must close what it marks, and does not; mend its brackets.")
    held_out = int(name.rsplit("-", 1)[1]) % 2 == 0
    return LabelledSentence(
        id=name, language=language[1] if language else "en", text=text, spans=tuple(spans), is_held_out=held_out
    )


def _figures(kind: Kind, pairs: Iterable[tuple[LabelledSentence, Sequence[Span]]]) -> Figures:
    marked = [(span, found, sentence.text) for sentence, found in pairs for span in sentence.spans if span.kind is kind]
    hidden = [(span, sentence.spans) for sentence, found in pairs for span in found if span.kind is kind]
    covered = [(span, found) for span, found, text in marked if _is_covered(span, found, text)]
    named = [span for span, found in covered if any(other.kind is kind and _touch(span, other) for other in found)]
    right = [span for span, labels in hidden if any(_touch(span, label) for label in labels)]
    return Figures(
        recall=wilson(len(covered), len(marked)),
        named=wilson(len(named), len(marked)),
        precision=wilson(len(right), len(hidden)),
    )


def _missed(sentence: LabelledSentence, found: Sequence[Span]) -> Missed:
    shown = tuple(span.kind for span in sentence.spans if not _is_covered(span, found, sentence.text))
    vain = tuple(span.kind for span in found if not any(_touch(span, label) for label in sentence.spans))
    return Missed(id=sentence.id, shown=shown, hidden_in_vain=vain)


def _is_covered(span: Span, found: Iterable[Span], text: str) -> bool:
    """Whether no letter and no figure of ``span`` shows."""
    hidden = {place for other in found for place in range(other.start, other.end)}
    return all(place in hidden or not text[place].isalnum() for place in range(span.start, span.end))


def _touch(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
