"""The pipeline's parts, each a small protocol: later work replaces a part, never the pipeline.

consent and AI notice -> detection -> crisis path, or route -> engine -> output review -> reply and trace
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from holdfast.care.conversation.reply import Author, Choice, Resource, Route, Source
from holdfast.care.conversation.stage import Stage
from holdfast.care.conversation.state import Activity, ConversationState
from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.detection.verdict import Detection

__all__ = [
    "CrisisPath",
    "CrisisResponse",
    "Engine",
    "EngineReply",
    "Notice",
    "NoticePolicy",
    "Router",
    "Routing",
    "StreamingEngine",
]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A notice that this is software. ``reason`` is why it is due: first_use, session, interval or asked.

    With ``resets_clock`` false the next one is due as if this one had not been given.
    """

    text: str
    reason: str
    artefact: tuple[str, str]
    resets_clock: bool = True


class NoticePolicy(Protocol):
    """Decides when a person is told that this is software (requirement H2)."""

    def due(self, message: str, state: ConversationState, now: datetime) -> Notice | None:
        """Return the notice due with the reply to ``message``, or None."""
        ...


@dataclass(frozen=True, kw_only=True)
class CrisisResponse:
    """What the crisis protocol says and the state it leaves. ``templates`` are the ids used, in order.

    With ``leads`` false the text accompanies the routed reply (a notice) instead of replacing it.
    """

    text: str
    state: CrisisState
    templates: tuple[str, ...]
    resources: tuple[Resource, ...]
    choices: tuple[Choice, ...]
    leads: bool
    artefacts: tuple[tuple[str, str], ...]


class CrisisPath(Protocol):
    """Speaks for the crisis protocol: templates, never generated text."""

    def respond(
        self, message: str, detection: Detection, state: ConversationState, now: datetime
    ) -> CrisisResponse | None:
        """Return the protocol's response, or None where neither detection nor the standing state calls for one."""
        ...


@dataclass(frozen=True, kw_only=True)
class Routing:
    """Where a message goes and why. ``target`` is an instrument or exercise id where one was named."""

    route: Route
    reason: str
    target: str | None = None


class Router(Protocol):
    """Chooses the part that answers. Plain rules: a language model never routes."""

    def route(self, message: str, state: ConversationState) -> Routing:
        """Route ``message``."""
        ...


@dataclass(frozen=True, kw_only=True)
class EngineReply:
    """What a part answers, before output review. ``activity`` is what is under way afterwards.

    ``raised`` is a risk the part itself found (a positive risk item), which opens the crisis path at once.
    ``fallback`` is the vetted text to show when ``text`` does not pass review. ``route`` replaces the router's
    where the part turned out to do something else (an education engine that abstains). ``finished`` is an activity
    that this reply completed or stopped, to be kept with the person's records; it is not under way any more.
    ``has_no_answer`` marks a text that only says that there is none here, so that whatever else is due stands alone.
    """

    text: str
    author: Author
    route: Route | None = None
    sources: tuple[Source, ...] = ()
    choices: tuple[Choice, ...] = ()
    resources: tuple[Resource, ...] = ()
    next_step: str | None = None
    referral: str | None = None
    activity: Activity | None = None
    finished: Activity | None = None
    raised: Detection | None = None
    fallback: str | None = None
    has_no_answer: bool = False
    model: str | None = None
    model_outcome: str | None = None
    artefacts: tuple[tuple[str, str], ...] = ()


class Engine(Protocol):
    """A part of care that answers messages routed to it."""

    async def reply(self, message: str, routing: Routing, state: ConversationState) -> EngineReply:
        """Answer ``message``."""
        ...


@runtime_checkable
class StreamingEngine(Engine, Protocol):
    """A part that can show its draft while it is written."""

    async def reply_on(self, stage: Stage, message: str, routing: Routing, state: ConversationState) -> EngineReply:
        """Answer ``message`` as ``reply`` does, and let a draft through on ``stage`` as it comes."""
        ...
