"""Claims about telling past from present: taught on vectors alone, and silent where it is not sure."""

import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from holdfast.errors import ContentError
from holdfast.safety.detection.verdict import Category, Level, Subject, Tense
from holdfast.safety.learned import BENIGN, BUILT_IN, Calibration, Calibrations, Kind, NGramEncoder, load_model
from holdfast.safety.learned.calibration import DEFAULT
from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.hashing import BUCKET_BITS
from holdfast.safety.learned.model import CARD, SEMANTIC, TENSORS, amend_model, save_model
from holdfast.safety.learned.ngram_encoder import ByteTable
from holdfast.safety.learned.tense_head import TenseHead
from holdfast.safety.utterances.collection import UtteranceSet
from holdfast.safety.utterances.utterance import Form, Language, Split, Utterance
from holdfast.turn import Role, Turn

pytest.importorskip("sklearn", reason="the metric extra is not installed")

from holdfast.safety.learned.training.tense_fitting import (
    TOLD_RIGHT,
    Judged,
    carrying,
    judged_on,
    stratified,
    taught,
    teach,
)

HEAD = TenseHead(
    weights=np.array([[2, -2], [-2, 2]], dtype=np.float32),
    offsets=np.array([0.5, 0], dtype=np.float32),
    tenses=(Tense.PRESENT, Tense.PAST),
    margin=0.5,
)


def line(number: int, words: str, tense: Tense, level: Level = Level.CONCERN, split: Split = Split.TRAIN) -> Utterance:
    return Utterance(
        id=str(number),
        family=f"f{number % 40}",
        split=split,
        turns=(Turn(Role.PERSON, words),),
        level=level,
        categories=(Category.SUICIDE,),
        form=Form.PLAIN,
        subject=Subject.SELF,
        tense=tense,
        language=Language.ENGLISH,
    )


def test_probabilities_are_the_softmax_of_a_linear_map() -> None:
    vector = np.array([[0.3, 0.7]], dtype=np.float32)
    scores = [2 * 0.3 - 2 * 0.7 + 0.5, -2 * 0.3 + 2 * 0.7]
    odds = np.exp(scores)
    assert HEAD.probabilities(vector) == pytest.approx((odds / odds.sum())[None], rel=1e-5)


def test_no_tense_is_told_below_the_margin_nor_of_a_text_without_a_place() -> None:
    places = np.array([[1, 0], [0, 1], [0.5, 0.5], [0, 0]], dtype=np.float32)
    assert HEAD.tell(places) == [Tense.PRESENT, Tense.PAST, Tense.UNKNOWN, Tense.UNKNOWN]
    assert replace(HEAD, margin=0.0, offsets=np.array([9, 0], dtype=np.float32)).tell(places)[3] is Tense.UNKNOWN


def saved(folder: Path) -> Path:
    """Write a tiny model that was never taught to tell tense."""
    rows = 2**BUCKET_BITS
    encoder = NGramEncoder(
        rarity=np.ones(rows, dtype=np.float16),
        vectors=ByteTable(np.ones((rows, 2), dtype=np.int8), np.ones(rows, dtype=np.float16)),
        tongues=ByteTable(np.ones((rows, 1), dtype=np.int8), np.ones(rows, dtype=np.float16)),
        languages=("en",),
    )
    kinds = [Kind.risk(Category.SUICIDE, Subject.SELF), BENIGN]
    calibrations = Calibrations({DEFAULT: Calibration(slope=1.0, intercept=0.0, ask=0.6, crisis=0.9)})
    card = {
        "encoder": "hashed-ngrams",
        "languages": ["en"],
        "kinds": [kind.to_dict() for kind in kinds],
        "calibration": calibrations.to_dict(),
    }
    save_model(folder, card, {**encoder.tensors(), "points": np.eye(2, dtype=np.float32), "owners": np.arange(2)})
    return folder


def test_a_model_without_a_head_loads_and_one_that_is_taught_keeps_all_else_as_it_was(tmp_path: Path) -> None:
    folder = saved(tmp_path / "model")
    before = load_model(folder)
    assert before.tense is None
    amend_model(folder, {"tense": {**HEAD.to_dict(), "set_on": 9}}, HEAD.tensors())
    after = load_model(folder)
    assert after.tense is not None
    assert (after.tense.weights == HEAD.weights).all()
    assert (after.tense.tenses, after.tense.margin) == (HEAD.tenses, HEAD.margin)
    assert {name: after.card[name] for name in before.card} == before.card
    assert (after.encoder.encode(["a b c"]) == before.encoder.encode(["a b c"])).all()
    assert after.calibrations == before.calibrations
    assert after.sha256 != before.sha256
    assert {stat.S_IMODE((folder / name).stat().st_mode) & 0o444 for name in (CARD, TENSORS)} == {0o444}


@pytest.mark.parametrize(
    "damage",
    [
        {"weights": np.ones((3, 2), dtype=np.float32)},
        {"weights": np.ones((2, 3), dtype=np.float32)},
        {"offsets": np.ones(3, dtype=np.float32)},
    ],
    ids=["longer vectors", "more tenses", "more offsets"],
)
def test_a_head_that_does_not_fit_its_model_is_refused(tmp_path: Path, damage: dict[str, Vectors]) -> None:
    folder = saved(tmp_path / "model")
    tensors = {f"tense_{name}": tensor for name, tensor in damage.items()}
    amend_model(folder, {"tense": HEAD.to_dict()}, {**HEAD.tensors(), **tensors})
    with pytest.raises(ContentError, match="train it again"):
        load_model(folder)


def encode(texts: Sequence[str]) -> Vectors:
    """Place a text by the share of ``then`` and of ``now`` in it."""
    counts = np.array([[text.count("now"), text.count("then")] for text in texts], dtype=np.float32)
    return np.asarray(counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1), dtype=np.float32)


def said(now: int, then: int) -> str:
    return " ".join(["now"] * now + ["then"] * then)


PLAIN = [
    *(line(n, said(4 + n % 3, n % 2), Tense.PRESENT) for n in range(300)),
    *(line(n, said(n % 2, 4 + n % 3), Tense.PAST, Level.NOTICE) for n in range(300, 360)),
]


def test_only_signs_whose_tense_is_known_are_taught_from() -> None:
    unknown, harmless = line(1, "now", Tense.UNKNOWN), line(2, "now", Tense.PRESENT, Level.NONE)
    assert carrying([PLAIN[0], unknown, harmless]) == [PLAIN[0]]


def test_a_sample_keeps_all_of_a_rare_tense_and_is_always_the_same() -> None:
    some = stratified(PLAIN, 200)
    assert [one.tense for one in some].count(Tense.PAST) == 60
    assert len(some) == len({one.id for one in some}) == 200
    assert stratified(PLAIN[::-1], 200) == some
    even = stratified(PLAIN, 80)
    assert [one.tense for one in even].count(Tense.PAST) == 40


def test_what_is_told_apart_is_told_and_the_card_says_how_often_it_is_right() -> None:
    found = teach(encode, PLAIN, lambda head: judged_on(head, encode, PLAIN))
    assert found is not None
    assert found.head.tell(encode([said(5, 0), said(0, 5)])) == [Tense.PRESENT, Tense.PAST]
    assert found.facts == {"trained_on": 360, "set_on": 360, "told": 1.0, "right": {"present": 1.0, "past": 1.0}}


def test_the_margin_silences_what_is_wrong_too_often_and_no_more_than_that() -> None:
    odd = [line(n, said(5, 5), Tense.PAST if n % 2 else Tense.PRESENT) for n in range(1000, 1100)]
    found = teach(encode, [*PLAIN, *odd], lambda head: judged_on(head, encode, [*PLAIN, *odd]))
    assert found is not None
    assert found.head.tell(encode([said(5, 0), said(0, 5), said(5, 5)])) == [Tense.PRESENT, Tense.PAST, Tense.UNKNOWN]
    assert found.facts["told"] == pytest.approx(360 / 460, abs=1e-4)
    assert min(found.facts["right"].values()) >= TOLD_RIGHT[0]


def test_what_cannot_be_told_well_enough_is_never_told() -> None:
    blurred = [line(n, said(1 + n % 3, 1 + n % 3), (Tense.PAST, Tense.PRESENT)[n % 2]) for n in range(200)]
    assert teach(encode, blurred, lambda head: judged_on(head, encode, blurred)) is None
    only_now = [one for one in PLAIN if one.tense is Tense.PRESENT]
    assert teach(encode, only_now, lambda head: judged_on(head, encode, only_now)) is None
    assert teach(encode, PLAIN, lambda head: judged_on(head, encode, [])) is None


def test_a_rare_tense_is_held_to_the_same_share_as_a_frequent_one() -> None:
    """One in ten of the present told as past, with one past line for ten of the present, is half of what is told so."""
    present = [[0.9, 0.1]] * 540 + [[0.2, 0.8]] * 60
    judged = Judged(
        np.array([*present, *[[0.1, 0.9]] * 60], dtype=np.float32), (Tense.PRESENT,) * 600 + (Tense.PAST,) * 60
    )
    found = taught(HEAD, judged, lines=1)
    assert found is not None
    assert 0.6 < found.head.margin < 0.8, "the wrong ones lead by 0.6, the right ones by 0.8"


@pytest.mark.parametrize("folder", [BUILT_IN, SEMANTIC], ids=["built in", "semantic"])
def test_both_models_of_the_package_tell_tense_and_nine_of_ten_times_rightly(folder: Path) -> None:
    if folder == SEMANTIC:
        pytest.importorskip("onnxruntime", reason="the semantic extra is not installed")
    model = load_model(folder)
    assert model.tense is not None
    assert {*model.tense.tenses} == {Tense.PRESENT, Tense.PAST}
    assert min(model.card["tense"]["right"].values()) >= TOLD_RIGHT[-1]


def test_the_semantic_model_tells_lines_it_has_not_seen_as_rightly_as_its_card_says(utterances: UtteranceSet) -> None:
    pytest.importorskip("onnxruntime", reason="the semantic extra is not installed")
    model = load_model(SEMANTIC)
    assert model.tense is not None
    some = stratified(carrying(utterances.of(Split.DEV)), 120)
    said = list(zip(model.tense.tell(model.encoder.encode([one.text for one in some])), some, strict=True))
    for tense in model.tense.tenses:
        told = [one.tense is tense for found, one in said if found is tense]
        assert len(told) > 50
        assert sum(told) / len(told) > 0.9
