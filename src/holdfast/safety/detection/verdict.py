"""What a detector found: how grave, of which kind, about whom, when, and on what evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol, runtime_checkable

from holdfast.turn import Turn

__all__ = [
    "Category",
    "Detection",
    "Detector",
    "Evidence",
    "LayerReport",
    "LayerStatus",
    "Level",
    "ReadsMany",
    "Subject",
    "Tense",
]


class Level(IntEnum):
    """How grave the risk signalled is; higher is worse.

    ``NOTICE``: a passing or past sign, worth a gentle line and a pointer to help. ``CONCERN``: possible risk now,
    ask directly. ``CRISIS``: explicit or likely danger, the crisis protocol leads.
    """

    NONE = 0
    NOTICE = 1
    CONCERN = 2
    CRISIS = 3

    @property
    def label(self) -> str:
        """The level's lower-case name, as files and pages show it."""
        return self.name.lower()


class Category(StrEnum):
    """Kinds of risk (requirement F1)."""

    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    HARM_TO_OTHERS = "harm_to_others"
    ABUSE_OR_NEGLECT = "abuse_or_neglect"
    EATING_DISORDER = "eating_disorder"
    PSYCHOSIS_OR_MANIA = "psychosis_or_mania"
    SUBSTANCE_EMERGENCY = "substance_emergency"
    MEDICAL_EMERGENCY = "medical_emergency"


class Subject(StrEnum):
    """Who is at risk: the person writing, somebody they write about, or not clear."""

    SELF = "self"
    OTHER = "other"
    UNKNOWN = "unknown"


class Tense(StrEnum):
    """When the risk is: now or ahead, behind them, or not clear. A past disclosure is not current intent."""

    PRESENT = "present"
    PAST = "past"
    UNKNOWN = "unknown"


class LayerStatus(StrEnum):
    """Whether a layer of detection did its work. ``OFF``: it was never promised here, switched off or not installed."""

    OK = "ok"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    MISSING = "missing"
    OFF = "off"

    @property
    def is_risk(self) -> bool:
        """Whether a layer that fares so counts as risk: it was promised, and did not do its work."""
        return self not in {LayerStatus.OK, LayerStatus.OFF}


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Where a sign was found: ``start`` and ``end`` are character offsets into turn number ``turn`` of the window.

    ``subject`` is whom this sign is about, which may differ from sign to sign. ``by_words`` says that nothing but words
    of this one turn speaks for it, such as harmless talk has too: a second reading of the turn may then outweigh it.
    ``is_grave`` says that the danger, if it is one, is likelier a crisis than a lesser one: with another layer that
    finds danger in the same turn it is a crisis.
    """

    turn: int
    start: int
    end: int
    category: Category
    level: Level
    rule: str
    subject: Subject = Subject.UNKNOWN
    by_words: bool = False
    is_grave: bool = False


@dataclass(frozen=True, kw_only=True)
class LayerReport:
    """How one layer fared. ``error`` is the error's type name, never its message.

    ``level`` is what the layer said. ``is_outweighed`` says that its concern counts as a notice, since another layer
    read the same turns as clearly harmless. ``is_seconded`` says that its concern counts as a crisis, since it took the
    danger for a grave one and another layer found danger in the same turn. ``is_unsure`` says that it abstained, which
    counts as asking: its estimate lies between what it lets pass and what it is sure of. It is
    not told where another layer settled the matter, by outweighing or seconding it.
    """

    name: str
    status: LayerStatus
    level: Level
    error: str | None = None
    is_outweighed: bool = False
    is_seconded: bool = False
    is_unsure: bool = False


@dataclass(frozen=True, kw_only=True)
class Detection:
    """The verdict over a window of turns. ``categories`` come worst first.

    ``harmless`` are the turns that a layer, judging by itself, reads as clearly harmless, each without what stands
    around it: other layers' concerns about them may count as notices. Empty in a verdict over several layers.
    ``tense`` may be told by a layer that finds no sign itself: it counts beside another's sign, and never for a level.
    ``is_unsure`` says that the layer abstained and so asks; over several layers, that no surer one reaches the level.
    """

    level: Level
    categories: tuple[Category, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    subject: Subject = Subject.UNKNOWN
    tense: Tense = Tense.UNKNOWN
    layers: tuple[LayerReport, ...] = ()
    harmless: tuple[int, ...] = ()
    is_unsure: bool = False

    @property
    def is_degraded(self) -> bool:
        """Whether any layer failed, timed out or was missing. One that is off was never promised."""
        return any(layer.status.is_risk for layer in self.layers)


class Detector(Protocol):
    """Finds risk in the last turn and in the running window before it."""

    def detect(self, turns: Sequence[Turn]) -> Detection:
        """Judge ``turns``, oldest first, of which the last is the one just received.

        A detector may raise: ``LayeredDetector`` turns any failure of a layer into risk.
        """
        ...


@runtime_checkable
class ReadsMany(Protocol):
    """Judges many conversations at once, sooner than one by one."""

    def detect_many(self, conversations: Sequence[Sequence[Turn]]) -> Sequence[Detection]:
        """Return a verdict for each conversation."""
        ...
