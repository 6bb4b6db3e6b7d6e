"""The two networks Holdfast brings: a multilayer perceptron for tables, a small convolutional one for images.

Neither has a layer that mixes the rows of a batch (no batch normalisation), so that a row's embedding does not depend
on its neighbours and training split over processes gives the result of one process. Both are our choice: the working
form of the objective leaves the network open.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from numbers import Integral

import torch
from torch import Tensor, nn

from holdfast.metric.error import MetricError

__all__ = ["UnitLength", "multilayer_perceptron", "seeded", "small_convnet", "with_unit_length"]


LARGE = 2.0**60
"""Rows with larger values are brought down before their length is taken, whose squares would overflow."""


class UnitLength(nn.Module):
    """Scale every row to Euclidean length one. A row of zeros stays zero, with finite gradients."""

    def forward(self, x: Tensor) -> Tensor:
        size = x.detach().abs().amax(dim=1, keepdim=True)
        return nn.functional.normalize(x / torch.where(size > LARGE, size, torch.ones_like(size)), dim=1)


def with_unit_length(network: nn.Module) -> nn.Sequential:
    """Return a network whose embeddings are scaled to length one."""
    return nn.Sequential(network, UnitLength())


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw torch's random numbers from ``seed`` inside the block; afterwards they go on as if nothing was drawn."""
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()  # type: ignore[no-untyped-call]  # torch leaves it so
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield


def multilayer_perceptron(
    n_inputs: int, *, hidden: Sequence[int] = (128, 64), embedding_dim: int = 32, normalize: bool = False
) -> nn.Sequential:
    """Build linear layers with ReLU between them; the last is linear.

    Args:
        n_inputs: Columns of the (n, n_inputs) float input.
        hidden: Widths of the hidden layers; an empty sequence gives a linear map.
        embedding_dim: Columns of the output.
        normalize: Scale every embedding to length one.

    Raises:
        MetricError: A width is not a positive integer.
    """
    widths = [n_inputs, *hidden, embedding_dim]
    for name, width in zip(["n_inputs", *["hidden"] * len(hidden), "embedding_dim"], widths, strict=True):
        _check_count(name, width)
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), nn.ReLU()]
    layers[-2:] = [_last(widths[-2], embedding_dim, normalize=normalize)]
    return nn.Sequential(*layers, *([UnitLength()] if normalize else []))


def small_convnet(channels: int, size: int, embedding_dim: int = 32, *, normalize: bool = False) -> nn.Sequential:
    """Build two 3x3 convolutions with pooling and two linear layers, for (n, channels, size, size) float images.

    Args:
        channels: 1 for grey pictures, 3 for colour.
        size: Height and width in pixels, at least 4.
        embedding_dim: Columns of the output.
        normalize: Scale every embedding to length one.

    Raises:
        MetricError: A count is not a positive integer, or the pictures are smaller than 4 pixels.
    """
    for name, count in (("channels", channels), ("size", size), ("embedding_dim", embedding_dim)):
        _check_count(name, count)
    if size < 4:
        raise MetricError(f"size must be at least 4 pixels, got `{size!r}`; enlarge the pictures first.")
    return nn.Sequential(
        *(nn.Conv2d(channels, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(
            nn.Flatten(),
            nn.Linear(64 * (size // 4) ** 2, 128),
            nn.ReLU(),
            _last(128, embedding_dim, normalize=normalize),
        ),
        *([UnitLength()] if normalize else []),
    )


def _last(width: int, embedding_dim: int, *, normalize: bool) -> nn.Linear:
    """Return the last layer, with a bias only where it matters.

    Moving all embeddings alike changes no distance. A bias would have a gradient of rounding errors alone, which an
    optimiser that scales by the gradient's size (Adam) would follow as if it meant something.
    """
    return nn.Linear(width, embedding_dim, bias=normalize)


def _check_count(name: str, count: object) -> None:
    if isinstance(count, bool) or not isinstance(count, Integral) or count < 1:
        raise MetricError(f"{name} must be a positive whole number, got `{count!r}`; give 1 or more.")
