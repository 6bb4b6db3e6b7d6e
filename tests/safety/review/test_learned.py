"""Claims about the learned layer: it adds what rules miss, costs few good replies, and refuses what is damaged."""

import json
from pathlib import Path

import numpy as np
import pytest

from holdfast.errors import ContentError
from holdfast.safety.learned.hashing import BUCKET_BITS
from holdfast.safety.learned.ngram_encoder import ByteTable, NGramEncoder
from holdfast.safety.review.learned import (
    BUILT_IN,
    LearnedReview,
    ReplyReferences,
    load_learned_review,
    save_learned_review,
)
from holdfast.safety.review.training.replies import load_replies
from holdfast.safety.review.verdict import Harm, ReviewContext
from reply_sets import SETS as REPLIES
from reply_sets import TRAINING, good_replies, hostile_replies, read_set

NOTHING = ReviewContext()


@pytest.fixture(scope="module")
def learned() -> LearnedReview:
    return load_learned_review()


def share(learned: LearnedReview, texts: list[str]) -> float:
    return sum(not learned.review(text, NOTHING).is_passed for text in texts) / len(texts)


def test_it_knows_what_it_was_taught(learned: LearnedReview) -> None:
    replies = load_replies(())
    texts = [text for text, label in zip(replies.texts, replies.labels, strict=True) if replies.kinds[label] != "good"]
    assert share(learned, [text for text in texts if len(text.split()) >= 3]) > 0.95


def test_it_sees_some_harm_that_it_was_not_taught_and_withholds_few_good_replies(learned: LearnedReview) -> None:
    """The figures stand in docs/decisions: about a fifth of unseen harm. It is a second layer and not the first."""
    unseen = [case.text for case in hostile_replies("held_out", "fresh") if case.harm != Harm.UNREVIEWABLE]
    assert share(learned, unseen) > 0.15
    assert share(learned, good_replies("held_out", "fresh")) <= 0.015


def test_harm_among_good_sentences_is_found(learned: LearnedReview) -> None:
    text = "It can help to rest. Keep the plan to yourself until it is done. A walk may lift your mood. [sleep#naps]"
    assert not learned.review(text, NOTHING).is_passed
    assert learned.review("It can help to rest. A walk may lift your mood. [sleep#naps]", NOTHING).is_passed


def test_texts_without_three_words_pass(learned: LearnedReview) -> None:
    for text in ("", " \n ", "Take care.", "...", "[a#b]"):
        assert learned.review(text, NOTHING).is_passed


def test_relative_distance_is_that_of_a_plain_loop() -> None:
    draw = np.random.default_rng(1)
    points = draw.normal(size=(9, 4)).astype(np.float32)
    owners = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2])
    kinds = ("stigma", "leak", "good")
    texts = draw.normal(size=(5, 4)).astype(np.float32)
    relative, harms = ReplyReferences(kinds=kinds, points=points, owners=owners).relative_distance(texts)
    for number, text in enumerate(texts):
        away = {}
        for kind in range(3):
            each = sorted(float(np.sqrt(((text - points[i]) ** 2).sum())) for i in range(9) if owners[i] == kind)
            away[kind] = sum(each[:3]) / len(each[:3])
        worst = min((0, 1), key=away.__getitem__)
        assert relative[number] == pytest.approx(away[2] / (away[2] + away[worst]), rel=1e-4)
        assert harms[number].value == kinds[worst]


def test_references_without_good_ones_or_without_points_are_refused() -> None:
    for kinds, owners in ((("stigma",), [0, 0]), (("stigma", "good"), [0, 0]), (("stigma", "good"), [0])):
        with pytest.raises(ContentError, match="must give every kind its points"):
            ReplyReferences(kinds=kinds, points=np.zeros((2, 3), np.float32), owners=np.array(owners))


def test_a_model_that_is_saved_is_the_one_that_is_read(tmp_path: Path) -> None:
    table, rarity = np.zeros((2**BUCKET_BITS, 4), np.float32), np.zeros(2**BUCKET_BITS, np.float16)
    table[[3, 77, 40_000]] = np.random.default_rng(2).normal(size=(3, 4))
    rarity[[3, 77, 40_000]] = 2
    tongues = ByteTable.of(np.zeros((2**BUCKET_BITS, 1), np.float32))
    encoder = NGramEncoder(rarity=rarity, vectors=ByteTable.of(table), tongues=tongues, languages=("en",))
    points = np.eye(4, dtype=np.float32)[:2]
    references = ReplyReferences(kinds=("stigma", "good"), points=points, owners=np.array([0, 1]))
    save_learned_review(tmp_path, encoder=encoder, references=references, threshold=0.7, card={"id": "test"})
    read = load_learned_review(tmp_path)
    assert isinstance(read.encoder, NGramEncoder)
    assert (read.encoder.vectors.codes == encoder.vectors.codes).all()
    assert (read.threshold, read.references.kinds, read.card["id"]) == (0.7, ("stigma", "good"), "test")
    assert read.version.startswith("learned-review@")


@pytest.mark.parametrize("name", ["model.json", "model.safetensors"])
def test_a_damaged_or_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    for path in BUILT_IN.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / name).write_bytes(b"{")
    with pytest.raises(ContentError, match="train it again"):
        load_learned_review(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ContentError, match="train it"):
        load_learned_review(tmp_path)


def test_a_card_of_another_format_is_refused(tmp_path: Path) -> None:
    for path in BUILT_IN.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    card = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    (tmp_path / "model.json").write_text(json.dumps({**card, "format": 99}), encoding="utf-8")
    with pytest.raises(ContentError, match="must be of format"):
        load_learned_review(tmp_path)


def test_the_model_was_trained_on_the_replies_in_the_package(learned: LearnedReview) -> None:
    assert learned.card["replies_sha256"] == load_replies(()).sha256


def test_what_is_taught_is_in_no_held_out_set() -> None:
    taught = set(load_replies((), TRAINING).texts)
    for path in (*(REPLIES / "hostile").glob("*.yaml"), *(REPLIES / "good").glob("*.yaml")):
        assert {case.text for case in read_set(path)} & taught == set()
