"""What one run of the benchmark is: a loss with its settings, a network, a budget, a seed.

Every loss embeds the same number of images a step. How they are drawn depends on what the loss is made for:

========================  ===========================================================================
triplet, nplb, swap, mdr  images_per_step / 3 random triplets, drawn uniformly, nothing mined
npair                     images_per_step / 2 random pairs of one class, drawn like a triplet's
triplet-all, nplb-all,    one class-balanced batch, of which all triplets count (all pairs for supcon)
swap-all, mdr-all, supcon
========================  ===========================================================================
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, get_args

from pydantic import TypeAdapter, ValidationError

from holdfast.errors import UnknownNameError
from holdfast.metric.error import MetricError

__all__ = ["BENCHMARK_LOSSES", "Drawing", "LossSettings", "NetworkName", "RunSpec", "Schedule", "default_classes"]

LossSettings = Mapping[str, float | int | str | bool | list[float] | None]
NetworkName = Literal["mlp", "convnet"]
Schedule = Literal["constant", "cosine"]


class Drawing(StrEnum):
    """How the images of a step are drawn."""

    TRIPLETS = "random triplets"
    PAIRS = "random pairs"
    BATCH = "class-balanced batch"


BENCHMARK_LOSSES: Mapping[str, tuple[str, Drawing]] = {
    "triplet": ("triplet", Drawing.TRIPLETS),
    "triplet-all": ("triplet", Drawing.BATCH),
    "npair": ("npair", Drawing.PAIRS),
    "swap": ("swap", Drawing.TRIPLETS),
    "mdr": ("mdr", Drawing.TRIPLETS),
    "supcon": ("supcon", Drawing.BATCH),
    "nplb": ("nplb", Drawing.TRIPLETS),
    "nplb-all": ("nplb", Drawing.BATCH),
    "swap-all": ("swap", Drawing.BATCH),
    "mdr-all": ("mdr", Drawing.BATCH),
}
"""Name in the benchmark -> name in ``holdfast.metric.losses.registry`` and how its images are drawn.

All triplets are not the preserve of NPLB: the plain hinge, the swap and MDR have them too, so that what a regulariser
adds can be told from what all triplets add.
"""


@dataclass(frozen=True, kw_only=True)
class RunSpec:
    """One run: everything that decides its figures, given the data.

    Args:
        loss: A name in ``BENCHMARK_LOSSES``.
        loss_settings: Passed to the loss (margin, weight, power, ...); what is left out is the loss's own default.
        seed: Decides the first weights and the images drawn: the same for every loss of that seed.
        steps: Updates of the weights.
        images_per_step: Images embedded a step, whatever the loss.
        classes_per_batch: Classes of a class-balanced batch; it must divide ``images_per_step``. None takes the
            largest number that does and is at most the number of classes.
        embedding_dim: Columns of the embedding.
        hidden: Widths of the hidden layers of the mlp; the convnet has its own.
        network: mlp or convnet.
        normalize: Scale embeddings to length one, in training and when judged. None does what the loss does.
        lr: Step size of AdamW, at its start.
        weight_decay: Of AdamW, on the network's weights only.
        schedule: constant, or cosine to zero over ``steps``.
    """

    loss: str
    loss_settings: LossSettings = field(default_factory=dict)
    seed: int = 0
    steps: int = 600
    images_per_step: int = 384
    classes_per_batch: int | None = None
    embedding_dim: int = 64
    hidden: tuple[int, ...] = (512,)
    network: NetworkName = "mlp"
    normalize: bool | None = None
    lr: float = 1e-3
    weight_decay: float = 0.0
    schedule: Schedule = "constant"

    def __post_init__(self) -> None:
        if self.loss not in BENCHMARK_LOSSES:
            raise UnknownNameError("loss", self.loss, BENCHMARK_LOSSES)
        object.__setattr__(self, "hidden", tuple(self.hidden))
        object.__setattr__(self, "loss_settings", dict(self.loss_settings))
        for name in ("steps", "images_per_step", "embedding_dim"):
            _check_count(name, getattr(self, name))
        for width in self.hidden:
            _check_count("hidden", width)
        if self.seed < 0:
            raise MetricError(f"seed must be 0 or more, got `{self.seed!r}`; give a whole number.")
        if not (math.isfinite(self.lr) and self.lr > 0):
            raise MetricError(f"lr must be positive, got `{self.lr!r}`; give 0.001, for instance.")
        if not (math.isfinite(self.weight_decay) and self.weight_decay >= 0):
            raise MetricError(f"weight_decay must be 0 or more, got `{self.weight_decay!r}`; give 0 for none.")
        _check_choice("network", self.network, get_args(NetworkName))
        _check_choice("schedule", self.schedule, get_args(Schedule))
        self._check_images_per_step()

    def _check_images_per_step(self) -> None:
        size = {Drawing.TRIPLETS: 3, Drawing.PAIRS: 2, Drawing.BATCH: 1}[self.drawing]
        if self.images_per_step % size or self.images_per_step < 4:
            raise MetricError(
                f"images_per_step must be a multiple of {size}, at least 4, for {self.loss}, got "
                f"`{self.images_per_step!r}`; a multiple of 6 fits every loss."
            )

    @property
    def registered_loss(self) -> str:
        """Name of the loss in ``holdfast.metric.losses.registry``."""
        return BENCHMARK_LOSSES[self.loss][0]

    @property
    def drawing(self) -> Drawing:
        """How the images of a step are drawn."""
        return BENCHMARK_LOSSES[self.loss][1]

    def lr_at(self, step: int) -> float:
        """Return the step size of ``step``, which counts from 0."""
        if self.schedule == "constant":
            return self.lr
        return self.lr * 0.5 * (1 + math.cos(math.pi * step / self.steps))

    def to_json(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        return {**dataclasses.asdict(self), "hidden": list(self.hidden)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "RunSpec":
        """Read what ``to_json`` wrote.

        Raises:
            MetricError: A key is unknown or a value is of the wrong type or range.
        """
        known = {item.name for item in dataclasses.fields(cls)}
        for name in data:
            if name not in known:
                raise UnknownNameError("setting of a run", name, known)
        try:
            return TypeAdapter(cls).validate_json(json.dumps(dict(data)), strict=True)
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'run'}: {e['msg']}" for e in error.errors())
            raise MetricError(f"Settings of a run must fit, got `{problems}`; mend them.") from error


def default_classes(images_per_step: int, n_classes: int) -> int:
    """Return the largest divisor of ``images_per_step`` up to ``n_classes`` that leaves two images a class or more.

    Raises:
        MetricError: There is none of two or more.
    """
    for classes in range(min(n_classes, images_per_step // 2), 1, -1):
        if images_per_step % classes == 0:
            return classes
    raise MetricError(
        f"images_per_step must have a divisor in 2 to {n_classes}, got `{images_per_step!r}`; give a multiple of 6."
    )


def _check_count(name: str, count: object) -> None:
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise MetricError(f"{name} must be a positive whole number, got `{count!r}`; give 1 or more.")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise MetricError(f"{name} must be one of {', '.join(choices)}, got `{value!r}`; choose one of them.")
