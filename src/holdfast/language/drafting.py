"""Draft an answer from passages with a language model, and keep only the sentences that the passages support."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from holdfast.content import Loaded
from holdfast.language.model import Completion, LanguageModel
from holdfast.language.prompt import DraftPrompt, load_draft_prompt
from holdfast.language.support import judge_support, split_sentences

__all__ = ["Draft", "DraftOutcome", "DraftSentence", "Drafter", "Quotable"]

_LONGEST_ANSWER = 8_000
_CITATIONS = re.compile(r"((?:\s*\[[^\[\]]{1,300}\])+)[.,;]?")
_SEPARATOR = re.compile(r"[\s,;\[\]]+")
_LEADER = re.compile(r"^(?:[-*\u2022]|\d+[.)])\s+")
_MARKUP = re.compile(r"[<>\[\]{}|`#*_\\]|https?:|www\.|\w@\w")


class Quotable(Protocol):
    """A passage as drafting needs it."""

    @property
    def citation(self) -> str:
        """The passage's id."""
        ...

    @property
    def heading(self) -> str:
        """The heading above it."""
        ...

    @property
    def text(self) -> str:
        """Its words."""
        ...


class DraftOutcome(StrEnum):
    """How drafting ended. Only ``DRAFTED`` has text to show."""

    DRAFTED = "drafted"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class DraftSentence:
    """A sentence that its passages support, without its marks, and the passages it cites."""

    text: str = field(repr=False)
    citations: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is left of a model's answer. ``dropped`` counts the sentences left out by reason.

    ``error`` is the type of what went wrong where the model stalled or broke. ``model_id`` is None where it never
    answered.
    """

    outcome: DraftOutcome
    sentences: tuple[DraftSentence, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    model_id: str | None = None
    error: str | None = None

    @property
    def text(self) -> str:
        """The kept sentences, each followed by its citations in square brackets; empty where there is no draft."""
        return " ".join(f"{s.text} {' '.join(f'[{c}]' for c in s.citations)}" for s in self.sentences)

    @property
    def citations(self) -> tuple[str, ...]:
        """The passages cited, each once, in order."""
        return tuple(dict.fromkeys(c for s in self.sentences for c in s.citations))


class Drafter:
    """Asks a model for an answer and checks it sentence by sentence. Whatever the model does, a ``Draft`` returns.

    Args:
        model: Writes the answer.
        prompt: The instructions and the rules of support; the packaged file where None.
        timeout_s: Longest wait in seconds, on top of what the model itself observes.
    """

    def __init__(
        self, model: LanguageModel, *, prompt: Loaded[DraftPrompt] | None = None, timeout_s: float = 25.0
    ) -> None:
        self._model = model
        self._prompt = prompt or load_draft_prompt()
        self._timeout_s = timeout_s

    @property
    def artefact(self) -> tuple[str, str]:
        """The prompt's id with its version, and its SHA-256."""
        return f"prompt:{self._prompt.value.id}@{self._prompt.value.version}", self._prompt.sha256

    @property
    def private_lines(self) -> Sequence[str]:
        """Lines of the prompt that must never be shown."""
        return self._prompt.value.private_lines()

    async def draft(self, question: str, passages: Sequence[Quotable]) -> Draft:
        """Draft an answer to ``question`` from ``passages`` alone.

        A model that raises, stalls, or writes over 8,000 characters gives ``FAILED``; one whose sentences too often
        lack support gives ``UNSUPPORTED``.
        """
        answer = await self._ask(question, passages)
        if isinstance(answer, str):
            return Draft(outcome=DraftOutcome.FAILED, error=answer)
        kept, dropped = self._sift(answer.text, {p.citation: p for p in passages})
        support = self._prompt.value.support
        share = len(kept) / max(len(kept) + sum(dropped.values()), 1)
        if len(kept) < support.min_sentences or share < support.min_kept_share:
            return Draft(outcome=DraftOutcome.UNSUPPORTED, dropped=dropped, model_id=answer.model_id)
        return Draft(outcome=DraftOutcome.DRAFTED, sentences=tuple(kept), dropped=dropped, model_id=answer.model_id)

    async def _ask(self, question: str, passages: Sequence[Quotable]) -> Completion | str:
        """Return the model's answer, or the name of what went wrong."""
        quoted = "\n\n".join(f"[{p.citation}] {p.heading}\n{p.text}" for p in passages)
        user = self._prompt.value.fill(passages=quoted, question=question)
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._model.complete(self._prompt.value.system, user)
        except Exception as error:  # noqa: BLE001 - whatever a model does, the person still gets the library's text
            return type(error).__name__
        return answer if len(answer.text) <= _LONGEST_ANSWER else "AnswerTooLong"

    def _sift(self, answer: str, passages: Mapping[str, Quotable]) -> tuple[list[DraftSentence], dict[str, int]]:
        """Keep the supported sentences, each once, and count the others by reason."""
        kept: dict[str, DraftSentence] = {}
        dropped: Counter[str] = Counter()
        for sentence in _cited_sentences(answer):
            if reason := self._objection(sentence, passages):
                dropped[reason] += 1
            else:
                kept.setdefault(sentence.text.casefold(), sentence)
        return list(kept.values()), dict(dropped)

    def _objection(self, sentence: DraftSentence, passages: Mapping[str, Quotable]) -> str | None:
        """Return why ``sentence`` must be dropped, or None."""
        if not sentence.citations:
            return "uncited"
        if not all(citation in passages for citation in sentence.citations):
            return "unknown citation"
        if _MARKUP.search(sentence.text):
            return "markup"
        cited = [f"{passages[c].heading}\n{passages[c].text}" for c in sentence.citations]
        support = judge_support(sentence.text, cited, self._prompt.value.support)
        return None if support.is_supported else "unsupported"


def _cited_sentences(answer: str) -> Iterator[DraftSentence]:
    """Yield each sentence with the citations that close it; a sentence that none closes has no citation."""
    start = 0
    for match in _CITATIONS.finditer(answer):
        *uncited, last = _spoken(answer[start : match.start()]) or [""]
        yield from (DraftSentence(text=_plain(text), citations=()) for text in uncited)
        marks = tuple(dict.fromkeys(filter(None, _SEPARATOR.split(match[1]))))
        yield DraftSentence(text=_plain(last), citations=marks)
        start = match.end()
    yield from (DraftSentence(text=_plain(text), citations=()) for text in _spoken(answer[start:]))


def _spoken(text: str) -> list[str]:
    """Return the sentences of ``text`` that have a letter; a list's number or a stray bracket is none."""
    return [sentence for sentence in split_sentences(text) if any(map(str.isalpha, sentence))]


def _plain(sentence: str) -> str:
    """Return ``sentence`` without list marks and emphasis, ending in a full stop where it had no ending."""
    text = _LEADER.sub("", sentence.strip()).replace("**", "").strip()
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
