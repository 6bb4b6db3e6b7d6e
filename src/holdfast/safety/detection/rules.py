"""The rule detector: the first layer. Reads the last turn and the running window of what the person said."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from holdfast.safety.detection.answers import ANSWER, AnswerReader
from holdfast.safety.detection.context import Cues
from holdfast.safety.detection.finding import Finding, raise_by_themes
from holdfast.safety.detection.grading import grade
from holdfast.safety.detection.matching import sentences
from holdfast.safety.detection.rulebook import Rulebook
from holdfast.safety.detection.verdict import Category, Detection, Evidence, Level, Subject, Tense
from holdfast.safety.detection.window import window
from holdfast.turn import Role, Turn

__all__ = ["RuleDetector"]

MAX_EVIDENCE = 64
"""Most pieces of evidence reported, the gravest and of those the latest: a huge message makes no huge verdict."""

Named = TypeVar("Named", Subject, Tense)

_NOTHING = Detection(level=Level.NONE)
_CATEGORIES = tuple(Category)
_GRAVE_THEMES = frozenset({"desire", "means", "plan", "urge"})
_CHUNK = 8_000
_CHUNK_OVERLAP = 400


class RuleDetector:
    """Finds risk by rules over plain words. Holds no state between calls.

    Args:
        rulebook: The compiled rules.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self._book = rulebook
        self._reader = AnswerReader(rulebook.normaliser, rulebook.questions, rulebook.answers)

    def detect(self, turns: Sequence[Turn]) -> Detection:
        """Judge ``turns``, oldest first. Only the person's words are evidence; a denial lowers nothing said before."""
        found: list[tuple[int, Finding]] = []
        for number in window(turns):
            found.extend((number, finding) for finding in self._turn(turns, number))
        return _verdict(_confirmed(found))

    def _turn(self, turns: Sequence[Turn], number: int) -> Iterator[Finding]:
        text = turns[number].text
        full: Counter[str] = Counter()
        for offset in range(0, max(1, len(text)), _CHUNK):
            start = max(0, offset - _CHUNK_OVERLAP)
            for finding in self._chunk(text[start : offset + _CHUNK], full):
                yield replace(finding, start=finding.start + start, end=finding.end + start) if start else finding
        if number and turns[number - 1].role is Role.ASSISTANT:
            answer = self._reader.read(turns[number - 1].text, text)
            if answer is not None:
                yield answer

    def _chunk(self, text: str, full: Counter[str]) -> Iterator[Finding]:
        """Yield the findings of ``text``. A rule that ``full`` counts often enough at its level adds nothing more."""
        message = list(sentences(self._book.normaliser.words(text)))
        cues = Cues(self._book.cues, message)
        for sentence in message:
            for match in self._book.rules.find(sentence):
                rule = match.payload.rule
                if full[rule.id] >= MAX_EVIDENCE:
                    continue
                finding = grade(match, sentence, cues, self._book.grammar)
                if finding is not None:
                    full[rule.id] += finding.level == rule.grade and finding.subject is Subject.SELF
                    yield finding
        yield from self._phrases(text, full)

    def _phrases(self, text: str, full: Counter[str]) -> Iterator[Finding]:
        for finding in self._book.phrasebook.find(text):
            if full[finding.rule] < MAX_EVIDENCE:
                full[finding.rule] += 1
                yield finding


def _confirmed(found: list[tuple[int, Finding]]) -> list[tuple[int, Finding]]:
    """Drop signs that count only beside another of their category ("it is back") where there is none."""
    sure = {finding.category for _, finding in found if finding.theme in _GRAVE_THEMES}
    kept = [(turn, finding) for turn, finding in found if not finding.requires_other or finding.category in sure]
    raised = raise_by_themes([finding for _, finding in kept])
    return [(turn, finding) for turn, finding in kept if finding.alone or finding.category in raised]


def _verdict(found: list[tuple[int, Finding]]) -> Detection:
    if not found:
        return _NOTHING
    findings = [finding for _, finding in found]
    together = raise_by_themes(findings)
    level = max(*together.values(), *(finding.level for finding in findings), Level.NONE)
    leading = [f for f in findings if level in {f.level, together.get(f.category)}]
    return Detection(
        level=level,
        categories=_categories(findings, together),
        evidence=_evidence(found, stands=bool(together) or len(found) > MAX_EVIDENCE),
        subject=_first((f.subject for f in leading), (Subject.SELF, Subject.OTHER, Subject.UNKNOWN)),
        tense=_first((f.tense for f in leading), (Tense.PRESENT, Tense.PAST, Tense.UNKNOWN)),
    )


def _categories(findings: Sequence[Finding], together: Mapping[Category, Level]) -> tuple[Category, ...]:
    worst = dict(together)
    for finding in findings:
        worst[finding.category] = max(worst.get(finding.category, Level.NONE), finding.level)
    return tuple(sorted(worst, key=lambda category: (-worst[category], _CATEGORIES.index(category))))


def _evidence(found: Iterable[tuple[int, Finding]], *, stands: bool) -> tuple[Evidence, ...]:
    """Return the gravest pieces, in their order. ``stands`` where they say more together than each by its words."""
    pieces = dict.fromkeys(_piece(turn, finding, stands=stands) for turn, finding in found)
    gravest = sorted(pieces, key=lambda e: (-e.level, -e.turn, e.start, e.end, e.rule))[:MAX_EVIDENCE]
    return tuple(sorted(gravest, key=lambda e: (e.turn, e.start, e.end, e.rule)))


def _piece(turn: int, found: Finding, *, stands: bool) -> Evidence:
    return Evidence(
        turn=turn,
        start=found.start,
        end=found.end,
        category=found.category,
        level=found.level,
        rule=found.rule,
        subject=found.subject,
        by_words=not (stands or found.requires_other or found.theme == ANSWER),
    )


def _first(values: Iterable[Named], order: Sequence[Named]) -> Named:
    """Return the first of ``order`` that is among ``values``, else the last of ``order``."""
    present = set(values)
    return next((value for value in order if value in present), order[-1])
