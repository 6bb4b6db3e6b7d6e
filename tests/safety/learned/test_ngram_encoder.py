"""Claims about the built-in encoder: eight bits lose half a unit, and a text's vector is its own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from holdfast.errors import ContentError
from holdfast.safety.learned import LearnedModel
from holdfast.safety.learned.hashing import BUCKET_BITS, hash_texts
from holdfast.safety.learned.ngram_encoder import ByteTable, NGramEncoder, unit, weighed

BUCKETS = 2**BUCKET_BITS
TEXTS = ["I cannot sleep", "", "mañana será otro día", "मुझे नींद नहीं आती", "我睡不着", "ok", "لا أنام", "  ", "ok"]


def plain_vector(encoder: NGramEncoder, text: str) -> np.ndarray:
    """Return a text's vector, feature by feature."""
    hashed = hash_texts([text])
    total, length = np.zeros(encoder.dimensions), 0.0
    for bucket, weight in zip(hashed.buckets.tolist(), hashed.weights.tolist(), strict=True):
        weight *= float(encoder.rarity[bucket])
        length += weight * weight
        row = [int(code) * float(encoder.vectors.scales[bucket]) for code in encoder.vectors.codes[bucket]]
        total += weight * np.array(row)
    size = float(np.sqrt((total**2).sum()))
    return total / size if size and length else total


@settings(max_examples=60, deadline=None)
@given(arrays(np.float32, (7, 5), elements=st.floats(-90, 90, width=16)), st.floats(0.5, 90, width=16))
def test_the_error_of_the_byte_table_is_at_most_half_a_unit(table: np.ndarray, greatest: float) -> None:
    table[:, 0] = greatest
    rounded = ByteTable.of(table)
    worth = rounded.scales.astype(np.float64)[:, None]
    assert rounded.codes.dtype == np.int8
    assert (np.abs(rounded.codes * worth - table) <= worth * 0.5001 + np.abs(table) * 2**-10).all()


def test_a_row_of_zeros_stays_zeros() -> None:
    rounded = ByteTable.of(np.zeros((3, 4), dtype=np.float32))
    assert not rounded.codes.any()
    assert not rounded.scales.any()


def test_vectors_are_those_of_a_plain_loop(installed: LearnedModel) -> None:
    assert isinstance(installed.encoder, NGramEncoder)
    vectors = installed.encoder.encode(TEXTS)
    for vector, text in zip(vectors, TEXTS, strict=True):
        assert vector == pytest.approx(plain_vector(installed.encoder, text), abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(order=st.permutations(range(len(TEXTS))))
def test_encoding_a_permuted_batch_permutes_the_vectors_and_the_languages(
    installed: LearnedModel, order: list[int]
) -> None:
    vectors, tongues = installed.encoder.encode_with_language(TEXTS)
    moved, moved_tongues = installed.encoder.encode_with_language([TEXTS[n] for n in order])
    assert (moved == vectors[order]).all()
    assert moved_tongues == [tongues[n] for n in order]


def test_vectors_have_length_one_or_none_at_all(installed: LearnedModel) -> None:
    lengths = np.linalg.norm(installed.encoder.encode([*TEXTS, "\u16a0\u16a1"]), axis=1)
    blank = [not text.strip() for text in TEXTS]
    assert lengths[: len(TEXTS)] == pytest.approx([0.0 if is_blank else 1.0 for is_blank in blank], abs=1e-5)
    assert installed.encoder.encode([]).shape == (0, installed.encoder.dimensions)


def test_weights_of_a_text_have_length_one_and_untrained_features_none() -> None:
    hashed = hash_texts(["one two six", "", "seven"])
    rarity = np.zeros(BUCKETS, dtype=np.float16)
    rarity[hashed.buckets[::2]] = 2.5
    weights = weighed(hashed, rarity)
    assert (weights[rarity[hashed.buckets] == 0] == 0).all()
    for text in (0, 2):
        assert float((weights[hashed.texts == text] ** 2).sum()) == pytest.approx(1.0, abs=1e-5)


def test_scaling_to_length_one_leaves_zeros_alone() -> None:
    found = unit(np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32))
    assert found.tolist() == pytest.approx(np.array([[0.6, 0.8], [0.0, 0.0]]))


def test_tensors_read_back_give_the_same_encoder(installed: LearnedModel) -> None:
    encoder = installed.encoder
    assert isinstance(encoder, NGramEncoder)
    again = NGramEncoder.from_tensors(encoder.tensors(), encoder.languages, name="again")
    assert (again.encode(TEXTS) == encoder.encode(TEXTS)).all()
    assert again.id == "again"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"codes": None}, "must hold the tensor 'codes'"),
        ({"codes": np.zeros((BUCKETS, 4), dtype=np.float32)}, "must have 131072 rows of int8"),
        ({"codes": np.zeros((5, 4), dtype=np.int8)}, "must have 131072 rows of int8"),
        ({"tongue_codes": np.zeros((BUCKETS, 3), dtype=np.int8)}, "must have 131072 rows of int8"),
        ({"codes": np.zeros(BUCKETS, dtype=np.int8)}, "must have 131072 rows of int8"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(change: dict[str, np.ndarray | None], message: str) -> None:
    zeros = np.zeros(BUCKETS, dtype=np.float16)
    table = np.zeros((BUCKETS, 2), dtype=np.int8)
    whole = {"rarity": zeros, "codes": table, "scales": zeros, "tongue_codes": table, "tongue_scales": zeros}
    tensors = {name: tensor for name, tensor in {**whole, **change}.items() if tensor is not None}
    assert NGramEncoder.from_tensors(whole, ("en", "de"), name="whole").dimensions == 2
    with pytest.raises(ContentError, match=message):
        NGramEncoder.from_tensors(tensors, ("en", "de"), name="damaged")


def test_sums_of_more_rows_than_are_read_at_once_are_those_of_a_plain_loop() -> None:
    draw = np.random.default_rng(5)
    table = ByteTable(
        draw.integers(-127, 128, (BUCKETS, 3), dtype=np.int8), draw.uniform(0, 2, BUCKETS).astype(np.float16)
    )
    words = ["".join(draw.choice([*"abcdefgh"], 4)) for _ in range(900)]
    hashed = hash_texts([" ".join(words[:300]), "", " ".join(words), "one two", "", *words[:500], ""])
    weights = draw.uniform(0, 1, len(hashed.buckets)).astype(np.float32)
    expected = np.zeros((hashed.count, 3))
    for bucket, text, weight in zip(hashed.buckets, hashed.texts, weights, strict=True):
        expected[text] += float(weight) * float(table.scales[bucket]) * table.codes[bucket].astype(float)
    assert len(weights) > 20_000
    assert table.sums(hashed, weights) == pytest.approx(expected, rel=1e-4, abs=0.5)
