"""One labelled conversation to judge detection on, and what detection made of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from holdfast.safety.detection.verdict import Category, Detection, Level, ReadsMany, Subject, Tense
from holdfast.safety.report.second_reader import load_second_reading
from holdfast.safety.utterances import Language, Utterance
from holdfast.turn import Turn

__all__ = ["Case", "JudgedCase", "Label", "case_of", "judge_cases"]

_BATCH = 256
_LENGTHS = ((40, "up to 40 characters"), (120, "41 to 120"), (300, "121 to 300"))
_LONGEST = "over 300 characters"
_FIRST_SET, _ORDINARY = "old-", ("ord-", "ord2-", "ord3-")
_TRAINING_ONLY = ("w4-", "w5-", "w6-")

Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""


class Label(StrEnum):
    """What a case is: possible danger now, a passing or past sign, or neither."""

    RISK = "risk"
    NOTICE = "notice"
    BENIGN = "benign"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A labelled conversation. What is None was not labelled.

    ``groups`` names, by dimension, the groups the case belongs to: none, one or several.
    """

    id: str
    turns: tuple[Turn, ...]
    label: Label
    level: Level | None = None
    categories: tuple[Category, ...] = ()
    subject: Subject | None = None
    tense: Tense | None = None
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class JudgedCase:
    """A case and its verdict."""

    case: Case
    detection: Detection

    def level_of(self, layer: str | None) -> Level:
        """Return the level that ``layer`` gave by itself, or all of them together (None)."""
        if layer is None:
            return self.detection.level
        return next(report.level for report in self.detection.layers if report.name == layer)


def judge_cases(
    detector: ReadsMany, cases: Sequence[Case], *, progress: Progress = lambda _done, _of: None
) -> list[JudgedCase]:
    """Judge every case, in order."""
    judged: list[JudgedCase] = []
    for start in range(0, len(cases), _BATCH):
        some = cases[start : start + _BATCH]
        found = detector.detect_many([case.turns for case in some])
        judged += [JudgedCase(case=case, detection=one) for case, one in zip(some, found, strict=True)]
        progress(len(judged), len(cases))
    return judged


def case_of(utterance: Utterance) -> Case:
    """Return an utterance of the labelled set as a case."""
    label = Label.RISK if utterance.is_risk else Label.BENIGN if utterance.is_benign else Label.NOTICE
    return Case(
        id=utterance.id,
        turns=utterance.turns,
        label=label,
        level=utterance.level,
        categories=utterance.categories,
        subject=utterance.subject,
        tense=utterance.tense,
        groups={
            "category": tuple(category.value for category in utterance.categories[:1]),
            "form": (utterance.form.value,),
            "language": (utterance.language.value,),
            "length": (length_band(utterance.turns),),
            "identity": utterance.identity,
            "source": (_source(utterance),),
            "second reader": load_second_reading().groups_of(utterance),
        },
    )


def length_band(turns: Iterable[Turn]) -> str:
    """Return the band that all turns together fall into."""
    characters = sum(len(turn.text) for turn in turns)
    return next((name for most, name in _LENGTHS if characters <= most), _LONGEST)


def _source(utterance: Utterance) -> str:
    if utterance.language is not Language.ENGLISH:
        return "other languages"
    if utterance.is_window:
        return "conversations"
    if utterance.family.startswith(_FIRST_SET):
        return "first set"
    if utterance.family.startswith(_TRAINING_ONLY):
        return "training lines"
    return "ordinary phrasing" if utterance.family.startswith(_ORDINARY) else "rare phrasing"
