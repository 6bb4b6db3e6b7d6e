"""The hyperparameters of an encoder, checked when it is fitted, as scikit-learn's conventions ask."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Self

import torch
from torch import nn

from holdfast.metric.encoder.training import TrainingSettings
from holdfast.metric.error import MetricError

__all__ = ["EncoderSettings", "torch_device"]

SAMPLERS = ("shuffled", "balanced")
WIDEST = 65_536
"""The widest layer: two of them side by side take 17 GB."""


@dataclass(frozen=True, kw_only=True)
class EncoderSettings:
    """An encoder's hyperparameters, checked; ``TripletEncoder`` documents each."""

    embedding_dim: int
    hidden: tuple[int, ...]
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    validation_fraction: float
    patience: int | None
    is_balanced: bool
    device: torch.device
    checkpoint: Path | None

    @classmethod
    def of(cls, encoder: Any) -> Self:
        """Check the hyperparameters of an estimator.

        Raises:
            MetricError: One of them cannot be used.
        """
        if encoder.network is not None and not isinstance(encoder.network, nn.Module):
            raise MetricError(f"network must be a torch module or None, got `{encoder.network!r}`; pass an instance.")
        if encoder.sampler not in SAMPLERS:
            raise MetricError(f"sampler must be one of {', '.join(SAMPLERS)}, got `{encoder.sampler!r}`; choose one.")
        if isinstance(encoder.hidden, str) or not hasattr(encoder.hidden, "__iter__"):
            raise MetricError(f"hidden must be a sequence of widths, got `{encoder.hidden!r}`; give (128, 64) or ().")
        if isinstance(encoder.categorical, str | bytes) or not (
            encoder.categorical is None or hasattr(encoder.categorical, "__iter__")
        ):
            raise MetricError(
                f"categorical must be a sequence of names or places, got `{encoder.categorical!r}`; put it in a list."
            )
        if encoder.loss_settings is not None and not isinstance(encoder.loss_settings, Mapping):
            raise MetricError(f"loss_settings must be a mapping or None, got `{encoder.loss_settings!r}`; give a dict.")
        if not isinstance(encoder.checkpoint, str | Path | None):
            raise MetricError(f"checkpoint must be a folder's path or None, got `{encoder.checkpoint!r}`; give a path.")
        if encoder.checkpoint is not None and encoder.random_state is None:
            raise MetricError("random_state must be set with a checkpoint, got `None`; the rest needs the same seed.")
        return cls(
            embedding_dim=_width("embedding_dim", encoder.embedding_dim),
            hidden=tuple(_width("hidden", width) for width in encoder.hidden),
            epochs=_count("epochs", encoder.epochs),
            batch_size=_count("batch_size", encoder.batch_size, least=2),
            learning_rate=_number("learning_rate", encoder.learning_rate, is_open=True),
            weight_decay=_number("weight_decay", encoder.weight_decay),
            validation_fraction=_number("validation_fraction", encoder.validation_fraction, below=1.0),
            patience=None if encoder.patience is None else _count("patience", encoder.patience),
            is_balanced=encoder.sampler == "balanced",
            device=torch_device(encoder.device),
            checkpoint=None if encoder.checkpoint is None else Path(encoder.checkpoint),
        )

    def training(self, seed: int) -> TrainingSettings:
        """Return what the training loop needs of them."""
        return TrainingSettings(
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            is_balanced=self.is_balanced,
            seed=seed,
            device=self.device,
        )


def torch_device(name: Any) -> torch.device:
    """Return the device of that name, if tensors can be put there.

    Raises:
        MetricError: There is no such device here.
    """
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, TypeError, AssertionError):
        raise MetricError(f"device must be one torch can use here, got `{name!r}`; use 'cpu'.") from None
    return device


def _count(name: str, value: object, *, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise MetricError(f"{name} must be a whole number of {least} or more, got `{value!r}`; give one.")
    return int(value)


def _width(name: str, value: object) -> int:
    width = _count(name, value)
    if width > WIDEST:
        raise MetricError(f"{name} must be at most {WIDEST}, got `{value!r}`; such a layer would not fit in memory.")
    return width


def _number(name: str, value: object, *, is_open: bool = False, below: float = math.inf) -> float:
    known = isinstance(value, Real) and not isinstance(value, bool) and 0 <= float(value) < below
    if not known or (is_open and value == 0):
        bound = "above 0" if is_open else "0 or more"
        limit = "and finite" if below == math.inf else f"and below {below:g}"
        raise MetricError(f"{name} must be a number {bound} {limit}, got `{value!r}`; give one.")
    return float(value)  # type: ignore[arg-type]  # a real number
