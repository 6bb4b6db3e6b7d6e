"""A linear map about a mean, as one layer."""

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.error import MetricError
from holdfast.metric.representations.layers import Layer, Layers
from holdfast.metric.representations.representation import Rows

__all__ = ["check_dimensions", "linear_map"]


def linear_map(components: NDArray[np.floating], mean: NDArray[np.floating]) -> Layers:
    """Return x -> C (x - m).

    Args:
        components: C, (dimensions, inputs).
        mean: m, (inputs,).
    """
    layer = Layer(
        weight=np.ascontiguousarray(components, dtype=np.float32), bias=(-(components @ mean)).astype(np.float32)
    )
    return Layers(n_inputs=components.shape[1], layers=(layer,))


def check_dimensions(name: str, dimensions: int, rows: Rows) -> None:
    """Check that rows span so many dimensions at most.

    Raises:
        MetricError: There are more dimensions than inputs, or than rows less the one that the mean takes.
    """
    most = min(rows.shape[1], len(rows) - 1)
    if dimensions > most:
        raise MetricError(
            f"{name} dimensions must be at most {most} for {len(rows)} rows of {rows.shape[1]} inputs, got "
            f"`{dimensions}`; ask for fewer."
        )
