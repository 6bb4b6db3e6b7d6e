"""Claims about layers: the gravest verdict wins, and any failure counts as risk and says so."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from holdfast.safety.detection import Category, Detection, Evidence, LayeredDetector, LayerStatus, Level, Subject, Tense
from holdfast.turn import Role, Turn

TURNS = [Turn(Role.PERSON, "a private thing")]
CALM = Detection(level=Level.NONE)
GRAVE = Detection(
    level=Level.CRISIS,
    categories=(Category.SUICIDE,),
    evidence=(Evidence(turn=0, start=2, end=9, category=Category.SUICIDE, level=Level.CRISIS, rule="r"),),
    subject=Subject.SELF,
    tense=Tense.PRESENT,
)


class Says:
    """Answers what it was told to, whatever it is."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def detect(self, turns: Sequence[Turn]) -> Any:
        return self._answer


class Breaks:
    def detect(self, turns: Sequence[Turn]) -> Detection:
        raise RuntimeError(turns[-1].text)


class Hangs:
    def __init__(self) -> None:
        self.released = threading.Event()

    def detect(self, turns: Sequence[Turn]) -> Detection:
        self.released.wait(20)
        return CALM


def test_the_gravest_layer_wins_and_evidence_is_merged() -> None:
    verdict = LayeredDetector({"one": Says(CALM), "two": Says(GRAVE)}).detect(TURNS)
    assert (verdict.level, verdict.subject, verdict.tense) == (Level.CRISIS, Subject.SELF, Tense.PRESENT)
    assert verdict.evidence == GRAVE.evidence
    assert not verdict.is_degraded


def test_a_layer_that_raises_is_at_least_a_concern_and_quotes_nobody() -> None:
    verdict = LayeredDetector({"one": Says(CALM), "two": Breaks()}).detect(TURNS)
    assert verdict.level is Level.CONCERN
    assert verdict.layers[1].status is LayerStatus.FAILED
    assert verdict.layers[1].error == "RuntimeError"
    assert "private" not in repr(verdict)


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        "none",
        3,
        Detection(level="none"),  # type: ignore[arg-type]
        Detection(level=Level.NONE, categories=("suicide!",)),  # type: ignore[arg-type]
        Detection(
            level=Level.NONE,
            evidence=(Evidence(turn=4, start=0, end=1, category=Category.SUICIDE, level=Level.NOTICE, rule="r"),),
        ),
        Detection(
            level=Level.NONE,
            evidence=(Evidence(turn=0, start=0, end=99, category=Category.SUICIDE, level=Level.NOTICE, rule="r"),),
        ),
        Detection(level=Level.NONE, harmless=(1,)),
        Detection(level=Level.NONE, harmless=("0",)),  # type: ignore[arg-type]
        Detection(level=Level.NONE, harmless=(True,)),
        Detection(level=Level.CRISIS, evidence=GRAVE.evidence, harmless=(0,)),
        Detection(level=Level.CONCERN, harmless=(0,)),
        Detection(level=Level.NONE, is_unsure="no"),  # type: ignore[arg-type]
    ],
)
def test_a_layer_that_answers_nonsense_is_at_least_a_concern(nonsense: object) -> None:
    verdict = LayeredDetector({"one": Says(nonsense)}).detect(TURNS)
    assert verdict.level is Level.CONCERN
    assert verdict.layers[0].status is LayerStatus.FAILED


def test_a_layer_over_its_time_is_at_least_a_concern_and_its_verdict_still_counts() -> None:
    ticks = iter([0.0, 9.0, 9.0, 9.1])
    layers = {"slow": Says(GRAVE), "quick": Says(CALM)}
    verdict = LayeredDetector(layers, budget_s=1.0, clock=lambda: next(ticks)).detect(TURNS)
    assert [layer.status for layer in verdict.layers] == [LayerStatus.TIMED_OUT, LayerStatus.OK]
    assert verdict.level is Level.CRISIS


def test_a_layer_that_hangs_is_left_behind() -> None:
    hanging = Hangs()
    verdict = LayeredDetector({"one": hanging, "two": Says(GRAVE)}, budget_s=0.05, interrupt=True).detect(TURNS)
    hanging.released.set()
    assert [layer.status for layer in verdict.layers] == [LayerStatus.TIMED_OUT, LayerStatus.OK]
    assert verdict.level is Level.CRISIS


def test_a_missing_layer_is_at_least_a_concern() -> None:
    verdict = LayeredDetector({"rules": Says(CALM)}, required=("rules", "learned")).detect(TURNS)
    assert verdict.level is Level.CONCERN
    assert [(layer.name, layer.status) for layer in verdict.layers] == [
        ("rules", LayerStatus.OK),
        ("learned", LayerStatus.MISSING),
    ]


def test_a_layer_that_is_off_was_never_promised_and_every_verdict_says_so() -> None:
    layered = LayeredDetector({"rules": Says(CALM)}, required=("rules",), off=("semantic",))
    for verdict in layered.detect(TURNS), *layered.detect_many([TURNS]):
        assert verdict.level is Level.NONE
        assert [(layer.name, layer.status, layer.level) for layer in verdict.layers] == [
            ("rules", LayerStatus.OK, Level.NONE),
            ("semantic", LayerStatus.OFF, Level.NONE),
        ]
        assert not verdict.is_degraded
    assert layered.standing == {"rules": LayerStatus.OK, "semantic": LayerStatus.OFF}


def test_a_required_layer_is_missing_also_where_it_is_called_off() -> None:
    layered = LayeredDetector({"rules": Says(CALM)}, required=("rules", "learned"), off=("rules", "learned"))
    verdict = layered.detect(TURNS)
    assert (verdict.level, verdict.is_degraded) == (Level.CONCERN, True)
    assert [layer.status for layer in verdict.layers] == [LayerStatus.OK, LayerStatus.MISSING]
    assert layered.standing == {"rules": LayerStatus.OK, "learned": LayerStatus.MISSING}


def test_no_layers_at_all_are_a_concern() -> None:
    assert LayeredDetector({}).detect(TURNS).level is Level.CONCERN
    assert LayeredDetector({}, off=("semantic",)).detect(TURNS).level is Level.CONCERN


ASKS = Detection(level=Level.CONCERN, is_unsure=True)
HEARS = Detection(level=Level.CONCERN)


@pytest.mark.parametrize(
    ("layers", "unsure", "of_all"),
    [
        ([CALM, ASKS], [False, True], True),
        ([HEARS, ASKS], [False, True], False),
        ([GRAVE, ASKS], [False, True], False),
        ([ASKS, ASKS], [True, True], True),
        ([CALM, HEARS], [False, False], False),
    ],
)
def test_a_layer_that_abstained_says_so_and_the_whole_is_unsure_where_no_surer_one_says_the_same(
    layers: list[Detection], unsure: list[bool], of_all: bool
) -> None:
    verdict = LayeredDetector({str(n): Says(one) for n, one in enumerate(layers)}).detect(TURNS)
    assert [layer.is_unsure for layer in verdict.layers] == unsure
    assert verdict.is_unsure is of_all


def told(level: Level, subject: Subject = Subject.UNKNOWN, tense: Tense = Tense.UNKNOWN) -> Detection:
    return Detection(level=level, subject=subject, tense=tense)


NOW, PAST = Tense.PRESENT, Tense.PAST
ME, FRIEND = Subject.SELF, Subject.OTHER


@pytest.mark.parametrize(
    ("first", "other", "subject", "tense"),
    [
        (told(Level.CONCERN, FRIEND, NOW), told(Level.CRISIS, ME, NOW), FRIEND, NOW),
        (told(Level.CONCERN), told(Level.CRISIS, ME, NOW), ME, NOW),
        (told(Level.NONE, tense=PAST), told(Level.CONCERN, ME, NOW), ME, PAST),
        (told(Level.NONE, FRIEND, PAST), told(Level.NOTICE, ME), ME, PAST),
        (told(Level.CONCERN, ME, PAST), told(Level.CRISIS, ME, NOW), ME, NOW),
        (told(Level.CONCERN, tense=NOW), told(Level.NOTICE, ME, PAST), ME, NOW),
        (told(Level.NONE, tense=PAST), told(Level.NONE, ME, PAST), Subject.UNKNOWN, Tense.UNKNOWN),
    ],
    ids=[
        "its subject, also beside a graver one",
        "what it does not know, the next one tells",
        "its tense, also where it finds no sign itself",
        "no subject of a sign it does not find",
        "a crisis of now is never told as past",
        "its present before another's past",
        "nothing of what no layer finds a sign in",
    ],
)
def test_whom_and_when_are_told_by_the_layer_that_is_heard_first(
    first: Detection, other: Detection, subject: Subject, tense: Tense
) -> None:
    for layers in {"one": Says(other), "two": Says(first)}, {"two": Says(first), "one": Says(other)}:
        layered = LayeredDetector(layers, heard_first=("two",))
        for verdict in layered.detect(TURNS), layered.only(["one", "two"]).detect(TURNS):
            assert (verdict.subject, verdict.tense) == (subject, tense)


def test_by_default_the_gravest_layer_that_knows_tells_whom_and_when() -> None:
    mild, grave = told(Level.NOTICE, FRIEND, PAST), told(Level.CONCERN, ME)
    verdict = LayeredDetector({"one": Says(mild), "two": Says(grave)}).detect(TURNS)
    assert (verdict.subject, verdict.tense) == (ME, PAST)


def test_no_level_follows_from_a_tense_or_a_subject() -> None:
    for level, other in product(Level, Level):
        found = {
            LayeredDetector({"one": Says(told(level, subject, tense)), "two": Says(told(other))}, heard_first=("one",))
            .detect(TURNS)
            .level
            for subject, tense in product(Subject, Tense)
        }
        assert found == {max(level, other)}


def test_a_layer_that_failed_is_no_layer_that_abstained() -> None:
    verdict = LayeredDetector({"one": Breaks(), "two": Says(ASKS)}).detect(TURNS)
    assert [layer.is_unsure for layer in verdict.layers] == [False, True]
    assert not verdict.is_unsure


class _Says:
    """A layer that says the same whatever it reads."""

    def __init__(self, *pieces: Evidence) -> None:
        self._pieces = pieces

    def detect(self, turns: Sequence[Turn]) -> Detection:
        return Detection(level=max(piece.level for piece in self._pieces), evidence=self._pieces)


def _sign(turn: int, level: Level) -> Evidence:
    return Evidence(turn=turn, start=0, end=1, category=Category.SUICIDE, level=level, rule="r")


TWO = (Turn(Role.PERSON, "one"), Turn(Role.PERSON, "two"))


@pytest.mark.parametrize("graver", [Level.CONCERN, Level.CRISIS])
def test_what_one_layer_takes_for_a_passing_sign_quiets_no_other(graver: Level) -> None:
    for layers in ([_sign(1, Level.NOTICE)], [_sign(1, graver)]), ([_sign(1, graver)], [_sign(1, Level.NOTICE)]):
        found = LayeredDetector({str(n): _Says(*pieces) for n, pieces in enumerate(layers)}).detect(TWO)
        assert found.level is graver


class _Reassures:
    """A layer that finds some turns clearly harmless."""

    def __init__(self, *turns: int) -> None:
        self._turns = turns

    def detect(self, turns: Sequence[Turn]) -> Detection:
        return Detection(level=Level.NONE, harmless=self._turns)


def _words(turn: int, level: Level) -> Evidence:
    return replace(_sign(turn, level), by_words=True)


def judged(hears: object, *harmless: int, **more: object) -> Detection:
    layers: dict[str, Any] = {"hears": hears, "reads": _Reassures(*harmless), **more}
    return LayeredDetector(layers).detect(TWO)


@pytest.mark.parametrize(
    ("heard", "harmless", "level"),
    [
        ([_words(1, Level.CONCERN)], [1], Level.NOTICE),
        ([_words(0, Level.CONCERN), _words(1, Level.CONCERN)], [0, 1], Level.NOTICE),
        ([_words(0, Level.NOTICE), _words(1, Level.CONCERN)], [1], Level.NOTICE),
        ([_words(1, Level.CONCERN)], [0], Level.CONCERN),
        ([_words(0, Level.CONCERN), _words(1, Level.CONCERN)], [1], Level.CONCERN),
        ([_sign(1, Level.CONCERN)], [1], Level.CONCERN),
        ([_words(0, Level.CONCERN), _sign(1, Level.CONCERN)], [0, 1], Level.CONCERN),
        ([_words(1, Level.CRISIS)], [0, 1], Level.CRISIS),
        ([_words(0, Level.CONCERN), _words(1, Level.CRISIS)], [0, 1], Level.CRISIS),
    ],
    ids=[
        "its words",
        "words of both turns",
        "a notice elsewhere",
        "another turn",
        "one turn of two",
        "more than words",
        "more than words beside words",
        "a crisis",
        "a crisis beside it",
    ],
)
def test_a_concern_for_words_that_read_as_clearly_harmless_is_held_to_a_notice(
    heard: list[Evidence], harmless: list[int], level: Level
) -> None:
    found = judged(_Says(*heard), *harmless)
    assert found.level is level
    assert found.layers[0].level is max(piece.level for piece in heard), "the trace says all"
    assert [layer.is_outweighed for layer in found.layers] == [level is Level.NOTICE, False]
    assert found.harmless == ()


def test_lesser_signs_that_make_a_concern_together_stand() -> None:
    signs = (_words(0, Level.NOTICE), _words(1, Level.NOTICE))
    assert judged(Says(Detection(level=Level.CONCERN, evidence=signs)), 0, 1).level is Level.CONCERN


def test_no_layer_outweighs_itself() -> None:
    alone = Says(Detection(level=Level.CONCERN, evidence=(_words(0, Level.CONCERN),), harmless=(1,)))
    assert LayeredDetector({"hears": alone}).detect(TWO).level is Level.CONCERN


def test_a_second_reading_hides_no_layer_that_failed_and_a_failed_or_late_one_reassures_nobody() -> None:
    hears = _Says(_words(1, Level.CONCERN))
    assert judged(Breaks(), 0, 1).level is Level.CONCERN
    assert LayeredDetector({"hears": hears, "reads": Breaks()}).detect(TWO).level is Level.CONCERN
    ticks = iter([0.0, 0.1, 0.2, 9.0])
    late = LayeredDetector({"hears": hears, "reads": _Reassures(0, 1)}, budget_s=1.0, clock=lambda: next(ticks))
    found = late.detect(TWO)
    assert found.layers[1].status is LayerStatus.TIMED_OUT
    assert not found.layers[0].is_outweighed


def _grave(turn: int, level: Level = Level.CONCERN) -> Evidence:
    return replace(_words(turn, level), is_grave=True)


@pytest.mark.parametrize(
    ("hears", "reads", "level"),
    [
        ([_words(1, Level.CONCERN)], [_grave(1)], Level.CRISIS),
        ([_grave(0)], [_words(0, Level.CONCERN), _words(1, Level.CONCERN)], Level.CRISIS),
        ([_words(0, Level.CONCERN)], [_grave(1)], Level.CONCERN),
        ([_words(1, Level.NOTICE)], [_grave(1)], Level.CONCERN),
        ([_words(1, Level.CONCERN)], [_grave(1, Level.NOTICE), _words(1, Level.CONCERN)], Level.CONCERN),
        ([_words(1, Level.CONCERN)], [_words(1, Level.CONCERN)], Level.CONCERN),
        ([], [_grave(1), _words(1, Level.CONCERN)], Level.CONCERN),
    ],
    ids=[
        "the same turn",
        "either may find it grave",
        "another turn",
        "a notice",
        "a grave notice",
        "not grave",
        "alone",
    ],
)
def test_a_grave_concern_is_a_crisis_where_another_layer_finds_danger_in_the_same_turn(
    hears: list[Evidence], reads: list[Evidence], level: Level
) -> None:
    found = LayeredDetector({"hears": _Says(*hears) if hears else Says(CALM), "reads": _Says(*reads)}).detect(TWO)
    assert found.level is level
    assert any(layer.is_seconded for layer in found.layers) == (level is Level.CRISIS)
    assert all(layer.level <= Level.CONCERN for layer in found.layers), "the trace says what each said by itself"
    assert [piece.level for piece in found.evidence if piece.is_grave and level is Level.CRISIS] == (
        [Level.CRISIS] if level is Level.CRISIS else []
    )


def test_no_layer_that_failed_or_was_outweighed_seconds_another_and_a_late_one_does() -> None:
    reads = _Says(_grave(1))
    assert LayeredDetector({"hears": Breaks(), "reads": reads}).detect(TWO).level is Level.CONCERN
    ticks = iter([0.0, 9.0, 9.1, 9.2])
    hears = _Says(_words(1, Level.CONCERN))
    late = LayeredDetector({"hears": hears, "reads": reads}, budget_s=1.0, clock=lambda: next(ticks)).detect(TWO)
    assert late.layers[0].status is LayerStatus.TIMED_OUT
    assert late.level is Level.CRISIS
    outweighed = {"hears": _Says(_words(0, Level.CONCERN)), "calms": _Reassures(0), "reads": _Says(_grave(1))}
    assert LayeredDetector(outweighed).detect(TWO).level is Level.CONCERN


@pytest.mark.parametrize("settles", [_Reassures(0), _Says(_words(0, Level.CONCERN))], ids=["outweighs", "seconds"])
def test_a_layer_whose_doubt_another_settles_does_not_count_as_unsure(settles: object) -> None:
    doubts = Says(Detection(level=Level.CONCERN, evidence=(_grave(0),), is_unsure=True))
    alone, beside = LayeredDetector({"doubts": doubts}), LayeredDetector({"doubts": doubts, "settles": settles})
    assert alone.detect(TWO).layers[0].is_unsure
    assert not beside.detect(TWO).layers[0].is_unsure
