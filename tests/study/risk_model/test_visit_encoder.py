"""The encoder, read with numpy, against the network in torch; and what training depends on."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from holdfast.study.error import StudyError
from holdfast.study.risk_model.encoder_ensemble import EncoderEnsemble
from holdfast.study.risk_model.encoder_training import train_encoder
from holdfast.study.risk_model.visit_encoder import EncoderSettings, VisitEncoder

QUICK = EncoderSettings(steps=40, width=24, dimensions=5, batch=60)


@pytest.fixture(scope="module")
def graded() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """500 people in three grades that follow the first input."""
    x = np.random.default_rng(0).normal(size=(500, 7)).astype(np.float32)
    return x, np.digitize(x[:, 0], [-0.5, 1.0]).astype(np.int64)


@pytest.fixture(scope="module")
def encoder(graded: Any) -> VisitEncoder:
    return train_encoder(*graded, QUICK, seed=3)


def by_torch(encoder: VisitEncoder, x: NDArray[np.float32]) -> NDArray[np.float32]:
    a = {name: torch.from_numpy(array) for name, array in encoder.arrays.items()}
    inputs = torch.from_numpy(x)
    hidden = torch.nn.functional.silu(torch.nn.functional.linear(inputs, a["weight_1"], a["bias_1"]))
    hidden = torch.nn.functional.silu(torch.nn.functional.linear(hidden, a["weight_2"], a["bias_2"]))
    straight = torch.nn.functional.linear(inputs, a["skip_weight"])
    return (straight + torch.nn.functional.linear(hidden, a["weight_3"], a["bias_3"])).numpy()


def test_numpy_embeds_as_torch_does(encoder: VisitEncoder, graded: Any) -> None:
    x = np.concatenate([graded[0], 5 * graded[0], np.zeros((1, 7), dtype=np.float32)])
    np.testing.assert_allclose(encoder.embed(x), by_torch(encoder, x), atol=1e-5)


def test_one_person_is_the_formula_by_hand(encoder: VisitEncoder, graded: Any) -> None:
    a = {name: array.astype(np.float64) for name, array in encoder.arrays.items()}
    x = graded[0][7].astype(np.float64)

    def s(u: NDArray[np.float64]) -> NDArray[np.float64]:
        return u / (1 + np.exp(-u))

    hidden = s(a["weight_2"] @ s(a["weight_1"] @ x + a["bias_1"]) + a["bias_2"])
    by_hand = a["skip_weight"] @ x + a["weight_3"] @ hidden + a["bias_3"]
    np.testing.assert_allclose(encoder.embed(graded[0][7:8])[0], by_hand, atol=1e-5)


def test_extreme_inputs_neither_overflow_nor_warn(encoder: VisitEncoder) -> None:
    for size in (1e2, 1e4, 1e8):
        x = (size * np.random.default_rng(1).choice([-1.0, 0, 1], size=(50, 7))).astype(np.float32)
        found = encoder.embed(x)
        assert np.isfinite(found).all()
        np.testing.assert_allclose(found, by_torch(encoder, x), rtol=1e-4, atol=1e-5 * size)


def test_nobody_depends_on_who_is_beside_them_to_the_last_bit(encoder: VisitEncoder) -> None:
    x = np.random.default_rng(2).normal(size=(2_500, 7)).astype(np.float32)  # more than two tiles
    together = encoder.embed(x)
    backwards = encoder.embed(np.ascontiguousarray(x[::-1]))[::-1]
    assert backwards.tobytes() == together.tobytes()
    for person in (0, 1_023, 1_024, 2_499):
        assert encoder.embed(x[person : person + 1]).tobytes() == together[person].tobytes()
    assert encoder.embed(x[:0]).shape == (0, 5)


def test_encoders_together_embed_as_each_alone(encoder: VisitEncoder, graded: Any) -> None:
    other = train_encoder(*graded, replace(QUICK, steps=2, width=9, dimensions=3), seed=1)
    x = np.random.default_rng(3).normal(size=(1_500, 7)).astype(np.float32)

    def write(rows: slice, out: NDArray[np.float32]) -> None:
        out[:] = x[rows].T

    found = EncoderEnsemble.of([encoder.arrays, other.arrays]).embed(len(x), write)
    for one, embedded in zip((encoder, other), found, strict=True):
        np.testing.assert_allclose(embedded, one.embed(x), atol=1e-5)


def test_inputs_that_are_carried_over_are_dimensions_as_they_are(encoder: VisitEncoder, graded: Any) -> None:
    carrying = train_encoder(*graded, replace(QUICK, carry=2.0), seed=3, carried=2)
    assert carrying.dimensions == 7
    z = carrying.embed(graded[0])
    np.testing.assert_allclose(z[:, :5], encoder.embed(graded[0]), atol=1e-6)  # the learnt ones are the same
    for k, column in enumerate(graded[0][:, -2:].T):
        assert np.corrcoef(z[:, 5 + k], column)[0, 1] > 0.99999
        assert z[:, 5 + k].std() == pytest.approx(2.0 * z[:, :5].std(axis=0).mean(), rel=1e-4)
    assert train_encoder(*graded, replace(QUICK, carry=0.0, steps=2), seed=3, carried=2).dimensions == 5


def test_grades_are_pulled_apart_in_new_people(graded: Any) -> None:
    found = train_encoder(*graded, replace(QUICK, steps=100), seed=0)
    x = np.random.default_rng(5).normal(size=(600, 7)).astype(np.float32)
    grade = np.digitize(x[:, 0], [-0.5, 1.0])
    z = found.embed(x)
    centres = np.stack([z[grade == k].mean(axis=0) for k in range(3)])
    nearest = np.linalg.norm(z[:, None] - centres[None], axis=2).argmin(axis=1)
    assert (nearest == grade).mean() > 0.75


def test_the_same_seed_gives_the_same_bytes_and_another_others(graded: Any, encoder: VisitEncoder) -> None:
    again = train_encoder(*graded, QUICK, seed=3)
    assert {n: a.tobytes() for n, a in again.arrays.items()} == {n: a.tobytes() for n, a in encoder.arrays.items()}
    other = train_encoder(*graded, QUICK, seed=4)
    assert (other.arrays["weight_1"] != encoder.arrays["weight_1"]).any()


def test_training_leaves_the_random_numbers_of_others_alone(graded: Any) -> None:
    torch.manual_seed(11)
    state, numpys = torch.get_rng_state(), np.random.get_state()[1].tobytes()  # type: ignore[index,union-attr]
    train_encoder(*graded, replace(QUICK, steps=2), seed=3)
    assert torch.equal(torch.get_rng_state(), state)
    assert np.random.get_state()[1].tobytes() == numpys  # type: ignore[index,union-attr]


def test_training_does_not_depend_on_the_random_numbers_of_others(graded: Any) -> None:
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        found.append(train_encoder(*graded, replace(QUICK, steps=2), seed=3).arrays["weight_1"].tobytes())
    assert found[0] == found[1]


def test_grades_need_not_be_numbered_without_gaps(graded: Any) -> None:
    x, codes = graded
    odd = np.array([0, 4, 9])[codes]
    assert train_encoder(x, odd, replace(QUICK, steps=3), seed=0).dimensions == 5


def test_an_encoder_is_made_of_its_arrays(encoder: VisitEncoder, graded: Any) -> None:
    again = VisitEncoder.from_arrays(dict(encoder.arrays))
    assert again.embed(graded[0]).tobytes() == encoder.embed(graded[0]).tobytes()
    assert again.dimensions == 5


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("weight_1", (24, 6)),
        ("weight_2", (24, 23)),
        ("weight_3", (4, 24)),
        ("skip_weight", (5, 6)),
        ("skip_weight", (5,)),
        ("bias_1", (1,)),
        ("bias_2", (24, 1)),
        ("bias_3", (1,)),
    ],
)
def test_weights_that_do_not_fit_each_other_are_refused(
    encoder: VisitEncoder, name: str, shape: tuple[int, ...]
) -> None:
    arrays = {**encoder.arrays, name: np.zeros(shape, dtype=np.float32)}
    with pytest.raises(StudyError, match=r"^Weight \w+ of an encoder must be \(.*\), got \(.*\); fit again\.$"):
        VisitEncoder.from_arrays(arrays)


def test_weights_that_are_missing_are_refused(encoder: VisitEncoder) -> None:
    arrays = {name: array for name, array in encoder.arrays.items() if name != "bias_2"}
    with pytest.raises(StudyError, match=r"^Encoder must have all of its weights, got no bias_2; fit again\.$"):
        VisitEncoder.from_arrays(arrays)


def test_inputs_of_another_number_are_refused(encoder: VisitEncoder) -> None:
    for x in (np.zeros((3, 6), dtype=np.float32), np.zeros(7, dtype=np.float32)):
        with pytest.raises(
            StudyError, match=r"^Inputs must have 7 columns, got shape \(.*\); encode as in training\.$"
        ):
            encoder.embed(x)


@pytest.mark.parametrize(
    "settings",
    [{"steps": 0}, {"width": 0}, {"dropout": 1.0}, {"noise": -0.1}, {"margin": 0.0}, {"batch": 3}, {"carry": -1.0}],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(StudyError, match=r"^Encoder must have sizes of 1 or more, a batch of 4 or more, a dropout of"):
        EncoderSettings(**settings)
