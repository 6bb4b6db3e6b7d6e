"""A run is fair and repeats: same weights and images for a seed, and what is learnt shows."""

from dataclasses import replace

import pytest
import torch

from holdfast.measured import Failed, Scored
from holdfast.metric.benchmark.data import BenchmarkData, prepare
from holdfast.metric.benchmark.run import _Training, run_one
from holdfast.metric.benchmark.scores import retrieval_scores
from holdfast.metric.benchmark.spec import BENCHMARK_LOSSES
from holdfast.metric.encoder.networks import multilayer_perceptron
from holdfast.metric.error import MetricError


@pytest.mark.parametrize("loss", BENCHMARK_LOSSES)
def test_every_loss_learns_an_embedding_better_than_the_pixels(data: BenchmarkData, spec, loss):
    reference = data.train_inputs[data.reference]
    pixels = retrieval_scores(data.queries, data.query_labels, reference, data.reference_labels)
    result = run_one(data, replace(spec, loss=loss, steps=150, lr=0.01))
    assert isinstance(result.scores.map_at_r, Scored)
    assert result.scores.map_at_r.value > pixels.map_at_r.value + 0.05
    assert result.scores.map_at_r.n == 100


def test_losses_of_one_seed_begin_with_the_same_weights(data, spec):
    def weights(loss: str, seed: int) -> list[list[float]]:
        network = _Training(data, replace(spec, loss=loss, seed=seed)).network
        return [parameter.flatten().tolist() for parameter in network.parameters()]

    first = weights("triplet", 3)
    assert all(weights(loss, 3) == first for loss in BENCHMARK_LOSSES)
    assert weights("triplet", 4) != first


def test_a_run_repeats_and_leaves_the_callers_random_numbers_alone(data, spec):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again = run_one(data, spec), run_one(data, spec)
    assert torch.equal(torch.rand(3), expected)
    assert first.scores == again.scores
    assert first.curve == again.curve
    assert run_one(data, replace(spec, seed=1)).curve != first.curve


def test_first_loss_of_a_run_is_that_of_its_first_triplets_worked_out_by_hand(data, spec):
    """One step, so that the curve is the loss before any update."""
    from holdfast.metric.benchmark.batches import step_blocks

    one = replace(spec, steps=1, loss_settings={"margin": 0.5})
    network = _Training(data, one).network
    rows = next(iter(step_blocks(data.sampling_labels, one)))[0]
    with torch.no_grad():
        a, p, n = network(data.train_inputs[rows]).chunk(3)
    by_hand = [max(0.0, float((x - y).norm() - (x - z).norm()) + 0.5) for x, y, z in zip(a, p, n, strict=True)]
    assert run_one(data, one).curve == pytest.approx((sum(by_hand) / len(by_hand),), rel=1e-5)


def test_training_that_diverges_is_failed_not_scored(data, spec):
    result = run_one(data, replace(spec, lr=1e30, steps=200))
    assert isinstance(result.scores.knn_weighted_f1, Failed)
    assert "training diverged" in result.scores.knn_weighted_f1.error


def test_settings_of_the_loss_are_passed_on_and_told_in_full(data, spec):
    result = run_one(data, replace(spec, loss="nplb", loss_settings={"margin": 0.3, "weight": 0.5}))
    assert result.loss_settings["margin"] == 0.3
    assert result.loss_settings["weight"] == 0.5
    assert result.loss_settings["power"] == 2


def test_a_setting_the_loss_refuses_is_refused(data, spec):
    with pytest.raises(MetricError, match="even"):
        run_one(data, replace(spec, loss="nplb", loss_settings={"power": 3}))


def test_length_one_is_a_setting_of_the_run(data, spec):
    with pytest.raises(MetricError, match="must not hold normalize"):
        run_one(data, replace(spec, loss_settings={"normalize": True}))
    normal = run_one(data, replace(spec, normalize=True), sample_rows=10)
    assert normal.normalize
    assert torch.allclose(normal.sample.embeddings.norm(dim=1), torch.ones(10))
    assert not run_one(data, spec).normalize
    assert run_one(data, replace(spec, loss="supcon")).normalize


def test_the_convnet_reads_square_pictures_and_refuses_tables(data, spec):
    assert isinstance(run_one(data, replace(spec, network="convnet", steps=2)).scores.map_at_r, Scored)
    with pytest.raises(MetricError, match="must have square pictures"):
        run_one(replace(data, image_shape=None), replace(spec, network="convnet"))


def test_weight_decay_and_schedule_change_what_is_learnt(data, spec):
    plain = run_one(data, spec).curve
    assert run_one(data, replace(spec, weight_decay=0.5)).curve != plain
    assert run_one(data, replace(spec, schedule="cosine")).curve != plain


def test_the_levels_of_mdr_are_learnt_too(data, spec):
    training = _Training(data, replace(spec, loss="mdr"))
    training.run(None)
    assert training._loss.levels.tolist() != [-3.0, 0.0, 3.0]


def test_progress_is_told_and_can_stop_a_run(data, spec):
    heard: list[int] = []
    run_one(data, replace(spec, steps=130), on_step=heard.append)
    assert heard == [64, 128, 130]

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_one(data, spec, on_step=stop)


def test_cost_is_measured(data, spec):
    result = run_one(data, spec)
    assert result.training_s > 0
    assert result.steps_per_s == pytest.approx(20 / result.training_s)
    network = multilayer_perceptron(16, hidden=(16,), embedding_dim=8)
    assert result.parameters == sum(weights.numel() for weights in network.parameters())
    assert result.peak_memory.bytes >= 0


def test_validation_judges_held_out_training_rows_and_never_the_test_split(dataset):
    validating = prepare(dataset, validate=True)
    assert (len(validating.train_inputs), len(validating.queries)) == (250, 50)
    assert validating.judged_on == "validation"
    test_rows = {tuple(row) for row in (dataset.test.inputs / 255.0).round(6).tolist()}
    judged = {tuple(round(value, 6) for value in row) for row in validating.queries.tolist()}
    trained = {tuple(round(value, 6) for value in row) for row in validating.train_inputs.tolist()}
    assert not judged & test_rows
    assert not judged & trained


def test_the_reference_is_a_declared_subset_of_the_training_rows(dataset):
    few, every = prepare(dataset, reference_rows=40), prepare(dataset, reference_rows=None)
    assert len(few.reference) == 40
    assert torch.equal(few.reference_labels, few.sampling_labels[few.reference])
    assert any("40 training rows drawn with seed 0" in note for note in few.notes)
    assert any("every training row" in note for note in every.notes)
    assert len(every.reference) == 300


def test_a_device_that_is_not_there_is_refused(dataset):
    with pytest.raises(MetricError, match="device must be cpu or cuda"):
        prepare(dataset, device="abacus")
    if not torch.cuda.is_available():
        with pytest.raises(MetricError, match="torch finds none"):
            prepare(dataset, device="cuda")
    with pytest.raises(MetricError, match="reference_rows must be positive"):
        prepare(dataset, reference_rows=0)
