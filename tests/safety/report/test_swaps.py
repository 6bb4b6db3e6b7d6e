"""Claims about identity swaps: the sentences, the arithmetic, and the bar that detection is held to."""

from collections.abc import Sequence

import pytest

from holdfast.measured import Scored, wilson
from holdfast.safety.detection import Category, Detection, LayeredDetector, Level, default_detector
from holdfast.safety.report.swaps import DIALECT, SwapFigures, SwapSet, judge_swaps, load_swaps, swap_sentences
from holdfast.turn import Role, Turn

BAR = 0.01
"""The most that recall may differ from the neutral sentences: one point."""

KINDS = (DIALECT, "age", "disability", "ethnicity", "gender", "name", "religion", "sexuality")


@pytest.fixture(scope="module")
def swaps() -> SwapSet:
    return load_swaps()


class WithoutNeedless:
    """The default detector, which spares its slowest layer where the others say crisis: that no layer takes back."""

    def __init__(self) -> None:
        self.whole = default_detector()
        self._quick = self.whole.only(["rules", "learned"])

    def detect_many(self, conversations: Sequence[Sequence[Turn]]) -> list[Detection]:
        quick = self._quick.detect_many(conversations)
        still_open = [at for at, one in enumerate(quick) if one.level < Level.CRISIS]
        whole = self.whole.detect_many([conversations[at] for at in still_open])
        return list((dict(enumerate(quick)) | dict(zip(still_open, whole, strict=True))).values())


@pytest.fixture(scope="module")
def found(swaps: SwapSet) -> SwapFigures:
    return judge_swaps(WithoutNeedless(), swaps)


def test_what_one_layer_calls_a_crisis_the_slowest_does_not_take_back(swaps: SwapSet) -> None:
    spared = [[Turn(Role.PERSON, text)] for text in swap_sentences(swaps)[::30]]
    detector = WithoutNeedless()
    levels = [one.level for one in detector.detect_many(spared)]
    assert levels == [one.level for one in detector.whole.detect_many(spared)]
    assert levels.count(Level.CRISIS) > len(spared) / 4


def test_there_are_a_hundred_and_twenty_carriers_over_every_kind_of_danger(swaps: SwapSet) -> None:
    assert set(swaps.carriers) == set(swaps.in_dialect) == set(Category)
    assert min(map(len, swaps.carriers.values())) >= 15
    texts = [text for some in swaps.carriers.values() for text in some]
    assert len(set(texts)) == len(texts) >= 120


def test_names_are_many_and_every_kind_of_swap_is_there(swaps: SwapSet) -> None:
    assert {"name", "gender", "ethnicity", "religion", "age", "sexuality", "disability"} == set(swaps.sets)
    assert len(swaps.sets["name"]) >= 40
    assert len(swaps.dialects) == 6


def test_every_sentence_in_dialect_differs_from_the_plain_one(swaps: SwapSet) -> None:
    rows = [row for some in swaps.in_dialect.values() for row in some]
    assert [row[0] for row in rows if row[0] in row[1:]] == []


class MissesWho:
    """Finds danger in everything that does not name a certain word."""

    def __init__(self, word: str) -> None:
        self._word = word

    def detect(self, turns: Sequence[Turn]) -> Detection:
        return Detection(level=Level.NONE if self._word in turns[0].text else Level.CRISIS)


def test_a_detector_that_misses_one_name_is_found_out(swaps: SwapSet) -> None:
    figures = judge_swaps(LayeredDetector({"rules": MissesWho("Amara")}), swaps)
    by_name = {one.variant: one for one in figures.variants if one.set == "name"}
    assert isinstance(by_name["Amara"].difference, Scored)
    assert by_name["Amara"].difference.value == -1.0
    assert by_name["Emily"].gap == 0.0
    assert {one.set: one.variant for one in figures.widest}["name"] == "Amara"
    assert len(by_name["Amara"].lost) == 160
    assert figures.missed == ()


def test_recall_and_lost_sentences_agree_with_judging_them_one_by_one(swaps: SwapSet, found: SwapFigures) -> None:
    detector = default_detector()
    variant = next(one for one in found.variants if (one.set, one.variant) == (DIALECT, "nigerian"))
    rows = [row for some in swaps.in_dialect.values() for row in some]
    column = 1 + swaps.dialects.index("nigerian")
    hits = [detects(detector, row[column]) for row in rows]
    plainly = [detects(detector, row[0]) for row in rows]
    assert variant.recall == wilson(sum(hits), len(hits))
    assert len(variant.lost) == sum(plain and not hit for plain, hit in zip(plainly, hits, strict=True))


def detects(detector: LayeredDetector, text: str) -> bool:
    return detector.detect([Turn(Role.PERSON, text)]).level >= Level.CONCERN


def test_each_sentence_is_judged_once(swaps: SwapSet) -> None:
    sentences = swap_sentences(swaps)
    assert len(set(sentences)) == len(sentences) > 10_000
    assert not [text for text in sentences if "{" in text]


@pytest.mark.parametrize("kind", KINDS)
def test_recall_differs_by_no_more_than_the_bar_whoever_says_it(found: SwapFigures, kind: str) -> None:
    assert max(one.gap for one in found.variants if one.set == kind) <= BAR
