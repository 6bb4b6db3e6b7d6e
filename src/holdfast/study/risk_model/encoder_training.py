"""Train one encoder of visits. Needs torch."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from holdfast.metric.losses import NPLBLoss
from holdfast.study.risk_model.settings import RiskModelSettings
from holdfast.study.risk_model.visit_encoder import EncoderSettings, Inputs, VisitEncoder

__all__ = ["train_encoder", "train_without"]

_MEASURED = 20_000  # people that the spread of an embedding is measured on


class _Network(nn.Module):
    """See ``visit_encoder``; the straight path has no bias of its own."""

    def __init__(self, n_inputs: int, settings: EncoderSettings) -> None:
        super().__init__()
        width = settings.width
        self.skip = nn.Linear(n_inputs, settings.dimensions, bias=False)
        self.first, self.second = nn.Linear(n_inputs, width), nn.Linear(width, width)
        self.third = nn.Linear(width, settings.dimensions)
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.dropout(nn.functional.silu(self.first(x)))
        hidden = self.dropout(nn.functional.silu(self.second(hidden)))
        bent: Tensor = self.skip(x) + self.third(hidden)
        return bent

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return the weights under the names that ``VisitEncoder`` gives them."""
        named = {"skip_weight": self.skip.weight}
        for number, layer in enumerate((self.first, self.second, self.third), start=1):
            named |= {f"weight_{number}": layer.weight, f"bias_{number}": layer.bias}
        return {name: tensor.detach().numpy().astype(np.float32) for name, tensor in named.items()}


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train_encoder(
    inputs: Inputs,
    classes: NDArray[np.int64],
    settings: EncoderSettings,
    *,
    seed: int,
    carried: int = 0,
) -> VisitEncoder:
    """Train an encoder; the same seed gives the same weights on the same kind of processor.

    It is done on one thread: a batch is too small for more to help, and what comes out depends on their number.

    Args:
        inputs: (people, inputs), finite.
        classes: A grade each, 0 or more, at least two of them. A batch holds as many people of each grade, drawn with
            replacement, so that rare grades are learnt as well as common ones.
        settings: See ``EncoderSettings``.
        seed: Of weights, batches, noise and dropout.
        carried: How many of the last inputs are dimensions of the embedding too, as they are, each with
            ``settings.carry`` times the spread that a learnt dimension has on average.
    """
    generator = np.random.default_rng(seed)
    grades = [np.flatnonzero(classes == grade) for grade in np.unique(classes)]
    share = max(2, settings.batch // len(grades))
    x, codes = torch.from_numpy(np.ascontiguousarray(inputs)), torch.from_numpy(classes)
    with torch.random.fork_rng(devices=[]), _one_thread():
        torch.manual_seed(seed)
        network = _Network(inputs.shape[1], settings).train()
        loss = NPLBLoss(margin=settings.margin, weight=settings.weight)
        optimiser = torch.optim.AdamW(network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.learning_rate, total_steps=settings.steps)
        for _ in range(settings.steps):
            rows = torch.from_numpy(np.concatenate([generator.choice(people, share) for people in grades]))
            noisy = x[rows] + torch.randn(len(rows), x.shape[1]) * settings.noise
            optimiser.zero_grad()
            loss(network(noisy), codes[rows]).backward()
            optimiser.step()
            schedule.step()
    learnt = VisitEncoder.from_arrays(network.eval().arrays())
    return _with_carried(learnt, inputs, carried, settings.carry) if carried and settings.carry else learnt


def train_without(
    fold: int, inputs: Inputs, classes: NDArray[np.int64], settings: RiskModelSettings, *, seed: int
) -> VisitEncoder:
    """Train the encoder that a risk model has for a fold, on the people outside of it.

    Args:
        fold: Which; encoders of different folds draw differently.
        inputs, classes: Of the people outside the fold; see ``train_encoder``.
        settings: Of the risk model.
        seed: Of the risk model.
    """
    drawn = seed * settings.folds + fold
    return train_encoder(inputs, classes, settings.encoder, seed=drawn, carried=settings.carried)


def _with_carried(learnt: VisitEncoder, inputs: Inputs, carried: int, carry: float) -> VisitEncoder:
    """Add dimensions that are the last inputs: a straight path of their own, and no bent one."""
    seen = inputs[:_MEASURED]
    spread = float(learnt.embed(seen).std(axis=0).mean())
    straight = np.zeros((carried, inputs.shape[1]), dtype=np.float32)
    places = np.arange(inputs.shape[1] - carried, inputs.shape[1])
    straight[np.arange(carried), places] = carry * spread / np.maximum(seen[:, places].std(axis=0), 1e-6)
    arrays = dict(learnt.arrays)
    nothing = np.zeros((carried, arrays["weight_3"].shape[1]), dtype=np.float32)
    arrays["skip_weight"] = np.concatenate([arrays["skip_weight"], straight])
    arrays["weight_3"] = np.concatenate([arrays["weight_3"], nothing])
    arrays["bias_3"] = np.concatenate([arrays["bias_3"], np.zeros(carried, dtype=np.float32)])
    return VisitEncoder.from_arrays(arrays)
