"""What the encoder takes: tables with gaps and categories, frames, images, lists; and what it refuses, saying why."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from scipy.sparse import csr_array
from torch import Tensor, nn

from holdfast.errors import InputError, UnknownNameError
from holdfast.metric.encoder.networks import small_convnet
from holdfast.metric.encoder.triplet_encoder import TripletEncoder
from holdfast.metric.error import MetricError
from holdfast.metric.losses.registry import SupConLoss

QUICK: dict[str, Any] = {"epochs": 2, "hidden": (8,), "embedding_dim": 3, "random_state": 0}
AGES = [30.0, None, 50.0, 41.0, 33.0, None, 28.0, 61.0]
REGIONS = ["north", "south", None, "north", "south", "north", "south", "north"]
LABELS = ["a", "b", "a", "b", "a", "b", "a", "b"]


def frames() -> dict[str, Any]:
    numbers = [np.nan if age is None else age for age in AGES]
    return {
        "objects": np.array([AGES, REGIONS], dtype=object).T,
        "pandas": pd.DataFrame({"age": numbers, "region": REGIONS}),
        "polars": pl.DataFrame({"age": AGES, "region": REGIONS}),
        "lists": [list(row) for row in zip(AGES, REGIONS, strict=True)],
    }


def test_gaps_and_categories_are_learnt_from_alike_whatever_holds_them() -> None:
    embedded = {kind: TripletEncoder(**QUICK).fit(table, LABELS).transform(table) for kind, table in frames().items()}
    for kind, embeddings in embedded.items():
        assert embeddings.shape == (8, 3), kind
        assert np.isfinite(embeddings).all(), kind
        np.testing.assert_array_equal(embeddings, embedded["pandas"], err_msg=kind)


def test_a_category_changes_the_embedding_and_one_never_seen_is_allowed() -> None:
    table = frames()["pandas"]
    encoder = TripletEncoder(**QUICK).fit(table, LABELS)
    asked = pd.DataFrame({"age": [40.0] * 3, "region": ["north", "south", "east"]})
    north, south, unseen = encoder.transform(asked)
    assert not np.array_equal(north, south)
    assert not np.array_equal(north, unseen)


def test_numbers_declared_as_categories_are_encoded_so() -> None:
    rows = np.array([[1.0, 0.3], [2.0, 0.1], [3.0, 0.7], [1.0, 0.9]])
    encoder = TripletEncoder(**QUICK, categorical=[0]).fit(rows, [0, 1, 0, 1])
    assert encoder.encoding_ is not None
    assert encoder.encoding_.n_outputs == 4


@pytest.mark.parametrize(
    "labels",
    [
        pd.Series([0, 1, 0, 1, 0, 1, 0, 1]),
        pl.Series(["x", "y"] * 4),
        np.array([True, False] * 4),
        np.array(["x", "y"] * 4, dtype=object),
        torch.tensor([3, 9] * 4),
        [0.5, 1.5] * 4,
        np.array([[0], [1]] * 4),
    ],
    ids=["pandas", "polars", "booleans", "objects", "tensor", "floats", "column"],
)
def test_labels_of_every_kind_split_the_rows_alike(labels: Any) -> None:
    rows = np.random.default_rng(0).normal(size=(8, 3))
    expected = TripletEncoder(**QUICK).fit(rows, [0, 1] * 4).transform(rows)
    encoder = TripletEncoder(**QUICK).fit(rows, labels)
    np.testing.assert_array_equal(encoder.transform(rows), expected)
    assert len(encoder.classes_) == 2


def pictures() -> tuple[np.ndarray, np.ndarray]:
    """Return 60 pictures of 8 by 8 bytes, bright above or below the middle."""
    generator = np.random.default_rng(2)
    labels = np.arange(60) % 2
    shown = generator.integers(0, 90, size=(60, 1, 8, 8))
    shown[labels == 0, :, :4] += 100
    shown[labels == 1, :, 4:] += 100
    return shown.astype(np.uint8), labels


def test_a_network_of_one_s_own_learns_from_pictures() -> None:
    shown, labels = pictures()
    network = small_convnet(1, 8, 4)
    before = [parameter.clone() for parameter in network.parameters()]
    encoder = TripletEncoder(**QUICK | {"epochs": 10}, network=network, normalize=True).fit(shown[:40], labels[:40])
    assert encoder.score(shown[40:], labels[40:]) == 1.0
    np.testing.assert_allclose(np.linalg.norm(encoder.transform(shown), axis=1), 1.0, rtol=1e-5)
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True)), "a copy is trained"
    assert list(encoder.get_feature_names_out()) == [f"tripletencoder{place}" for place in range(4)]


class Words(nn.Module):
    """Embed rows of token ids by the mean of their vectors."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(20, 4)

    def forward(self, rows: Tensor) -> Tensor:
        embeddings: Tensor = self.table(rows).mean(dim=1)
        return embeddings


class Sentences:
    """A data set that gives one row for one position, as torch's do."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, position: int) -> list[int]:
        row: list[int] = self.rows[position].tolist()
        return row


def test_token_ids_are_taken_from_arrays_tensors_lists_and_data_sets_alike() -> None:
    generator = np.random.default_rng(0)
    labels = np.arange(24) % 2
    rows = generator.integers(0, 10, size=(24, 5)) + 10 * labels[:, None]
    torch.manual_seed(0)
    network = Words()
    embedded = [
        TripletEncoder(**QUICK, network=network).fit(held, labels).transform(held)
        for held in (rows, torch.from_numpy(rows), rows.tolist(), Sentences(rows))
    ]
    for embeddings in embedded[1:]:
        np.testing.assert_array_equal(embeddings, embedded[0])


ROWS = np.random.default_rng(1).normal(size=(12, 3))
CODES = np.arange(12) % 3


@pytest.mark.parametrize(
    ("rows", "labels", "message"),
    [
        (ROWS, np.zeros(12), "at least two classes, got 1 class in 12 rows"),
        (ROWS, np.arange(12), "some class two rows or more, got 12 rows of 12 classes"),
        (ROWS, np.where(CODES == 1, np.nan, CODES), "Labels must not be missing"),
        (ROWS, np.array(["a", None] * 6, dtype=object), "Labels must not be missing"),
        (ROWS, pd.Series([1, pd.NA] * 6, dtype="Int64"), "Labels must not be missing"),
        (ROWS, pl.Series([1, None] * 6), "Labels must not be missing"),
        (ROWS, np.array(["a", 1] * 6, dtype=object), "Labels must all be of one kind"),
        (ROWS, CODES[:11], "Labels must be one a row"),
        (ROWS, None, "requires y to be passed"),
        (ROWS, np.array(["2020-01-01"] * 12, dtype="datetime64[D]"), "Unknown label type"),
        (np.where(ROWS > 1, np.inf, ROWS), CODES, "infin"),
        (np.full((12, 2), np.nan), CODES, "must hold a value somewhere"),
        (ROWS[:, 0], CODES, "2D array, got 1D"),
        (np.empty((0, 3)), [], "0 sample"),
        ([[1.0, 2.0], [3.0]], [0, 1], "rows of different lengths"),
        (csr_array(ROWS), CODES, "sparse"),
        (ROWS + 1j, CODES, "Complex data not supported"),
        (pd.DataFrame({"when": pd.to_datetime(["2020-01-01"] * 12)}), CODES, "turn dates into numbers"),
    ],
)
def test_rows_and_labels_that_cannot_be_learnt_from_are_refused(rows: Any, labels: Any, message: str) -> None:
    with pytest.raises(MetricError, match=message):
        TripletEncoder(**QUICK).fit(rows, labels)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 0}, "epochs must be a whole number of 1 or more, got `0`"),
        ({"epochs": True}, "epochs must be a whole number"),
        ({"batch_size": 1}, "batch_size must be a whole number of 2 or more"),
        ({"embedding_dim": 2.5}, "embedding_dim must be a whole number"),
        ({"hidden": (16, 0)}, "hidden must be a whole number of 1 or more"),
        ({"hidden": (10**11,)}, "hidden must be at most 65536, got `100000000000`; such a layer would not fit"),
        ({"embedding_dim": 10**11}, "embedding_dim must be at most 65536"),
        ({"hidden": 16}, "hidden must be a sequence of widths"),
        ({"learning_rate": 0}, "learning_rate must be a number above 0"),
        ({"learning_rate": float("nan")}, "learning_rate must be a number above 0"),
        ({"weight_decay": -1.0}, "weight_decay must be a number 0 or more"),
        ({"validation_fraction": 1.0}, "validation_fraction must be a number 0 or more and below 1"),
        ({"patience": 0}, "patience must be a whole number of 1 or more"),
        ({"sampler": "sorted"}, "sampler must be one of shuffled, balanced"),
        ({"device": "abacus"}, "device must be one torch can use here, got `'abacus'`"),
        ({"network": "resnet"}, "network must be a torch module"),
        ({"network": nn.Identity()}, "network must have parameters to train"),
        ({"network": nn.Linear(3, 2), "hidden": ()}, None),
        ({"network": nn.Unflatten(1, (3, 1))}, "one embedding a row"),
        ({"loss": 3}, "loss must be a name or a torch module"),
        ({"loss_settings": {"margn": 1.0}}, "must be given settings it has, got `'margn'`"),
        ({"loss_settings": {"margin": -1.0}}, "margin must be a finite number of at least 0"),
        ({"loss_settings": {"power": 3}}, "power must be an even whole number"),
        ({"loss": SupConLoss(), "loss_settings": {"temperature": 1.0}}, "loss_settings must be None"),
        ({"checkpoint": "somewhere", "random_state": None}, "random_state must be set with a checkpoint"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_when_fitting(settings: dict[str, Any], message: str | None) -> None:
    encoder = TripletEncoder(**QUICK | settings)
    if message is None:
        assert encoder.fit(ROWS, CODES).transform(ROWS).shape == (12, 2)
        return
    with pytest.raises(MetricError, match=message):
        encoder.fit(ROWS, CODES)


def test_an_unknown_loss_is_refused_with_the_closest_name() -> None:
    with pytest.raises(UnknownNameError, match=r"got 'nplb_all'; did you mean nplb-all"):
        TripletEncoder(loss="nplb_all").fit(ROWS, CODES)


def test_a_table_with_other_columns_is_refused_after_training() -> None:
    table = frames()["pandas"]
    encoder = TripletEncoder(**QUICK).fit(table, LABELS)
    with pytest.raises(MetricError, match="names unseen at fit time:\n- country"):
        encoder.transform(table.rename(columns={"region": "country"}))
    with pytest.raises(MetricError, match="must be in the same order"):
        encoder.transform(table[["region", "age"]])
    with pytest.raises(MetricError, match="yet now missing:\n- region"):
        encoder.transform(frames()["polars"].select("age"))
    with pytest.raises(MetricError, match="must hold numbers, as in training, got text"):
        encoder.transform(table.assign(age="old"))


def test_arrays_with_other_columns_or_shapes_are_refused_after_training() -> None:
    encoder = TripletEncoder(**QUICK).fit(ROWS, CODES)
    with pytest.raises(MetricError, match="X has 2 features, but TripletEncoder is expecting 3 features"):
        encoder.transform(ROWS[:, :2])
    shown, labels = pictures()
    looking = TripletEncoder(**QUICK, network=small_convnet(1, 8, 2)).fit(shown, labels)
    with pytest.raises(MetricError, match=r"shape of training, \(1, 8, 8\), got `\(1, 4, 8\)`"):
        looking.transform(shown[:, :, :4])
    with pytest.raises(MetricError, match="must be an array or a sequence of rows, got `DataFrame`"):
        looking.transform(frames()["pandas"])
    with pytest.raises(MetricError, match="at least one row"):
        looking.transform(shown[:0])


def test_labels_outside_the_classes_given_are_refused() -> None:
    encoder = TripletEncoder(**QUICK).partial_fit(ROWS, CODES, classes=[0, 1, 2])
    with pytest.raises(MetricError, match="among the classes given first, got others in 12 rows"):
        encoder.partial_fit(ROWS, CODES + 7)
    with pytest.raises(MetricError, match="of the kind seen before"):
        encoder.partial_fit(ROWS, CODES.astype(str))


def test_a_score_needs_a_pair_to_find() -> None:
    encoder = TripletEncoder(**QUICK).fit(ROWS, CODES)
    with pytest.raises(MetricError, match="two rows or more, got 1"):
        encoder.score(ROWS[:1], CODES[:1])
    with pytest.raises(MetricError, match="some class two rows or more to be scored"):
        encoder.score(ROWS[:3], CODES[:3])


def test_rows_that_make_a_network_return_nan_are_refused() -> None:
    encoder = TripletEncoder(**QUICK, network=nn.Linear(3, 2)).fit(ROWS.astype(np.float32), CODES)
    with pytest.raises(MetricError, match="Embeddings must be finite, got NaN or infinity in 1 of 12 rows"):
        encoder.transform(np.where(np.arange(12)[:, None] == 4, np.nan, ROWS))


def test_what_is_refused_is_both_an_input_error_and_a_value_error() -> None:
    assert issubclass(MetricError, InputError)
    assert issubclass(MetricError, ValueError)


def test_a_failed_fit_leaves_nothing_half_learnt() -> None:
    encoder = TripletEncoder(**QUICK).fit(ROWS, CODES)
    with pytest.raises(MetricError, match="at least two classes"):
        encoder.fit(ROWS[:, :2], np.zeros(12))
    assert not encoder.__sklearn_is_fitted__()


def test_a_network_trained_on_floats_reads_whole_numbers_and_truths() -> None:
    rows, labels = np.random.default_rng(0).normal(size=(40, 4)), np.arange(40) % 2
    encoder = TripletEncoder(network=nn.Linear(4, 2), epochs=1, random_state=0).fit(rows, labels)
    whole = np.round(rows * 3).astype(np.int64)
    expected = encoder.transform(whole.astype(np.float32))
    np.testing.assert_array_equal(encoder.transform(whole), expected)
    np.testing.assert_array_equal(encoder.transform(whole.tolist()), expected)
    encoder.partial_fit(whole, labels)


def test_a_network_trained_on_token_ids_reads_any_whole_numbers_but_no_floats() -> None:
    tokens, labels = np.random.default_rng(0).integers(0, 9, (40, 4)).astype(np.int32), np.arange(40) % 2
    network = nn.Sequential(nn.Embedding(9, 3), nn.Flatten(), nn.Linear(12, 2))
    encoder = TripletEncoder(network=network, epochs=1, random_state=0).fit(tokens, labels)
    np.testing.assert_array_equal(encoder.transform(tokens.astype(np.int16)), encoder.transform(tokens))
    with pytest.raises(MetricError, match="X must hold whole numbers, as in training"):
        encoder.transform(tokens.astype(float))
    with pytest.raises(MetricError, match=r"X must fit torch\.int32, as in training"):
        encoder.transform(np.full((2, 4), 2**32 + 1))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (np.ones((20, 4), dtype=np.int64), "network must read rows of shape .* and type `torch.int64`, but fails"),
        (np.ones((20, 3)), "network must read rows of shape .*, but fails"),
        (np.full((20, 4), "a"), "must hold numbers, got `<U1`"),
        ([[1.0, 2.0, 3.0, 4.0], [1.0]] * 10, "X must have rows of one shape"),
        ({"a": 1}, "X must have a length and positions, got `dict`"),
    ],
)
def test_rows_a_network_of_ones_own_cannot_read_are_refused(rows: object, said: str) -> None:
    with pytest.raises(MetricError, match=said):
        TripletEncoder(network=nn.Linear(4, 2), epochs=1).fit(rows, np.arange(20) % 2)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"categorical": "ab"}, "categorical must be a sequence of names or places, got `'ab'`"),
        ({"categorical": 1}, "categorical must be a sequence of names or places, got `1`"),
        ({"loss_settings": 3}, "loss_settings must be a mapping or None, got `3`"),
        ({"checkpoint": 3}, "checkpoint must be a folder's path or None, got `3`"),
        ({"random_state": -1}, "random_state must be a whole number from 0"),
        ({"random_state": np.random.default_rng(0)}, "random_state must be a whole number from 0"),
    ],
)
def test_settings_of_another_kind_are_refused(setting: dict[str, object], said: str) -> None:
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 2)), columns=["a", "b"])
    with pytest.raises(MetricError, match=said):
        TripletEncoder(**{"epochs": 1, "random_state": 0} | setting).fit(rows, np.arange(20) % 2)


def test_columns_named_by_text_and_numbers_together_are_refused() -> None:
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 2)), columns=["a", 1])
    with pytest.raises(MetricError, match="Feature names are only supported if all input features have string names"):
        TripletEncoder(epochs=1).fit(rows, np.arange(20) % 2)


def test_places_counted_by_numpy_name_categories() -> None:
    rows = np.random.default_rng(0).integers(0, 3, (20, 2)).astype(float)
    encoder = TripletEncoder(epochs=1, categorical=np.array([1]), random_state=0).fit(rows, np.arange(20) % 2)
    assert [type(column).__name__ for column in encoder.encoding_.columns] == ["NumericColumn", "CategoricalColumn"]


def test_a_token_a_network_of_ones_own_does_not_know_is_refused() -> None:
    tokens = np.random.default_rng(0).integers(0, 9, (40, 4))
    network = nn.Sequential(nn.Embedding(9, 3), nn.Flatten(), nn.Linear(12, 2))
    encoder = TripletEncoder(network=network, epochs=1, random_state=0).fit(tokens, np.arange(40) % 2)
    with pytest.raises(MetricError, match=r"network must read rows of shape .*, but fails"):
        encoder.transform(tokens + 100)


def test_a_lazy_frame_is_refused_with_the_call_that_reads_it() -> None:
    lazy = pl.DataFrame({"a": [0.0, 1.0] * 10}).lazy()
    with pytest.raises(MetricError, match=r"X must be a table in memory, got a lazy frame; call \.collect\(\)"):
        TripletEncoder(epochs=1).fit(lazy, np.arange(20) % 2)
