"""What the pipeline knows of a person when a message arrives, and what it hands back to be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from holdfast.safety.crisis.standing import AlertStanding
from holdfast.safety.crisis.state import CrisisState
from holdfast.turn import Turn

__all__ = ["Activity", "ActivityKind", "Audience", "ConversationState", "Purpose"]


class Purpose(StrEnum):
    """Purposes a person consents to, each on its own (requirement H1). None is ever assumed."""

    CONVERSATION = "conversation"
    CHECK_INS = "check_ins"
    EXERCISES = "exercises"
    LANGUAGE_MODEL = "language_model"
    QUALITY_REVIEW = "quality_review"


class Audience(StrEnum):
    """Whom content is written for."""

    PUBLIC = "public"
    CAREGIVER = "caregiver"
    HELPER = "helper"


class ActivityKind(StrEnum):
    """What can be under way inside a conversation."""

    SCREENING = "screening"
    EXERCISE = "exercise"


@dataclass(frozen=True, kw_only=True)
class Activity:
    """A screening or exercise under way. ``progress`` is the engine's own JSON-ready state."""

    kind: ActivityKind
    id: str
    progress: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ConversationState:
    """Everything the pipeline reads and writes besides the message. ``turns`` is the running window, oldest first.

    ``region`` is an ISO 3166-1 alpha-2 country code, or None where the person has not said. ``alert`` is what became
    of the alerts about them. ``is_minor`` is whether they are served as somebody under 18, also where nobody knows;
    ``is_known_minor`` is whether they said that they are, and decides which lines they are shown first.
    ``infers_affect`` is whether the parts that answer may sort what they say by feeling. None of these plays a part in
    detection.
    """

    turns: tuple[Turn, ...] = field(default=(), repr=False)
    crisis: CrisisState = field(default_factory=CrisisState)
    alert: AlertStanding = field(default_factory=AlertStanding)
    consents: frozenset[Purpose] = frozenset()
    last_notice: datetime | None = None
    last_seen: datetime | None = None
    activity: Activity | None = None
    region: str | None = None
    audience: Audience = Audience.PUBLIC
    is_minor: bool = False
    is_known_minor: bool = False
    infers_affect: bool = False
