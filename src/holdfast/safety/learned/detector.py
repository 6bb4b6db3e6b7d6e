"""The learned detector: the second layer. Judges by relative distance to reference points of each kind of danger."""

from collections.abc import Iterator, Sequence

from holdfast.safety.detection.verdict import Category, Detection, Evidence, Level, Subject, Tense
from holdfast.safety.learned.model import LearnedModel
from holdfast.safety.learned.parts import Part, parts_of
from holdfast.safety.learned.references import NOTICE
from holdfast.turn import Turn

__all__ = ["LearnedDetector"]


class LearnedDetector:
    """Finds risk by where a text lies among reference points. Holds no state between calls.

    Args:
        model: Encoder, references and calibration.
    """

    def __init__(self, model: LearnedModel) -> None:
        self._model = model

    def detect(self, turns: Sequence[Turn]) -> Detection:
        """Judge ``turns``, oldest first: each thing the person said, and the last few together."""
        parts = [part for part in parts_of(turns) if part.text.strip()]
        if not parts:
            return Detection(level=Level.NONE)
        return _verdict(list(self._found(parts)))

    def _found(self, parts: Sequence[Part]) -> Iterator[tuple[float, Evidence, Tense]]:
        references, calibration = self._model.references, self._model.calibration
        away = references.distances(self._model.encoder.encode([part.text for part in parts]))
        relative = references.relative(away)
        worst = relative.argmax(axis=1)
        chances = calibration.probability(relative.max(axis=1))
        nearest = away.argmin(axis=1)
        for part, kind, chance, near in zip(parts, worst, chances, nearest, strict=True):
            level, tense = calibration.level(float(chance)), Tense.PRESENT
            if level is Level.NONE and references.kinds[near] == NOTICE:
                level, tense = Level.NOTICE, Tense.PAST
            if level > Level.NONE:
                yield (
                    float(chance),
                    _evidence(part, references.risks[kind].category, level, references.risks[kind].subject),
                    tense,
                )


def _evidence(part: Part, category: Category | None, level: Level, subject: Subject) -> Evidence:
    if category is None:
        raise ValueError("a kind of danger has a category")
    name = "learned-together" if part.is_together else "learned"
    return Evidence(
        turn=part.turn,
        start=part.piece.start,
        end=part.piece.end,
        category=category,
        level=level,
        rule=f"{name}/{category.value}",
        subject=subject,
    )


def _verdict(found: Sequence[tuple[float, Evidence, Tense]]) -> Detection:
    if not found:
        return Detection(level=Level.NONE)
    ordered = sorted(found, key=lambda item: (-item[1].level, -item[0]))
    _, leading, tense = ordered[0]
    level = leading.level
    return Detection(
        level=level,
        categories=tuple(dict.fromkeys(piece.category for _, piece, _ in ordered)),
        evidence=tuple(piece for _, piece, _ in ordered[:8]),
        subject=leading.subject,
        tense=tense,
    )
