"""Training: the same under a seed, continued, stopped early, interrupted, resumed from a checkpoint."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs
from torch import Tensor, nn

from holdfast.metric.encoder.held_out import hold_out
from holdfast.metric.encoder.input import ArrayRows
from holdfast.metric.encoder.networks import multilayer_perceptron
from holdfast.metric.encoder.objective import loss_names
from holdfast.metric.encoder.training import Course, EpochRecord
from holdfast.metric.encoder.triplet_encoder import TrainingInterruptedWarning, TripletEncoder
from holdfast.metric.error import MetricError
from holdfast.metric.losses.registry import NPLBLoss
from holdfast.metric.tabular.encoding import TabularEncoding

QUICK: dict[str, Any] = {"epochs": 4, "hidden": (16,), "embedding_dim": 4, "batch_size": 64, "random_state": 0}
Blobs = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def blobs() -> Blobs:
    rows, labels = make_blobs(240, centers=4, n_features=6, cluster_std=4.0, random_state=3)
    return rows, labels


def weights(encoder: TripletEncoder) -> list[Tensor]:
    held = [*encoder.network_.state_dict().values(), *encoder.loss_.state_dict().values()]
    return [tensor.clone() for tensor in held]


def are_same(ours: TripletEncoder, theirs: TripletEncoder) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(ours), weights(theirs), strict=True))


class Dropping(nn.Module):
    """A network that draws random numbers, and raises on a chosen pass over training rows."""

    def __init__(self, *, interrupt_at: int | None = None) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 4, bias=False))
        self.interrupt_at, self.passes = interrupt_at, 0

    def forward(self, rows: Tensor) -> Tensor:
        self.passes += self.training
        if self.passes == self.interrupt_at:
            raise KeyboardInterrupt
        embeddings: Tensor = self.layers(rows)
        return embeddings


def dropping(interrupt_at: int | None = None) -> Dropping:
    torch.manual_seed(1)
    return Dropping(interrupt_at=interrupt_at)


@pytest.mark.parametrize("loss", loss_names())
def test_the_same_seed_gives_the_same_weights_bit_for_bit_with_every_loss(blobs: Blobs, loss: str) -> None:
    first = TripletEncoder(**QUICK, loss=loss).fit(*blobs)
    torch.rand(7)  # what others draw must not matter
    second = TripletEncoder(**QUICK, loss=loss).fit(*blobs)
    assert are_same(first, second)
    other = TripletEncoder(**QUICK | {"random_state": 1}, loss=loss).fit(*blobs)
    assert not are_same(first, other)


def test_fitting_leaves_the_random_numbers_of_others_alone(blobs: Blobs) -> None:
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    TripletEncoder(**QUICK).fit(*blobs)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("loss", ["nplb-all", "supcon", "mdr"])
def test_training_finds_classes_that_the_columns_hide(loss: str) -> None:
    """The class shows in one column of ten, by its sign; the others are louder noise."""
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(400, 10)) * 3
    rows[:, 0] = np.abs(generator.normal(size=400)) * 0.5 + 0.3
    labels = np.arange(400) % 2
    rows[labels == 1, 0] *= -1
    encoder = TripletEncoder(**QUICK | {"epochs": 30, "learning_rate": 1e-2}, loss=loss).fit(rows[:300], labels[:300])
    untrained = TripletEncoder(**QUICK | {"learning_rate": 1e-30}).fit(rows[:300], labels[:300])
    assert untrained.score(rows[300:], labels[300:]) < 0.75
    assert encoder.score(rows[300:], labels[300:]) > 0.9


def test_a_loss_module_gives_what_its_name_gives(blobs: Blobs) -> None:
    named = TripletEncoder(**QUICK, loss="nplb-all", loss_settings={"margin": 0.5}).fit(*blobs)
    module = NPLBLoss(margin=0.5)
    given = TripletEncoder(**QUICK, loss=module).fit(*blobs)
    assert are_same(named, given)
    assert given.loss_ is not module


def test_mdr_s_levels_are_learnt_along(blobs: Blobs) -> None:
    encoder = TripletEncoder(**QUICK, loss="mdr").fit(*blobs)
    fresh = TripletEncoder(**QUICK | {"learning_rate": 1e-30, "weight_decay": 0}, loss="mdr").fit(*blobs)
    moved = [not torch.equal(a, b) for a, b in zip(encoder.loss_.parameters(), fresh.loss_.parameters(), strict=True)]
    assert moved
    assert all(moved)


def test_a_warm_start_of_two_and_two_epochs_is_four_epochs(blobs: Blobs) -> None:
    once = TripletEncoder(**QUICK, validation_fraction=0).fit(*blobs)
    twice = TripletEncoder(**QUICK | {"epochs": 2}, validation_fraction=0, warm_start=True).fit(*blobs).fit(*blobs)
    assert are_same(once, twice)
    assert [record.epoch for record in twice.training_.epochs] == [1, 2, 3, 4]


def test_without_warm_start_fitting_again_begins_anew(blobs: Blobs) -> None:
    encoder = TripletEncoder(**QUICK).fit(*blobs)
    once = weights(encoder)
    encoder.fit(*blobs)
    assert all(torch.equal(a, b) for a, b in zip(weights(encoder), once, strict=True))
    assert len(encoder.training_.epochs) == 4


def test_partial_fit_on_everything_is_an_epoch_of_fit(blobs: Blobs) -> None:
    whole = TripletEncoder(**QUICK, validation_fraction=0).fit(*blobs)
    by_part = TripletEncoder(**QUICK)
    for _ in range(4):
        by_part.partial_fit(*blobs)
    assert are_same(whole, by_part)


def test_begun_with_an_encoding_partial_fit_takes_rows_encoded_already(blobs: Blobs) -> None:
    rows, labels = blobs
    encoding = TabularEncoding.fit(rows)
    begun = TripletEncoder(**QUICK).begin(encoding, [0, 1, 2, 3])
    begun.partial_fit(ArrayRows(encoding.transform(rows)), labels)
    assert are_same(begun, TripletEncoder(**QUICK).partial_fit(rows, labels))
    with pytest.raises(MetricError, match="among the classes given first"):
        begun.partial_fit(rows, labels + 1)


def test_partial_fit_learns_from_chunks(blobs: Blobs) -> None:
    rows, labels = blobs
    encoder = TripletEncoder(**QUICK | {"learning_rate": 1e-2})
    before = TripletEncoder(**QUICK | {"learning_rate": 1e-30}).fit(rows, labels).score(rows, labels)
    for _ in range(10):
        for start in range(0, 240, 80):
            encoder.partial_fit(rows[start : start + 80], labels[start : start + 80], classes=[0, 1, 2, 3])
    assert encoder.score(rows, labels) > before + 0.05
    assert encoder.classes_.tolist() == [0, 1, 2, 3]


def test_early_stopping_keeps_the_best_epoch_and_says_which(blobs: Blobs) -> None:
    """At a wild rate scores soon fall; what is kept must be the best epoch, as training that ends there shows."""
    wild = QUICK | {"learning_rate": 0.3, "epochs": 60, "validation_fraction": 0.3, "patience": 3}
    encoder = TripletEncoder(**wild).fit(*blobs)
    training = encoder.training_
    scores = [record.held_out for record in training.epochs]
    assert training.stopped == "no longer improving"
    assert training.best_epoch == 1 + int(np.argmax(scores))
    assert len(scores) == training.best_epoch + 3 < 60
    ended_there = TripletEncoder(**wild | {"epochs": training.best_epoch, "patience": None}).fit(*blobs)
    assert are_same(encoder, ended_there)


def test_without_patience_every_epoch_runs_and_the_best_is_kept(blobs: Blobs) -> None:
    wild = QUICK | {"learning_rate": 0.3, "epochs": 12, "validation_fraction": 0.3, "patience": None}
    training = TripletEncoder(**wild).fit(*blobs).training_
    assert (len(training.epochs), training.stopped) == (12, "all epochs run")
    assert training.best_epoch == 1 + int(np.argmax([record.held_out for record in training.epochs]))


def test_few_rows_are_all_trained_on_and_nothing_is_said_to_be_held_out(blobs: Blobs) -> None:
    rows, labels = blobs
    training = TripletEncoder(**QUICK, validation_fraction=0.1).fit(rows[:60], labels[:60]).training_
    assert [record.held_out for record in training.epochs] == [None] * 4
    assert training.best_epoch == 4


def test_rows_held_out_are_not_trained_on_and_leave_each_class_a_pair() -> None:
    codes = np.array([0] * 80 + [1] * 20 + [2] * 2 + [3])
    rows = ArrayRows(np.arange(103.0)[:, None])
    kept, kept_codes, held = hold_out(rows, codes, fraction=0.5, seed=1)
    assert held is not None
    trained = kept.take(np.arange(len(kept))).flatten().long().numpy()
    assert np.intersect1d(trained, held.queries).size == 0
    assert np.union1d(trained, held.queries).tolist() == list(range(103))
    assert np.isin(held.references, trained).all()
    assert np.array_equal(codes[trained], kept_codes)
    assert np.bincount(kept_codes)[2:].tolist() == [2, 1]
    assert len(held.queries) == 51


def test_only_a_higher_score_makes_an_epoch_the_best() -> None:
    course = Course(state={}, best={})
    states: list[dict[str, Tensor]] = [{"epoch": torch.tensor(epoch)} for epoch in range(4)]
    for epoch, score in enumerate([0.5, 0.7, 0.7, 0.6]):
        course.add(EpochRecord(epoch=epoch + 1, loss=1.0, active=None, held_out=score), states[epoch])
    assert (course.best_epoch, course.best, course.since_best) == (2, states[1], 2)


def test_control_c_keeps_the_best_so_far_and_says_so(blobs: Blobs) -> None:
    """Three steps an epoch (216 rows by 64): the eighth is in the third epoch."""
    settings = QUICK | {"epochs": 9, "validation_fraction": 0.1}
    encoder = TripletEncoder(**settings, network=dropping(interrupt_at=8))
    with pytest.warns(
        TrainingInterruptedWarning, match=r"interrupted after epoch 2; the weights of epoch [12] were kept"
    ):
        encoder.fit(*blobs)
    assert encoder.training_.stopped == "interrupted"
    whole = TripletEncoder(**settings | {"epochs": 2}, network=dropping()).fit(*blobs)
    assert are_same(encoder, whole)


def test_control_c_before_the_first_epoch_is_over_is_not_swallowed(blobs: Blobs) -> None:
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        TripletEncoder(**QUICK, network=dropping(interrupt_at=2)).fit(*blobs)


@pytest.mark.parametrize("loss", ["nplb-all", "mdr"])
def test_training_resumed_from_a_checkpoint_ends_as_without_the_break(blobs: Blobs, tmp_path: Path, loss: str) -> None:
    settings = QUICK | {"epochs": 6, "loss": loss, "validation_fraction": 0.2}
    unbroken = TripletEncoder(**settings, network=dropping()).fit(*blobs)
    broken = TripletEncoder(**settings, network=dropping(interrupt_at=11), checkpoint=tmp_path / "c")
    with pytest.warns(TrainingInterruptedWarning, match="interrupted after epoch 3"):
        broken.fit(*blobs)
    resumed = TripletEncoder(**settings, network=dropping(), checkpoint=tmp_path / "c").fit(*blobs)
    assert are_same(resumed, unbroken)
    assert resumed.training_ == unbroken.training_


def test_a_finished_checkpoint_can_be_given_more_epochs(blobs: Blobs, tmp_path: Path) -> None:
    TripletEncoder(**QUICK, checkpoint=tmp_path).fit(*blobs)
    longer = TripletEncoder(**QUICK | {"epochs": 6}, checkpoint=tmp_path).fit(*blobs)
    assert are_same(longer, TripletEncoder(**QUICK | {"epochs": 6}).fit(*blobs))


def test_a_checkpoint_of_another_training_is_refused(blobs: Blobs, tmp_path: Path) -> None:
    TripletEncoder(**QUICK, checkpoint=tmp_path).fit(*blobs)
    with pytest.raises(MetricError, match="belong to this training, got one with other learning_rate"):
        TripletEncoder(**QUICK, learning_rate=0.1, checkpoint=tmp_path).fit(*blobs)
    with pytest.raises(MetricError, match="belong to this training, got one with other rows"):
        TripletEncoder(**QUICK, checkpoint=tmp_path).fit(blobs[0] + 1.0 * blobs[1][:, None], blobs[1])


def test_progress_is_shown_on_standard_error_and_only_when_asked_for(
    blobs: Blobs, capsys: pytest.CaptureFixture[str]
) -> None:
    TripletEncoder(**QUICK, validation_fraction=0.2).fit(*blobs)
    assert capsys.readouterr() == ("", "")
    TripletEncoder(**QUICK, validation_fraction=0.2, progress=True).fit(*blobs)
    out, shown = capsys.readouterr()
    assert out == ""
    assert "4/4" in shown
    assert "held-out MAP@R=" in shown
    assert "best epoch=" in shown


def test_balanced_batches_are_trained_on_too(blobs: Blobs) -> None:
    rows, labels = blobs
    rare = np.concatenate([np.flatnonzero(labels < 3), np.flatnonzero(labels == 3)[:5]])
    encoder = TripletEncoder(**QUICK, sampler="balanced").fit(rows[rare], labels[rare])
    assert not are_same(encoder, TripletEncoder(**QUICK).fit(rows[rare], labels[rare]))


def test_a_row_s_embedding_does_not_depend_on_the_rows_it_comes_with(blobs: Blobs) -> None:
    encoder = TripletEncoder(**QUICK).fit(*blobs)
    whole = encoder.transform(blobs[0])
    for n in (1, 7, 100):
        assert np.array_equal(encoder.transform(blobs[0][:n]), whole[:n])


def test_a_loss_that_runs_away_is_told(blobs: Blobs) -> None:
    with pytest.raises(MetricError, match="finite"):
        TripletEncoder(**QUICK | {"learning_rate": 1e30, "epochs": 20}).fit(*blobs)


def test_the_last_layer_has_a_bias_only_where_it_matters() -> None:
    assert multilayer_perceptron(3, hidden=(), embedding_dim=2)[0].bias is None
    assert multilayer_perceptron(3, hidden=(), embedding_dim=2, normalize=True)[0].bias is not None


@pytest.mark.parametrize(
    "changed", [{"hidden": (5,)}, {"normalize": True}, {"loss": "triplet"}, {"loss_settings": {"margin": 3.0}}], ids=str
)
def test_training_is_not_continued_with_settings_that_would_change_nothing(changed: dict[str, object]) -> None:
    rows, labels = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2
    encoder = TripletEncoder(hidden=(4,), embedding_dim=2, epochs=1, warm_start=True, random_state=0).fit(rows, labels)
    encoder.set_params(**changed)
    for go_on in (encoder.fit, encoder.partial_fit):
        with pytest.raises(
            MetricError, match=f"must continue with the settings it began with, got other `{next(iter(changed))}`"
        ):
            go_on(rows, labels)
    encoder.set_params(warm_start=False).fit(rows, labels)


def test_classes_given_later_hold_those_seen_before() -> None:
    rows, labels = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 3
    encoder = TripletEncoder(hidden=(4,), random_state=0).partial_fit(rows, labels, classes=[0, 1, 2])
    with pytest.raises(MetricError, match="classes must hold every class seen before, got `2`"):
        encoder.partial_fit(rows, labels % 2, classes=[0, 1])
    assert encoder.partial_fit(rows, labels, classes=[3, 2, 1, 0]).classes_.tolist() == [0, 1, 2, 3]


def test_training_that_ran_away_says_so():
    rows = np.random.default_rng(0).normal(size=(60, 4))
    runaway = TripletEncoder(epochs=2, hidden=(8,), learning_rate=1e30, random_state=0, batch_size=16)
    with pytest.raises(MetricError, match="lower the learning rate"):
        runaway.fit(rows, np.arange(60) % 3)
