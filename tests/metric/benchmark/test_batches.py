"""Every loss sees equally many images a step, and losses that draw alike see the same ones."""

from dataclasses import replace

import pytest
import torch

from holdfast.metric.benchmark.batches import classes_per_batch, step_blocks
from holdfast.metric.benchmark.spec import BENCHMARK_LOSSES, RunSpec
from holdfast.metric.error import MetricError

LABELS = torch.arange(300) % 5


def steps(spec: RunSpec) -> torch.Tensor:
    return torch.cat(list(step_blocks(LABELS, spec)))


def spec_of(loss: str, **changed: object) -> RunSpec:
    return RunSpec(**({"loss": loss, "steps": 70, "images_per_step": 30} | changed))


@pytest.mark.parametrize("loss", BENCHMARK_LOSSES)
@pytest.mark.parametrize("count", [1, 64, 70, 129])
def test_every_loss_sees_as_many_images_a_step_for_as_many_steps(loss, count):
    assert steps(spec_of(loss, steps=count)).shape == (count, 30)


def test_losses_that_draw_alike_see_the_same_images_and_seeds_differ():
    random = {loss: steps(spec_of(loss)).tolist() for loss in ("triplet", "nplb", "swap", "mdr")}
    balanced = {
        loss: steps(spec_of(loss)).tolist() for loss in ("triplet-all", "nplb-all", "supcon", "swap-all", "mdr-all")
    }
    for group in (random, balanced):
        first, *others = group.values()
        assert all(other == first for other in others)
    assert steps(spec_of("nplb", seed=1)).tolist() != random["nplb"]
    assert steps(spec_of("supcon", seed=1)).tolist() != balanced["supcon"]


@pytest.mark.parametrize("loss", ["triplet", "npair", "supcon"])
def test_a_longer_run_begins_with_the_images_of_a_shorter_one(loss):
    assert steps(spec_of(loss, steps=100))[:70].tolist() == steps(spec_of(loss)).tolist()


def test_triplets_are_laid_out_anchor_positive_negative():
    rows = steps(spec_of("triplet"))
    anchor, positive, negative = (LABELS[part] for part in rows.chunk(3, dim=1))
    assert (anchor == positive).all()
    assert (anchor != negative).all()
    assert (rows[:, :10] != rows[:, 10:20]).all()


def test_pairs_are_laid_out_anchor_positive():
    anchor, positive = steps(spec_of("npair")).chunk(2, dim=1)
    assert (LABELS[anchor] == LABELS[positive]).all()
    assert (anchor != positive).all()


def test_a_balanced_batch_has_equally_many_of_each_class():
    for rows in steps(spec_of("nplb-all", classes_per_batch=3)):
        counts = torch.bincount(LABELS[rows], minlength=5)
        assert sorted(counts.tolist()) == [0, 0, 10, 10, 10]


@pytest.mark.parametrize("classes", [0, 1, 4, 6, 30])
def test_classes_that_do_not_fit_the_batch_or_the_data_are_refused_with_a_number_that_does(classes):
    with pytest.raises(MetricError, match="try 5"):
        classes_per_batch(replace(spec_of("supcon"), classes_per_batch=classes), 5)
