"""The learned detector: the second layer. Judges by relative distance to reference points of each kind of danger."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from holdfast.safety.detection.verdict import Detection, Evidence, Level, Tense
from holdfast.safety.learned.model import LearnedModel
from holdfast.safety.learned.pieces import MOST_STRETCHES
from holdfast.safety.learned.reading import HALFWAY, Reading
from holdfast.turn import Turn

__all__ = ["LearnedDetector"]

_MOST_EVIDENCE = 16


class LearnedDetector:
    """Finds risk by where a text lies among reference points. Holds no state between calls.

    When the danger is, it tells also where it finds none itself, for the layers beside it that do.

    A concern is an abstention: the estimate lies in the band of the calibration between what it lets pass and what it
    is sure of, and the verdict says that it is unsure.

    Args:
        model: Encoder, references and calibration.
        name: What its evidence is called in traces.
        plain: Writes a text out in plain English, for a model that has learnt little of other Englishes; the same text
            where there is nothing to put plainly.
    """

    def __init__(
        self, model: LearnedModel, *, name: str = "learned", plain: Callable[[str], str] | None = None
    ) -> None:
        self._calibrations, self._name = model.calibrations, name
        self._tense, self._gravity = model.tense, model.gravity
        self._reader = model.reader(plain)

    def detect(self, turns: Sequence[Turn]) -> Detection:
        """Judge ``turns``, oldest first: each thing the person said, and the last few together."""
        return self.detect_many([turns])[0]

    def detect_many(self, conversations: Sequence[Sequence[Turn]]) -> list[Detection]:
        """Judge many conversations at once; the same verdicts as one by one, several times faster."""
        return [self._verdict(readings) for readings in self._reader.read(conversations)]

    def _verdict(self, readings: Sequence[Reading]) -> Detection:
        harmless = self._harmless(readings)
        levels = [(self._level(one), one) for one in readings]
        graded = [(level, one) for level, one in levels if level > Level.NONE]
        graded.sort(key=lambda item: (-item[0], -item[1].relative))
        if not graded:
            return Detection(level=Level.NONE, tense=self._tense_of(readings), harmless=harmless)
        level, leading = graded[0]
        pieces = chain.from_iterable(self._evidence(grade, one, readings) for grade, one in graded)
        evidence = tuple(dict.fromkeys(pieces))
        if len(evidence) > _MOST_EVIDENCE:
            evidence = tuple(replace(piece, by_words=False) for piece in evidence)
        return Detection(
            level=level,
            categories=tuple(dict.fromkeys(piece.category for piece in evidence)),
            evidence=evidence[:_MOST_EVIDENCE],
            subject=leading.danger.subject,
            tense=self._tense_of([leading]),
            harmless=harmless,
            is_unsure=level is Level.CONCERN,
        )

    def _tense_of(self, readings: Sequence[Reading]) -> Tense:
        """Return the tense of the reading that lies nearest to danger; unknown without any, and where none is told."""
        if self._tense is None or not readings:
            return Tense.UNKNOWN
        worst = max(readings, key=lambda one: one.relative)
        return self._tense.tell(worst.vector[None])[0]

    def _level(self, reading: Reading) -> Level:
        calibration = self._calibrations.of(reading.language)
        level = calibration.level(calibration.probability(reading.relative))
        if level is Level.CRISIS and self._gravity is not None and not self._gravity.is_grave(reading.vector):
            return Level.CONCERN
        return level

    def _harmless(self, readings: Iterable[Reading]) -> tuple[int, ...]:
        """Return the turns that were read from beginning to end and every piece of which is clearly harmless."""
        by_turn: dict[int, list[Reading]] = {}
        for one in readings:
            if not one.part.is_together:
                by_turn.setdefault(one.part.turn, []).append(one)
        return tuple(
            turn for turn, some in by_turn.items() if len(some) < MOST_STRETCHES and all(map(self._is_calm, some))
        )

    def _is_calm(self, reading: Reading) -> bool:
        calibration = self._calibrations.of(reading.language)
        if calibration.calm is None or calibration.probability(reading.relative) >= calibration.calm:
            return False
        return self._reader.encoder.reads_all(reading.part.text)

    def _evidence(self, level: Level, reading: Reading, others: Iterable[Reading]) -> Iterator[Evidence]:
        """Yield where the sign is. What is grave only together is a lesser sign in each turn that leans to it."""
        if not reading.part.is_together:
            yield self._piece(level, reading, reading)
            return
        for other in others:
            if other.relative >= HALFWAY and not other.part.is_together:
                yield self._piece(Level.NOTICE, reading, other)

    def _piece(self, level: Level, reading: Reading, place: Reading) -> Evidence:
        danger = reading.danger
        if danger.category is None:
            raise ValueError("a kind of danger has a category")
        return Evidence(
            turn=place.part.turn,
            start=place.part.piece.start,
            end=place.part.piece.end,
            category=danger.category,
            level=level,
            rule=f"{self._name}/{'together' if reading.part.is_together else danger.category.value}",
            subject=danger.subject,
            by_words=not reading.part.is_together,
            is_grave=self._gravity is not None and self._gravity.leans(reading.vector),
        )
