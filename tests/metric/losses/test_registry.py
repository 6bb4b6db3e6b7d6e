"""Losses are found by name, and say what they were made with."""

import json

import numpy as np
import pytest
import torch

from holdfast.metric import losses
from holdfast.metric.losses.registry import LOSSES, MetricLoss, make_loss

MADE_WITH = {
    "triplet": {"margin": 0.25, "reduction": "sum", "normalize": True, "max_bytes": 10_000},
    "nplb": {
        "margin": 0.5,
        "weight": 2.0,
        "power": 4,
        "reduction": "mean-active",
        "normalize": True,
        "max_bytes": None,
    },
    "swap": {"margin": 0.0, "reduction": "mean", "normalize": False, "max_bytes": 1},
    "npair": {"weight": 0.5, "rounds": 3, "reduction": "sum", "normalize": True},
    "mdr": {
        "margin": 1.0,
        "weight": 0.3,
        "level_weight": 0.0,
        "momentum": 0.5,
        "normalize": True,
        "max_bytes": 5,
    },
    "supcon": {"temperature": 0.07, "reduction": "sum", "normalize": False},
}


def test_the_six_names_are_those_of_the_command_line():
    assert set(LOSSES) == {"triplet", "nplb", "swap", "npair", "mdr", "supcon"} == set(MADE_WITH)
    assert {LOSSES[name].__name__ for name in LOSSES} <= set(losses.__all__)


@pytest.mark.parametrize("name", MADE_WITH)
def test_settings_read_back_as_they_were_given_and_survive_json(name):
    loss = make_loss(name, **MADE_WITH[name])
    assert loss.settings() == MADE_WITH[name]
    assert make_loss(name, **json.loads(json.dumps(loss.settings()))).settings() == MADE_WITH[name]
    assert {setting: getattr(loss, setting) for setting in MADE_WITH[name]} == MADE_WITH[name]


@pytest.mark.parametrize("name", LOSSES)
def test_defaults_make_the_same_loss_again(name):
    loss = make_loss(name)
    assert isinstance(loss, MetricLoss)
    assert make_loss(name, **loss.settings()).settings() == LOSSES[name]().settings() == loss.settings()


def test_numbers_of_numpy_become_plain_ones():
    made = make_loss("nplb", margin=np.float32(0.5), power=np.int64(4), weight=np.float64(2))
    assert json.dumps(made.settings())
    assert (made.settings()["power"], made.settings()["margin"]) == (4, 0.5)


def test_a_loss_shows_its_settings():
    assert repr(make_loss("supcon")) == "SupConLoss(temperature=0.1, reduction='mean', normalize=True)"


def test_only_the_levels_are_learnt():
    learnt = {name: sum(p.numel() for p in make_loss(name).parameters()) for name in LOSSES}
    assert learnt == {"triplet": 0, "nplb": 0, "swap": 0, "npair": 0, "supcon": 0, "mdr": 3}


@pytest.mark.parametrize("name", LOSSES)
def test_training_lowers_every_loss(name):
    """Twelve steps on three clouds that overlap."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(24) % 3
    x = (torch.randn(24, 4, generator=generator) + labels[:, None]).requires_grad_()
    loss = make_loss(name)
    optimiser = torch.optim.Adam([x, *loss.parameters()], lr=0.1)
    values = []
    for _ in range(12):
        optimiser.zero_grad()
        value = loss(x, labels)
        value.backward()
        optimiser.step()
        values.append(value.item())
    assert values[-1] < 0.9 * values[0]
