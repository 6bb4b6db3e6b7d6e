"""Run several detectors side by side; any failure of one counts as risk and is never silent."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, replace

from holdfast.errors import UnknownNameError
from holdfast.safety.detection.verdict import (
    Category,
    Detection,
    Detector,
    Evidence,
    LayerReport,
    LayerStatus,
    Level,
    ReadsMany,
    Subject,
    Tense,
)
from holdfast.turn import Role, Turn

__all__ = ["LayeredDetector"]

_FLOOR = Level.CONCERN
"""What a message counts as when a layer did not do its work: possible risk, ask directly."""

_MOST_HANGING = 4
"""Calls of one layer that may hang at once; while they do, further messages are not handed to it but count as risk."""


@dataclass(frozen=True)
class _Outcome:
    report: LayerReport
    detection: Detection | None = None


class LayeredDetector:
    """Combines layers by the gravest verdict, but for words read again as harmless.

    A layer that raises, answers nonsense, is missing or goes over its time counts as ``CONCERN`` and says so in the
    report. Text is never put into a report.

    Args:
        layers: The detectors by name, in the order they run.
        required: Names that must be present; one that is not is reported as missing. By default those of ``layers``.
        off: Names of layers that might run and are not to: reported as off, which is no risk. One that is required and
            not there is missing all the same.
        heard_first: Names of the layers whose word on whom and when counts before that of others, first of all the
            first; of the rest, and by default, the gravest verdict's does. The level never follows from it.
        budget_s: Seconds a layer may take. A verdict that came later still counts, beside the floor.
        clock: Seconds that only go forward.
        interrupt: Run each layer in a thread and stop waiting for it after ``budget_s``: for layers that may hang.
    """

    def __init__(
        self,
        layers: Mapping[str, Detector],
        *,
        required: Iterable[str] | None = None,
        off: Iterable[str] = (),
        heard_first: Iterable[str] = (),
        budget_s: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        interrupt: bool = False,
    ) -> None:
        self._layers = dict(layers)
        self._missing = tuple(name for name in (required or ()) if name not in self._layers)
        self._off = tuple(name for name in off if name not in self._layers and name not in self._missing)
        self._heard_first = tuple(heard_first)
        self._budget_s, self._clock, self._interrupt = budget_s, clock, interrupt
        self._running: dict[str, list[Future[Detection]]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its layers, in the order they run."""
        return tuple(self._layers)

    @property
    def standing(self) -> dict[str, LayerStatus]:
        """How each layer stands before it has judged anything, by name: ok, missing or off."""
        return {
            **dict.fromkeys(self._layers, LayerStatus.OK),
            **dict.fromkeys(self._missing, LayerStatus.MISSING),
            **dict.fromkeys(self._off, LayerStatus.OFF),
        }

    def only(self, names: Iterable[str]) -> "LayeredDetector":
        """Return a detector of some of the layers, to see what each is worth; nothing else is required of it.

        Raises:
            UnknownNameError: There is no such layer.
        """
        kept = dict.fromkeys(names)
        for name in kept:
            if name not in self._layers:
                raise UnknownNameError("layer", name, self._layers)
        return LayeredDetector(
            {name: self._layers[name] for name in kept},
            heard_first=self._heard_first,
            budget_s=self._budget_s,
            clock=self._clock,
            interrupt=self._interrupt,
        )

    def detect(self, turns: Sequence[Turn]) -> Detection:
        """Judge ``turns`` with every layer; never raises on account of a layer. No turns at all is no risk."""
        outcomes = [self._run(name, layer, turns) for name, layer in self._layers.items()]
        return _combine([*outcomes, *self._absent()], self._heard_first)

    def detect_many(self, conversations: Sequence[Sequence[Turn]]) -> list[Detection]:
        """Judge many conversations; the same verdicts as one by one, sooner where a layer reads several at once.

        A layer reads them together where it has ``detect_many`` and is not to be interrupted. Where that raises,
        answers another number, or takes longer than ``budget_s`` for each, it reads them again one by one, so that only
        the conversations it fails on are degraded.
        """
        outcomes = [self._run_many(name, layer, conversations) for name, layer in self._layers.items()]
        absent, first = self._absent(), self._heard_first
        return [
            _combine([*(some[number] for some in outcomes), *absent], first) for number in range(len(conversations))
        ]

    def _absent(self) -> list[_Outcome]:
        """Return how those layers fare that are not there; with none there at all, detection itself is missing."""
        missing = self._missing if self._layers or self._missing else ("detection",)
        return [
            *(_Outcome(_report(name, LayerStatus.MISSING, _FLOOR)) for name in missing),
            *(_Outcome(_report(name, LayerStatus.OFF, Level.NONE)) for name in self._off),
        ]

    def _run_many(self, name: str, layer: Detector, conversations: Sequence[Sequence[Turn]]) -> Sequence[_Outcome]:
        if isinstance(layer, ReadsMany) and not self._interrupt:
            began = self._clock()
            try:
                found = list(layer.detect_many(conversations))
            except Exception:  # noqa: BLE001 - the edge of a layer: one by one says which conversation it fails on
                found = []
            is_late = self._clock() - began > self._budget_s * len(conversations)
            if len(found) == len(conversations) and not is_late:
                return [self._checked(name, one, turns) for one, turns in zip(found, conversations, strict=True)]
        return [self._run(name, layer, turns) for turns in conversations]

    def _checked(self, name: str, detection: Detection, turns: Sequence[Turn]) -> _Outcome:
        if not _makes_sense(detection, turns):
            return _Outcome(_report(name, LayerStatus.FAILED, _FLOOR, "nonsense"))
        report = _report(name, LayerStatus.OK, detection.level)
        return _Outcome(replace(report, is_unsure=detection.is_unsure), detection)

    def _run(self, name: str, layer: Detector, turns: Sequence[Turn]) -> _Outcome:
        began = self._clock()
        try:
            detection = self._call(name, layer, turns)
        except FutureTimeoutError:
            return _Outcome(_report(name, LayerStatus.TIMED_OUT, _FLOOR))
        except Exception as error:  # noqa: BLE001 - the edge of a layer: whatever it raises becomes risk
            return _Outcome(_report(name, LayerStatus.FAILED, _FLOOR, type(error).__name__))
        outcome = self._checked(name, detection, turns)
        if outcome.detection is not None and self._clock() - began > self._budget_s:
            return _Outcome(_report(name, LayerStatus.TIMED_OUT, max(_FLOOR, detection.level)), detection)
        return outcome

    def _call(self, name: str, layer: Detector, turns: Sequence[Turn]) -> Detection:
        if not self._interrupt:
            return layer.detect(turns)
        self._running[name] = [call for call in self._running.get(name, ()) if not call.done()]
        if len(self._running[name]) >= _MOST_HANGING:
            raise FutureTimeoutError
        call: Future[Detection] = Future()
        self._running[name].append(call)
        threading.Thread(target=_answer, args=(call, layer, turns), daemon=True).start()
        return call.result(timeout=self._budget_s)


def _answer(call: "Future[Detection]", layer: Detector, turns: Sequence[Turn]) -> None:
    try:
        call.set_result(layer.detect(turns))
    except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the call
        call.set_exception(error)


def _report(name: str, status: LayerStatus, level: Level, error: str | None = None) -> LayerReport:
    return LayerReport(name=name, status=status, level=level, error=error)


def _makes_sense(detection: object, turns: Sequence[Turn]) -> bool:
    if not isinstance(detection, Detection):
        return False
    enums = (
        isinstance(detection.level, Level)
        and isinstance(detection.subject, Subject)
        and isinstance(detection.tense, Tense)
        and isinstance(detection.is_unsure, bool)
        and all(isinstance(category, Category) for category in detection.categories)
    )
    in_place = enums and all(_is_in_place(evidence, turns) for evidence in detection.evidence)
    return in_place and all(_may_be_harmless(turn, detection, turns) for turn in detection.harmless)


def _may_be_harmless(turn: object, detection: Detection, turns: Sequence[Turn]) -> bool:
    """Return whether ``turn`` is something the person said, and the same layer says of no danger that it is there."""
    if type(turn) is not int or not 0 <= turn < len(turns) or turns[turn].role is not Role.PERSON:
        return False
    grave = [piece.turn for piece in detection.evidence if piece.level >= Level.CONCERN]
    return turn not in grave and (detection.level < Level.CONCERN or bool(detection.evidence))


def _is_in_place(evidence: object, turns: Sequence[Turn]) -> bool:
    if not isinstance(evidence, Evidence) or not 0 <= evidence.turn < len(turns):
        return False
    turn = turns[evidence.turn]
    return turn.role is Role.PERSON and 0 <= evidence.start <= evidence.end <= len(turn.text)


def _combine(outcomes: Sequence[_Outcome], heard_first: Sequence[str]) -> Detection:
    outcomes = _seconding(_heeding_second_readings(outcomes))
    told = _as_heard(outcomes, heard_first)
    found = [outcome.detection for outcome in outcomes if outcome.detection is not None]
    floors = [outcome.report.level for outcome in outcomes if outcome.report.status.is_risk]
    gravest = sorted(found, key=lambda detection: -detection.level)
    has_sign = any(detection.level > Level.NONE for detection in found)
    level = max(*floors, *(detection.level for detection in found), Level.NONE)
    return Detection(
        level=level,
        categories=tuple(dict.fromkeys(category for detection in gravest for category in detection.categories)),
        evidence=tuple(dict.fromkeys(piece for detection in found for piece in detection.evidence)),
        subject=_subject(told),
        tense=_tense(told) if has_sign else Tense.UNKNOWN,
        layers=tuple(outcome.report for outcome in outcomes),
        is_unsure=has_sign and level not in floors and all(one.is_unsure for one in found if one.level == level),
    )


def _as_heard(outcomes: Sequence[_Outcome], heard_first: Sequence[str]) -> list[Detection]:
    """Return the verdicts in the order in which their word on whom and when counts."""
    place = {name: number for number, name in enumerate(heard_first)}
    told = [(place.get(one.report.name, len(place)), one.detection) for one in outcomes if one.detection is not None]
    return [detection for _, detection in sorted(told, key=lambda item: (item[0], -item[1].level))]


def _subject(told: Sequence[Detection]) -> Subject:
    """Return whom the first verdict with a sign that knows it is about."""
    known = (one.subject for one in told if one.level > Level.NONE and one.subject is not Subject.UNKNOWN)
    return next(known, Subject.UNKNOWN)


def _tense(told: Sequence[Detection]) -> Tense:
    """Return the first tense that is known. What a layer calls a crisis of now is never told as past by another."""
    known = [one for one in told if one.tense is not Tense.UNKNOWN]
    if any(one.level is Level.CRISIS and one.tense is Tense.PRESENT for one in known):
        return Tense.PRESENT
    return known[0].tense if known else Tense.UNKNOWN


def _heeding_second_readings(outcomes: Sequence[_Outcome]) -> Sequence[_Outcome]:
    """Return ``outcomes``, with concerns held to a notice where another layer read all they rest on as harmless.

    Rules and words share figures of speech with danger that the whole message shows to be none. Where any layer says
    crisis nothing is held; what rests on more than the words of one turn stands (an answer to a question, several
    lesser signs together), and so does what a layer that failed or came late would speak against.
    """
    found = [one.detection for one in outcomes if one.detection is not None]
    if any(detection.level is Level.CRISIS for detection in found):
        return outcomes
    sound = [one.detection for one in outcomes if one.detection is not None and one.report.status is LayerStatus.OK]
    return [_second_read(one, sound) for one in outcomes]


def _second_read(one: _Outcome, sound: Sequence[Detection]) -> _Outcome:
    """Return ``one`` as it is, or, where others of the ``sound`` verdicts outweigh its concern, as a notice."""
    said = one.detection
    if said is None or one.report.status is not LayerStatus.OK or said.level is not Level.CONCERN:
        return one
    grave = [piece for piece in said.evidence if piece.level is Level.CONCERN]
    harmless = {turn for other in sound if other is not said for turn in other.harmless}
    if not grave or not all(piece.by_words and piece.turn in harmless for piece in grave):
        return one
    held = replace(said, level=Level.NOTICE, evidence=tuple(map(_as_notice, said.evidence)), is_unsure=False)
    return _Outcome(replace(one.report, is_outweighed=True, is_unsure=False), held)


def _as_notice(piece: Evidence) -> Evidence:
    return replace(piece, level=min(piece.level, Level.NOTICE))


def _seconding(outcomes: Sequence[_Outcome]) -> Sequence[_Outcome]:
    """Return ``outcomes``, with a grave concern raised to a crisis where another layer finds danger in the same turn.

    One layer may take a figure of speech for danger; two that err apart hardly take the same one. A verdict that came
    late speaks as well.
    """
    found = [one.detection for one in outcomes if one.detection is not None]
    return [_seconded(one, found) for one in outcomes]


def _seconded(one: _Outcome, found: Sequence[Detection]) -> _Outcome:
    said = one.detection
    if said is None or said.level is not Level.CONCERN:
        return one
    turns = {piece.turn for other in found if other is not said for piece in other.evidence if _is_danger(piece)}
    raised = tuple(
        replace(piece, level=Level.CRISIS) if piece.is_grave and _is_danger(piece) and piece.turn in turns else piece
        for piece in said.evidence
    )
    if raised == said.evidence:
        return one
    grave = replace(said, level=Level.CRISIS, evidence=raised, is_unsure=False)
    return _Outcome(replace(one.report, is_seconded=True, is_unsure=False), grave)


def _is_danger(piece: Evidence) -> bool:
    return piece.level >= Level.CONCERN
