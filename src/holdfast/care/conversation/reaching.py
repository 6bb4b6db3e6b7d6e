"""Show whoever asks for people whom they can reach: fixed words and the lines of their region."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import Field, model_validator

from holdfast.care.conversation.parts import EngineReply, Routing
from holdfast.care.conversation.reply import Author, Choice, Resource, Route
from holdfast.care.conversation.resources import resources_for
from holdfast.care.conversation.router import fold
from holdfast.care.conversation.state import ConversationState
from holdfast.content import ContentModel, Loaded, load_yaml
from holdfast.safety.crisis.helplines import ELSEWHERE, Helplines
from holdfast.safety.crisis.regional import fill_region
from holdfast.safety.crisis.template import fill, slots

__all__ = ["Reach", "Reaching", "ReachingWords", "load_reaching"]

REACHING = Path(__file__).with_name("reaching.yaml")

_SCANNED_CHARS = 4_000
_MAX_LINES = 6
_TERM = re.compile(r"<(\w+)>")
_SENTENCE_END = re.compile(r"[.!?\n]+")
_FILLED = frozenset({"helplines", "emergency"})
_OTHER_WISHES = frozenset({Route.ASSESSMENT, Route.INTERVENTION, Route.SMALL_TALK, Route.OUT_OF_SCOPE})
_HELP = Choice(label="Help now", path="/help")
_COUNTRY = Choice(label="Choose my country", value="region")

_Item = TypeVar("_Item")
_Patterns = Annotated[tuple[str, ...], Field(min_length=1)]


class ReachingWords(ContentModel):
    """How people ask for people, and what is said then where the region is known (``here``) and where it is not.

    ``people`` are ways to ask for a person or a line; ``help`` ways to ask for help, from whomever, which count where a
    word of the term ``now`` stands in the same sentence. ``unless`` and, for the latter, ``unless_help`` except.
    """

    id: str
    version: int = Field(ge=1)
    written: str
    status: str
    here: str
    elsewhere: str
    terms: Mapping[str, tuple[str, ...]]
    people: _Patterns
    help: _Patterns
    unless: _Patterns
    unless_help: _Patterns

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for text in (self.here, self.elsewhere):
            if slots(text) != _FILLED:
                raise ValueError("here and elsewhere must each name {helplines} and {emergency}")
        try:
            _ = self._expressions
        except (re.error, KeyError) as error:
            raise ValueError(f"a pattern cannot be read: {error}") from error
        return self

    @cached_property
    def _expressions(self) -> Mapping[str, re.Pattern[str]]:
        """Each list of patterns as one, terms put in."""
        lists = {"people": self.people, "help": self.help, "unless": self.unless, "unless_help": self.unless_help}
        lists["now"] = (rf"\b(?:{'|'.join(self.terms['now'])})\b",)
        return {name: self._joined(patterns) for name, patterns in lists.items()}

    def _joined(self, patterns: Sequence[str]) -> re.Pattern[str]:
        text = "|".join(patterns)
        while _TERM.search(text):
            text = _TERM.sub(lambda found: f"(?:{'|'.join(self.terms[found[1]])})", text)
        return re.compile(text)

    def asks_for_people(self, message: str) -> bool:
        """Whether ``message`` asks for a person or a line, for oneself or somebody else."""
        found = self._expressions
        return any(found["people"].search(s) and not found["unless"].search(s) for s in _sentences(message))

    def asks_for_help_now(self, message: str) -> bool:
        """Whether ``message`` asks for help now that is not with some errand."""
        found = self._expressions
        excepted = (found["unless"], found["unless_help"])
        return any(
            found["now"].search(sentence)
            and found["help"].search(sentence)
            and not any(e.search(sentence) for e in excepted)
            for sentence in _sentences(message)
        )


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What is said of people who can be reached, and the people. ``template`` is the id of the words."""

    text: str
    template: str
    resources: tuple[Resource, ...]
    choices: tuple[Choice, ...]
    artefact: tuple[str, str]

    def before(self, drafted: EngineReply) -> EngineReply:
        """Return ``drafted`` after these words; where it has no answer of its own, these words in its place."""
        alone = EngineReply(text="", author=Author.TEMPLATE, route=Route.SUPPORT, artefacts=drafted.artefacts)
        kept = alone if drafted.has_no_answer else drafted
        return replace(
            kept,
            text=f"{self.text}\n\n{kept.text}".strip(),
            resources=_added(self.resources, kept.resources),
            choices=_added(kept.choices, (choice for choice in self.choices if not _leads_alike(choice, kept.choices))),
            artefacts=(*kept.artefacts, self.artefact),
        )


@dataclass(frozen=True, kw_only=True)
class Reaching:
    """Decides when people to reach are due with a reply, and words it for the region."""

    words: Loaded[ReachingWords]
    helplines: Helplines

    def due(self, message: str, state: ConversationState, routing: Routing, now: datetime) -> Reach | None:
        """Return what is due with the reply to ``message``, or None.

        Whoever asks for help now, but not for people, and is routed to an exercise, a check-in or something else than
        care has asked for that; while an exercise or a check-in is under way every message is routed to it.
        """
        words = self.words.value
        asks_for_else = routing.route in _OTHER_WISHES and state.activity is None
        is_due = words.asks_for_people(message) or (not asks_for_else and words.asks_for_help_now(message))
        return self._reach(state, now) if is_due else None

    @property
    def artefact(self) -> tuple[str, str]:
        """Id and SHA-256 hash of the words."""
        return f"{self.words.value.id}@{self.words.value.version}", self.words.sha256

    def _reach(self, state: ConversationState, now: datetime) -> Reach:
        is_elsewhere = self.helplines.region(state.region) == ELSEWHERE
        words, is_minor = self.words.value, state.is_known_minor
        text = words.elsewhere if is_elsewhere else words.here
        region = fill_region(self.helplines, state.region, (), is_minor=is_minor)
        return Reach(
            text=fill(text, {"helplines": region.helplines, "emergency": region.emergency}),
            template="reaching-elsewhere" if is_elsewhere else "reaching-here",
            resources=resources_for(
                self.helplines, state.region, (), today=now.date(), most=_MAX_LINES, is_minor=is_minor
            ),
            choices=(*((_COUNTRY,) if is_elsewhere else ()), _HELP),
            artefact=self.artefact,
        )


def load_reaching(path: Path = REACHING) -> Loaded[ReachingWords]:
    """Read the patterns and the words.

    Raises:
        ContentError: The file is malformed, a pattern is not a regular expression, or a text lacks a slot.
    """
    return load_yaml(path, ReachingWords)


def _sentences(message: str) -> list[str]:
    return [fold(part) for part in _SENTENCE_END.split(message[:_SCANNED_CHARS]) if part.strip()]


def _added(first: Iterable[_Item], then: Iterable[_Item]) -> tuple[_Item, ...]:
    """Return both in order, each once."""
    return tuple(dict.fromkeys((*first, *then)))


def _leads_alike(choice: Choice, others: Iterable[Choice]) -> bool:
    return any((choice.value, choice.path) == (other.value, other.path) for other in others)
