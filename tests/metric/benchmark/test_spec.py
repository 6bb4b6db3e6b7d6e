"""A run says everything that decides its figures, survives JSON, and refuses what cannot be run."""

import json

import pytest

from holdfast.errors import UnknownNameError
from holdfast.metric.benchmark.spec import BENCHMARK_LOSSES, RunSpec, default_classes
from holdfast.metric.error import MetricError
from holdfast.metric.losses.registry import LOSSES


def test_every_loss_of_the_benchmark_is_registered():
    assert {registered for registered, _ in BENCHMARK_LOSSES.values()} == set(LOSSES)


def test_a_run_survives_json():
    spec = RunSpec(
        loss="nplb-all", loss_settings={"margin": 0.2, "power": 4}, hidden=(32, 16), normalize=True, schedule="cosine"
    )
    assert RunSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"steps": 0}, "steps must be a positive"),
        ({"embedding_dim": -1}, "embedding_dim must be a positive"),
        ({"hidden": (0,)}, "hidden must be a positive"),
        ({"seed": -1}, "seed must be 0 or more"),
        ({"lr": 0.0}, "lr must be positive"),
        ({"lr": float("nan")}, "lr must be positive"),
        ({"weight_decay": -0.1}, "weight_decay must be 0 or more"),
        ({"network": "resnet"}, "network must be one of mlp, convnet"),
        ({"schedule": "linear"}, "schedule must be one of constant, cosine"),
        ({"images_per_step": 32}, "multiple of 3"),
        ({"loss": "npair", "images_per_step": 33}, "multiple of 2"),
        ({"images_per_step": 3}, "at least 4"),
    ],
)
def test_what_cannot_be_run_is_refused(changed, message):
    with pytest.raises(MetricError, match=message):
        RunSpec(**({"loss": "triplet"} | changed))


def test_an_unknown_loss_is_refused_with_the_closest():
    with pytest.raises(UnknownNameError, match="did you mean nplb"):
        RunSpec(loss="nlpb")


def test_an_unknown_setting_is_refused_with_the_closest():
    with pytest.raises(UnknownNameError, match="did you mean steps"):
        RunSpec.from_json({"loss": "nplb", "step": 3})


@pytest.mark.parametrize(
    "changed", [{"steps": "many"}, {"steps": 1.5}, {"normalize": 1}, {"hidden": 5}, {"steps": True}]
)
def test_settings_of_the_wrong_type_are_refused(changed):
    with pytest.raises(MetricError, match="must fit"):
        RunSpec.from_json({"loss": "nplb"} | changed)


@pytest.mark.parametrize(
    ("images", "classes", "expected"), [(384, 10, 8), (384, 2, 2), (30, 5, 5), (12, 100, 6), (384, 3, 3)]
)
def test_as_many_classes_a_batch_as_divide_it_with_two_images_each(images, classes, expected):
    assert default_classes(images, classes) == expected


def test_a_prime_batch_has_no_balanced_classes():
    with pytest.raises(MetricError, match="must have a divisor"):
        default_classes(31, 10)


def test_the_cosine_falls_from_the_step_size_to_zero():
    spec = RunSpec(loss="triplet", lr=0.4, steps=100, schedule="cosine")
    assert spec.lr_at(0) == 0.4
    assert spec.lr_at(50) == pytest.approx(0.2)
    assert 0 < spec.lr_at(99) < 1e-3
    assert RunSpec(loss="triplet", lr=0.4).lr_at(99) == 0.4
