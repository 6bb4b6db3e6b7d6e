"""The loop that the networks learnt without classes share: seeded batches, AdamW, and a held-out share to stop on.

Everything drawn follows from the seed through generators of the loop's own, so that torch's are left as they were.
AdamW (Loshchilov & Hutter 2019), its rate and when to stop are our choices for some thousands of rows.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from torch import Generator, Tensor, nn

from holdfast.metric.encoder.networks import seeded
from holdfast.metric.error import MetricError
from holdfast.metric.representations.layered import LayeredRepresentation
from holdfast.metric.representations.layers import Activation, Layer, Layers
from holdfast.metric.representations.representation import Rows
from holdfast.metric.representations.setting_check import check_count, check_number
from holdfast.metric.representations.threads import torch_threads

__all__ = ["TrainedRepresentation", "layers_of", "perceptron"]

MIN_HELD_OUT, MAX_HELD_OUT = 20, 20_000
"""With fewer rows held out than the first, none are, since they say too little; more than the second are not scored."""


@dataclass(kw_only=True, eq=False)
class TrainedRepresentation(LayeredRepresentation):
    """The outer half of a representation whose layers are trained; of no use alone.

    Args:
        dimensions: Columns of the embedding, 1 or more.
        epochs: Most passes over the rows; fewer where held-out rows say so.
        batch_size: Rows a step, 2 or more.
        learning_rate: Of AdamW, above 0.
        weight_decay: Of AdamW, 0 or more.
        held_out: Share of the rows to stop on, 0 to below 1. With 0, or fewer than 20 rows of it, every epoch is run.
        patience: Epochs without a lower held-out loss before stopping; the best epoch's weights are kept.
        threads: How many torch may use while learning; None leaves it as it is. Weights may hang on it.
    """

    min_rows = 10

    dimensions: int = 32
    epochs: int = 60
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 1e-5
    held_out: float = 0.1
    patience: int = 6
    threads: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count("dimensions", self.dimensions, most=65_536)
        check_count("epochs", self.epochs)
        check_count("batch_size", self.batch_size, least=2)
        check_number("learning_rate", self.learning_rate, is_open=True)
        check_number("weight_decay", self.weight_decay)
        check_number("held_out", self.held_out, below=1.0)
        check_count("patience", self.patience)
        if self.threads is not None:
            check_count("threads", self.threads)

    @contextmanager
    def _drawing(self, stage: int = 0) -> Iterator[None]:
        """Build and train inside: torch draws from this seed and stage, on as many threads as set."""
        with seeded(_seed_of(self.seed, stage)), torch_threads(self.threads):
            yield

    def _train(self, objective: nn.Module, rows: Rows, *, what: str, stage: int = 0) -> None:
        """Train a module in place.

        Called with a batch (n, inputs) and the generator to draw from, it returns the mean loss of a row: lower is
        better.

        Raises:
            MetricError: The loss stopped being finite.
        """
        _Course(settings=self, objective=objective, seed=_seed_of(self.seed, stage + 1_000)).run(
            torch.from_numpy(rows), tell=lambda done: self._tell(f"{what} epoch", done, self.epochs)
        )


@dataclass(kw_only=True, eq=False)
class _Course:
    """One training from its first epoch to its last."""

    settings: TrainedRepresentation
    objective: nn.Module
    seed: int
    best: float = float("inf")
    since_best: int = 0
    kept: dict[str, Tensor] = field(default_factory=dict)

    def run(self, rows: Tensor, *, tell: Callable[[int], None]) -> None:
        settings = self.settings
        optimizer = torch.optim.AdamW(
            self.objective.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True
        )
        train, held_out = self._divided(rows)
        tell(0)
        for epoch in range(1, settings.epochs + 1):
            self._epoch(train, optimizer, epoch)
            if held_out is not None and not self._goes_on(held_out):
                break
            if epoch < settings.epochs:
                tell(epoch)
        if self.kept:
            self.objective.load_state_dict(self.kept)
        tell(settings.epochs)

    def _divided(self, rows: Tensor) -> tuple[Tensor, Tensor | None]:
        order = torch.randperm(len(rows), generator=Generator().manual_seed(self.seed))
        count = int(self.settings.held_out * len(rows))
        if count < MIN_HELD_OUT:
            return rows, None
        return rows[order[count:]], rows[order[: min(count, MAX_HELD_OUT)]]

    def _epoch(self, rows: Tensor, optimizer: torch.optim.Optimizer, epoch: int) -> None:
        generator = Generator().manual_seed(_seed_of(self.seed, epoch))
        order = torch.randperm(len(rows), generator=generator)
        total = 0.0
        for places in order.tensor_split(max(1, len(rows) // self.settings.batch_size)):
            optimizer.zero_grad(set_to_none=True)
            loss = self.objective(rows[places], generator)
            loss.backward()
            optimizer.step()
            total += float(loss.detach())
        if not np.isfinite(total):
            raise MetricError(f"Loss must stay finite, got `{total!r}` in epoch {epoch}; lower learning_rate.")

    def _goes_on(self, held_out: Tensor) -> bool:
        """Score the held-out rows, with the same draws after every epoch; keep the weights if they are the best."""
        generator, score = Generator().manual_seed(self.seed), 0.0
        with torch.no_grad():
            for part in held_out.tensor_split(max(1, len(held_out) // self.settings.batch_size)):
                score += float(self.objective(part, generator)) * len(part) / len(held_out)
        if score < self.best:
            self.best, self.since_best = score, 0
            self.kept = {name: value.clone() for name, value in self.objective.state_dict().items()}
            return True
        self.since_best += 1
        return self.since_best < self.settings.patience


def perceptron(widths: Sequence[int]) -> nn.Sequential:
    """Build linear layers with ReLU between them, drawn from torch's generator; the last is linear."""
    modules: list[nn.Module] = []
    for before, after in pairwise(widths):
        modules += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*modules[:-1])


def layers_of(network: nn.Sequential) -> Layers:
    """Copy the layers of a network of linear layers, each followed by ReLU, tanh or nothing."""
    layers: list[Layer] = []
    for place, module in enumerate(network):
        if isinstance(module, nn.Linear):
            after = network[place + 1] if place + 1 < len(network) else None
            layers.append(_layer(module, "relu" if isinstance(after, nn.ReLU) else _tanh_or_linear(after)))
    return Layers(n_inputs=layers[0].weight.shape[1], layers=tuple(layers))


def _tanh_or_linear(after: nn.Module | None) -> Activation:
    return "tanh" if isinstance(after, nn.Tanh) else "linear"


def _layer(module: nn.Linear, activation: Activation) -> Layer:
    weight, bias = (part.detach().numpy().copy() for part in (module.weight, module.bias))
    return Layer(weight=weight, bias=bias, activation=activation)


def _seed_of(seed: int, stage: int) -> int:
    """Return a seed of its own for each stage, below 2^63."""
    return int(np.random.SeedSequence([seed, stage]).generate_state(1, np.uint64)[0] >> np.uint64(1))
