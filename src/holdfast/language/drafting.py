"""Draft an answer from passages with a language model, and keep only the sentences that the passages support."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from holdfast.content import Loaded
from holdfast.language.model import Completion, LanguageModel, StreamingModel
from holdfast.language.prompt import DraftPrompt, SupportPolicy, load_draft_prompt
from holdfast.language.support import judge_support, split_sentences

__all__ = ["Draft", "DraftOutcome", "DraftSentence", "DraftStream", "Drafter", "Quotable"]

_LONGEST_ANSWER = 8_000
_CITATIONS = re.compile(r"((?:\s*\[[^\[\]]{1,300}\])+)[.,;]?")
_CLOSED = re.compile(r"(?:\s*\[[^\[\]]{1,300}\])+[.,;]?(?=\s*[^\s\[.,;])")
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

    @property
    def marked(self) -> str:
        """The sentence followed by its citations in square brackets."""
        return " ".join([self.text, *(f"[{citation}]" for citation in self.citations)])


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
        return " ".join(sentence.marked for sentence in self.sentences)

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
        sieve = _Sieve(passages, self._prompt.value.support)
        for sentence in _cited_sentences(answer.text):
            sieve.sift(sentence)
        return sieve.draft(answer.model_id)

    def stream(self, question: str, passages: Sequence[Quotable]) -> "DraftStream | None":
        """Begin a draft that is read while it is written; None where the model only gives whole answers."""
        if not isinstance(self._model, StreamingModel):
            return None
        pieces = self._model.stream(self._prompt.value.system, self._asked(question, passages))
        return DraftStream(pieces, self._model.model_id, _Sieve(passages, self._prompt.value.support))

    def _asked(self, question: str, passages: Sequence[Quotable]) -> str:
        quoted = "\n\n".join(f"[{p.citation}] {p.heading}\n{p.text}" for p in passages)
        return self._prompt.value.fill(passages=quoted, question=question)

    async def _ask(self, question: str, passages: Sequence[Quotable]) -> Completion | str:
        """Return the model's answer, or the name of what went wrong."""
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._model.complete(self._prompt.value.system, self._asked(question, passages))
        except Exception as error:  # noqa: BLE001 - whatever a model does, the person still gets the library's text
            return type(error).__name__
        return answer if len(answer.text) <= _LONGEST_ANSWER else "AnswerTooLong"


class DraftStream:
    """A draft in the making. ``sentences`` may be read once; ``draft`` then says what came of it.

    Args:
        pieces: The model's answer in pieces.
        model_id: The model's name.
        sieve: Keeps the supported sentences.
    """

    def __init__(self, pieces: AsyncIterator[str], model_id: str, sieve: "_Sieve") -> None:
        self._pieces, self._model_id, self._sieve = pieces, model_id, sieve
        self._error: str | None = None

    @property
    def draft(self) -> Draft:
        """What is left of the answer so far, by the rules of ``Drafter.draft``."""
        if self._error is not None:
            return Draft(outcome=DraftOutcome.FAILED, error=self._error)
        return self._sieve.draft(self._model_id)

    async def sentences(self) -> AsyncGenerator[DraftSentence]:
        """Yield the supported sentences as they come, none before as many are there as a draft needs.

        A model that raises, or writes over 8,000 characters, ends them, and ``draft`` is ``FAILED``. How long to wait
        is up to whoever reads. Closing this closes the model's answer.
        """
        waiting: list[DraftSentence] = []
        async with aclosing(self._cited()) as cited:
            async for sentence in cited:
                if not self._sieve.sift(sentence):
                    continue
                waiting.append(sentence)
                while waiting and self._sieve.is_enough:
                    yield waiting.pop(0)
        while waiting and self._error is None and self._sieve.is_enough:
            yield waiting.pop(0)

    async def _cited(self) -> AsyncGenerator[DraftSentence]:
        """Yield the sentences of the answer with their citations, each once what follows shows that it has ended."""
        held, taken = "", 0
        try:
            async for piece in self._pieces:
                held, taken = held + piece, taken + len(piece)
                if taken > _LONGEST_ANSWER:
                    self._error = "AnswerTooLong"
                    return
                end = max((match.end() for match in _CLOSED.finditer(held)), default=0)
                whole, held = held[:end], held[end:]
                for sentence in _cited_sentences(whole):
                    yield sentence
        except Exception as error:  # noqa: BLE001 - whatever a model does, the person still gets the library's text
            self._error = type(error).__name__
            return
        finally:
            if isinstance(self._pieces, AsyncGenerator):
                await self._pieces.aclose()
        for sentence in _cited_sentences(held):
            yield sentence


class _Sieve:
    """Keeps the sentences that their passages support, each once, and counts the others by reason."""

    def __init__(self, passages: Sequence[Quotable], support: SupportPolicy) -> None:
        self._passages = {passage.citation: passage for passage in passages}
        self._support = support
        self._kept: dict[str, DraftSentence] = {}
        self._dropped: Counter[str] = Counter()

    @property
    def is_enough(self) -> bool:
        """Whether what is kept makes a draft: enough sentences, and enough of what was written."""
        share = len(self._kept) / max(len(self._kept) + self._dropped.total(), 1)
        return len(self._kept) >= self._support.min_sentences and share >= self._support.min_kept_share

    def draft(self, model_id: str) -> Draft:
        """Return what is kept so far as a draft."""
        dropped = dict(self._dropped)
        if not self.is_enough:
            return Draft(outcome=DraftOutcome.UNSUPPORTED, dropped=dropped, model_id=model_id)
        kept = tuple(self._kept.values())
        return Draft(outcome=DraftOutcome.DRAFTED, sentences=kept, dropped=dropped, model_id=model_id)

    def sift(self, sentence: DraftSentence) -> bool:
        """Take in ``sentence``; return whether it is kept and new."""
        if reason := self._objection(sentence):
            self._dropped[reason] += 1
            return False
        before = len(self._kept)
        self._kept.setdefault(sentence.text.casefold(), sentence)
        return len(self._kept) > before

    def _objection(self, sentence: DraftSentence) -> str | None:
        """Return why ``sentence`` must be dropped, or None."""
        if not sentence.citations:
            return "uncited"
        if not all(citation in self._passages for citation in sentence.citations):
            return "unknown citation"
        if _MARKUP.search(sentence.text):
            return "markup"
        cited = [f"{self._passages[c].heading}\n{self._passages[c].text}" for c in sentence.citations]
        return None if judge_support(sentence.text, cited, self._support).is_supported else "unsupported"


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
