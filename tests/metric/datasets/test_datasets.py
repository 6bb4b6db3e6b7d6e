"""Setting a part aside keeps every class and shares no row; data that cannot be learnt from is refused."""

import numpy as np
import pytest

from holdfast.metric.benchmark.datasets import Dataset, ImageShape, Split, encode_labels, hold_out
from holdfast.metric.error import MetricError


def dataset(**changed):
    rows = np.arange(12, dtype=np.float32).reshape(6, 2)
    split = Split(inputs=rows, labels=np.array([0, 0, 0, 1, 1, 1]))
    return Dataset(**({"name": "d", "train": split, "test": split, "classes": ("a", "b")} | changed))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.95])
def test_parts_are_disjoint_whole_and_keep_every_class(seed, share):
    labels = np.random.default_rng(seed).permutation(np.repeat([0, 1, 2], [40, 7, 2]))
    kept, held = hold_out(labels, share=share, seed=seed)
    assert sorted([*kept, *held]) == list(range(49))
    assert set(labels[kept]) == set(labels[held]) == {0, 1, 2}
    assert abs((labels[held] == 0).sum() - share * 40) <= 1


def test_a_class_of_one_stays_in_training():
    kept, held = hold_out(np.array([0, 0, 0, 1]), share=0.4, seed=0)
    assert 3 in kept
    assert len(held) == 1


def test_the_seed_decides_the_parts():
    labels = np.zeros(100, dtype=np.int64)
    first, again, other = (hold_out(labels, share=0.3, seed=seed)[1].tolist() for seed in (4, 4, 5))
    assert first == again
    assert first != other


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1])
def test_a_share_that_leaves_a_part_empty_is_refused(share):
    with pytest.raises(MetricError, match="strictly between 0 and 1"):
        hold_out(np.array([0, 1]), share=share, seed=0)


def test_labels_are_numbered_in_the_order_of_their_names():
    classes, labels = encode_labels(np.array(["b", "a", "b"]))
    assert (classes, labels.tolist()) == (("a", "b"), [1, 0, 1])


def test_the_fingerprint_tells_data_apart_and_repeats():
    plain = dataset()
    other = Split(inputs=plain.train.inputs + 1, labels=plain.train.labels)
    assert plain.fingerprint() == dataset().fingerprint()
    variants = [plain, dataset(train=other), dataset(test=other), dataset(classes=("a", "c"))]
    assert len({each.fingerprint() for each in variants}) == 4


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"test": Split(inputs=np.zeros((0, 2), np.float32), labels=np.zeros(0, np.int64))},
            "test split must have rows",
        ),
        ({"classes": ("a",)}, "must be below 1"),
        (
            {"test": Split(inputs=np.zeros((1, 3), np.float32), labels=np.zeros(1, np.int64))},
            "must have 2 values a row",
        ),
        ({"train": Split(inputs=np.zeros((2, 2), np.float32), labels=np.array([0, 1]))}, "one of them with two rows"),
    ],
)
def test_data_that_cannot_be_learnt_from_is_refused(changed, message):
    with pytest.raises(MetricError, match=message):
        dataset(**changed)


def test_a_picture_has_as_many_values_as_its_layout_says():
    assert ImageShape(3, 4, 5).pixels == 60
