"""Claims about layers that hang: left behind, a few at most, and whoever writes meanwhile counts as at risk."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from holdfast.safety.detection import Detection, LayeredDetector, LayerStatus, Level
from holdfast.turn import Role, Turn

TURNS = [Turn(Role.PERSON, "a private thing")]
CALM = Detection(level=Level.NONE)
HANGING_AT_MOST = 4


class Hangs:
    """Answers once it is released, and counts how often it was asked."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.asked = 0

    def detect(self, turns: Sequence[Turn]) -> Detection:
        self.asked += 1
        self.released.wait(30)
        return CALM


class Calm:
    def detect(self, turns: Sequence[Turn]) -> Detection:
        return CALM


class Breaks:
    def detect(self, turns: Sequence[Turn]) -> Detection:
        raise ValueError(turns[-1].text)


@pytest.fixture
def hanging() -> Iterator[Hangs]:
    layer = Hangs()
    yield layer
    layer.released.set()


def eventually(is_so: Callable[[], bool]) -> bool:
    for _ in range(500):
        if is_so():
            return True
        time.sleep(0.01)
    return False


def test_a_layer_that_hangs_is_left_behind_as_a_concern_and_the_others_are_still_asked(hanging: Hangs) -> None:
    found = LayeredDetector({"slow": hanging, "quick": Calm()}, budget_s=0.02, interrupt=True).detect(TURNS)
    assert found.level is Level.CONCERN
    assert [layer.status for layer in found.layers] == [LayerStatus.TIMED_OUT, LayerStatus.OK]


def test_at_most_four_calls_of_a_layer_hang_and_further_messages_count_as_risk_at_once(hanging: Hangs) -> None:
    detector = LayeredDetector({"slow": hanging}, budget_s=0.02, interrupt=True)
    found = [detector.detect(TURNS) for _ in range(HANGING_AT_MOST + 6)]
    assert hanging.asked == HANGING_AT_MOST
    assert {one.level for one in found} == {Level.CONCERN}
    assert {layer.status for one in found for layer in one.layers} == {LayerStatus.TIMED_OUT}


def test_a_message_that_is_not_handed_on_waits_for_nobody(hanging: Hangs) -> None:
    """Were it handed on, it would wait out a budget of ten minutes, and this test its time limit."""
    detector = LayeredDetector({"slow": hanging}, budget_s=600, interrupt=True)
    waiting = [threading.Thread(target=detector.detect, args=(TURNS,), daemon=True) for _ in range(HANGING_AT_MOST)]
    for thread in waiting:
        thread.start()
    assert eventually(lambda: hanging.asked == HANGING_AT_MOST)
    assert detector.detect(TURNS).layers[0].status is LayerStatus.TIMED_OUT


def test_one_layer_that_hangs_takes_no_room_from_another(hanging: Hangs) -> None:
    detector = LayeredDetector({"slow": hanging, "quick": Calm()}, budget_s=0.02, interrupt=True)
    found = [detector.detect(TURNS) for _ in range(HANGING_AT_MOST + 2)]
    assert {one.layers[1].status for one in found} == {LayerStatus.OK}


def test_a_layer_that_comes_back_is_asked_again(hanging: Hangs) -> None:
    detector = LayeredDetector({"slow": hanging}, budget_s=0.02, interrupt=True)
    for _ in range(HANGING_AT_MOST + 1):
        detector.detect(TURNS)
    hanging.released.set()
    assert eventually(lambda: not detector.detect(TURNS).is_degraded)
    assert detector.detect(TURNS).level is Level.NONE


def test_what_a_layer_raises_in_its_thread_is_a_concern_and_quotes_nobody() -> None:
    found = LayeredDetector({"one": Breaks()}, interrupt=True).detect(TURNS)
    assert (found.level, found.layers[0].status) == (Level.CONCERN, LayerStatus.FAILED)
    assert found.layers[0].error == "ValueError"
    assert "private" not in repr(found)


def test_layers_to_be_interrupted_are_asked_one_by_one_so_that_only_what_hangs_is_lost() -> None:
    class HangsOnce(Hangs):
        def detect(self, turns: Sequence[Turn]) -> Detection:
            return super().detect(turns) if turns[-1].text == "hang" else CALM

        def detect_many(self, conversations: Sequence[Sequence[Turn]]) -> list[Detection]:
            return [super(HangsOnce, self).detect(turns) for turns in conversations]

    layer = HangsOnce()
    conversations = [[Turn(Role.PERSON, text)] for text in ("ok", "hang", "ok")]
    found = LayeredDetector({"one": layer}, budget_s=0.2, interrupt=True).detect_many(conversations)
    layer.released.set()
    assert [one.level for one in found] == [Level.NONE, Level.CONCERN, Level.NONE]
