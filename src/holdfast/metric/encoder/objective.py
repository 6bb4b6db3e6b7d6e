"""Which triplets of a batch a loss sees, and what share of its value each process computes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator, Tensor, nn

from holdfast.errors import UnknownNameError
from holdfast.metric.encoder.distributed import World
from holdfast.metric.error import MetricError
from holdfast.metric.losses.all_triplets import all_triplet_sums
from holdfast.metric.losses.loss_batch import LossBatch
from holdfast.metric.losses.loss_parts import LossParts
from holdfast.metric.losses.registry import LOSSES, NPLBLoss, TripletLoss, make_loss
from holdfast.metric.sampling.drawing import random_triplets

__all__ = ["ALL_TRIPLETS", "RANDOM_TRIPLETS", "Objective", "Share", "loss_names", "make_objective"]

RANDOM_TRIPLETS = frozenset({"triplet", "nplb", "swap"})
"""Losses which, by these names, see as many random triplets of a batch as it has rows (the paper's "no mining")."""

ALL_TRIPLETS: Mapping[str, str] = {"triplet-all": "triplet", "nplb-all": "nplb"}
"""Names for the same losses over every triplet of the batch."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """This process's share of a batch's loss; ``active`` of ``triplets`` had a positive hinge (0 of 0: not counted)."""

    total: Tensor
    active: int = 0
    triplets: int = 0


class Objective(nn.Module):
    """A loss with the choice of triplets it sees.

    Args:
        loss: Any module called as ``loss(embeddings, labels, indices_tuple)``.
        is_random: Hand it random triplets drawn inside the batch; otherwise labels alone.
    """

    def __init__(self, loss: nn.Module, *, is_random: bool = False) -> None:
        super().__init__()
        self.loss = loss
        self.is_random = is_random

    def share(self, embeddings: Tensor, labels: Tensor, *, world: World, generator: Generator) -> Share:
        """Compute this process's share of the loss of a global batch; the shares of all processes add up to it.

        Args:
            embeddings: The whole global batch, gathered.
            labels: Its classes.
            world: The processes that share the work. Only losses over all triplets are split; others are computed whole
                and divided.
            generator: Draws the random triplets; in the same state in every process.
        """
        loss: Any = self.loss
        if type(loss) in (TripletLoss, NPLBLoss) and not (world.is_alone or self.is_random):
            return _split(loss, embeddings, labels, world)
        indices = self._drawn(labels, generator) if self.is_random else None
        if not hasattr(loss, "parts"):
            return Share(total=loss(embeddings, labels, indices) / world.size)
        parts = loss.parts(embeddings, labels, indices)
        counted = int(world.is_first)  # every process has seen the same triplets: count them once
        return Share(total=parts.total / world.size, active=parts.active * counted, triplets=parts.triplets * counted)

    def _drawn(self, labels: Tensor, generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Draw as many triplets as there are rows; none where the batch has none."""
        on_cpu = labels.cpu()
        _, counts = torch.unique(on_cpu, return_counts=True)
        if len(counts) < 2 or int(counts.max()) < 2:
            none = torch.empty(0, dtype=torch.long, device=labels.device)
            return none, none, none
        drawn = random_triplets(on_cpu, len(labels), generator=generator)
        return drawn.anchor.to(labels.device), drawn.positive.to(labels.device), drawn.negative.to(labels.device)


def _split(loss: TripletLoss, embeddings: Tensor, labels: Tensor, world: World) -> Share:
    """Sum the triplets of this process's rows; the reduction is over the triplets of all."""
    weight, power = (loss.weight, loss.power) if isinstance(loss, NPLBLoss) else (0.0, None)
    batch = LossBatch.of(embeddings, labels, normalize=loss.normalize)
    sums = all_triplet_sums(
        batch.embeddings,
        labels,
        margin=loss.margin,
        power=power,
        rows=world.rows(len(labels)),
        max_bytes=loss.max_bytes,
    )
    triplets, active = world.total(sums.triplets, sums.active)
    parts = LossParts.reduced(
        hinge=sums.hinge,
        penalty=sums.penalty,
        triplets=int(triplets),
        active=int(active),
        weight=weight,
        reduction=loss.reduction,
    )
    return Share(total=parts.total, active=sums.active, triplets=sums.triplets)


def make_objective(loss: str | nn.Module, settings: Mapping[str, object] | None = None) -> Objective:
    """Make the objective called ``loss``: a name of ``LOSSES``, ``triplet-all``, ``nplb-all``, or a module as it is.

    Raises:
        UnknownNameError: There is no loss of that name.
        MetricError: A setting does not exist or cannot be used, or settings came with a module.
    """
    if isinstance(loss, nn.Module):
        if settings:
            raise MetricError("loss_settings must be None with a loss module; set the module's own arguments instead.")
        return Objective(loss)
    if not isinstance(loss, str):
        raise MetricError(f"loss must be a name or a torch module, got `{loss!r}`; choose one of {loss_names()}.")
    if loss not in loss_names():
        raise UnknownNameError("loss", loss, loss_names())
    made = make_loss(ALL_TRIPLETS.get(loss, loss), **dict(settings or {}))
    return Objective(made, is_random=loss in RANDOM_TRIPLETS)


def loss_names() -> tuple[str, ...]:
    """Return every name a loss can be asked for by."""
    return tuple(sorted({*LOSSES, *ALL_TRIPLETS}))
