"""One labelled utterance, or one labelled window of turns."""

from dataclasses import dataclass
from enum import StrEnum

from holdfast.safety.detection.verdict import Category, Level, Subject, Tense
from holdfast.turn import Role, Turn

__all__ = ["Form", "Language", "Split", "Utterance"]


class Form(StrEnum):
    """How a thing is said. ``PLAIN`` and ``EDUCATIONAL`` occur among the look-alikes only."""

    EXPLICIT = "explicit"
    INDIRECT = "indirect"
    CODED = "coded"
    THIRD_PERSON = "third_person"
    PAST = "past"
    NEGATED = "negated"
    IDIOMATIC = "idiomatic"
    QUOTED = "quoted"
    MIXED_LANGUAGE = "mixed_language"
    TYPO = "typo"
    LEETSPEAK = "leetspeak"
    EMOJI = "emoji"
    VOICE = "voice"
    EDUCATIONAL = "educational"
    PLAIN = "plain"


class Language(StrEnum):
    """Languages of the set, by BCP 47 tag. Hindi is written in two scripts."""

    ENGLISH = "en"
    SPANISH = "es"
    PORTUGUESE = "pt"
    FRENCH = "fr"
    GERMAN = "de"
    HINDI_LATIN = "hi-Latn"
    HINDI_DEVANAGARI = "hi-Deva"
    ARABIC = "ar"
    MANDARIN = "zh"


class Split(StrEnum):
    """What an utterance may be used for. A whole family lies in one split."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """What might be said, and what a detector should make of it.

    ``level`` is the lowest level that does it justice; ``categories`` come main one first and are empty where there
    is no danger; ``identity`` names who plainly speaks or is spoken of, where the words say so.
    """

    id: str
    family: str
    split: Split
    turns: tuple[Turn, ...]
    level: Level
    categories: tuple[Category, ...]
    form: Form
    subject: Subject
    tense: Tense
    language: Language
    identity: tuple[str, ...] = ()

    @property
    def is_risk(self) -> bool:
        """Whether there may be danger now, so that somebody should ask."""
        return self.level >= Level.CONCERN

    @property
    def is_benign(self) -> bool:
        """Whether there is no sign of danger at all. A past or passing sign is neither this nor a risk."""
        return self.level is Level.NONE

    @property
    def is_window(self) -> bool:
        """Whether it is a conversation and not a single message."""
        return len(self.turns) > 1

    @property
    def text(self) -> str:
        """What the person says, all their turns joined by line breaks."""
        return "\n".join(turn.text for turn in self.turns if turn.role is Role.PERSON)
