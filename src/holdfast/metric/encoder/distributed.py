"""Train in several processes so that every triplet of the *global* batch counts, under plain ``torchrun``.

Every process draws the same global batch from the same seed, embeds its slice of the rows, and gathers the embeddings
of the others. Losses over all triplets are then split by rows (:func:`holdfast.metric.losses.all_triplet_sums`
with ``rows``), so that work falls with the number of processes; other losses are computed whole in each and shared out.
Either way the shares add up to the loss of the global batch, gradients flow back through the gathering to whoever
computed each embedding, and ``DistributedDataParallel`` averages what it finds in the parameters.
"""

import atexit
import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from holdfast.metric.error import MetricError

__all__ = ["World", "gather_rows", "join_world"]

_BUFFERS = inspect.signature(nn.parallel.DistributedDataParallel.__init__).parameters
_SYNC = "forward_sync_buffers" if "forward_sync_buffers" in _BUFFERS else "broadcast_buffers"
_LEAVE_BUFFERS: dict[str, Any] = {_SYNC: False}
"""How this version of torch is told not to copy buffers from the first process at every step."""

TORCHRUN = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""The variables by which torchrun tells a process its place."""


@dataclass(frozen=True, kw_only=True)
class World:
    """The processes that train together. One alone by default, and then nothing here communicates.

    Attributes:
        rank: This process's number, from 0. Only 0 writes files and shows progress.
        size: How many there are.
    """

    rank: int = 0
    size: int = 1

    @property
    def is_alone(self) -> bool:
        """Say whether this is the only process."""
        return self.size == 1

    @property
    def is_first(self) -> bool:
        """Say whether this is the process that writes and shows."""
        return self.rank == 0

    def rows(self, n: int) -> slice:
        """Return this process's slice of ``n`` rows; the slices of all partition them, sizes within one."""
        return self._slice(self.rank, n)

    def gather(self, local: Tensor, n: int) -> Tensor:
        """Gather the embeddings of all ``n`` rows from each process's ``local`` slice, with gradient."""
        return local if self.is_alone else gather_rows(local, n, self)

    def wrap(self, network: nn.Module) -> nn.Module:
        """Return the network as trained: wrapped so that its gradients are averaged, where there are several processes.

        Buffers are left alone: a layer with running statistics (batch normalisation) sees only its own slice unless the
        caller converted it with ``torch.nn.SyncBatchNorm.convert_sync_batchnorm``.
        """
        if self.is_alone:
            return network
        return nn.parallel.DistributedDataParallel(network, **_LEAVE_BUFFERS)

    def average_gradients(self, module: nn.Module) -> None:
        """Average the gradients of a module outside the wrapper (the learnable levels of a loss)."""
        if self.is_alone:
            return
        for parameter in module.parameters():
            if parameter.requires_grad:
                if parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
                dist.all_reduce(parameter.grad)
                parameter.grad /= self.size

    def total(self, *counts: float) -> list[float]:
        """Add up each count over the processes."""
        if self.is_alone:
            return list(counts)
        sums = torch.tensor(counts, dtype=torch.float64, device=_device())
        dist.all_reduce(sums)
        return [float(value) for value in sums]

    def from_first(self, value: Any) -> Any:
        """Return what the first process holds, so that all decide alike."""
        if self.is_alone:
            return value
        held = [value]
        dist.broadcast_object_list(held, src=0, device=_device())
        return held[0]

    def check_same(self, what: str, value: object) -> None:
        """Check that every process holds the same.

        Raises:
            MetricError: They differ (in every process, so that none waits for another).
        """
        if self.is_alone:
            return
        held: list[object] = [None] * self.size
        dist.all_gather_object(held, value)
        if any(other != held[0] for other in held):
            raise MetricError(
                f"{what} must be the same in every process, got `{held!r}`; give each all the rows, in one order."
            )

    def _slice(self, rank: int, n: int) -> slice:
        return slice(rank * n // self.size, (rank + 1) * n // self.size)


class _Gather(torch.autograd.Function):
    """Gather slices forwards; backwards add up every process's gradient and keep one's own slice."""

    @staticmethod
    def forward(ctx: Any, local: Tensor, n: int, world: World) -> Tensor:
        ctx.n, ctx.world = n, world
        places = [world._slice(rank, n) for rank in range(world.size)]
        longest = max(place.stop - place.start for place in places)
        padded = local.new_zeros(longest, *local.shape[1:])
        padded[: len(local)] = local
        held = [torch.empty_like(padded) for _ in places]
        dist.all_gather(held, padded)
        return torch.cat([part[: place.stop - place.start] for part, place in zip(held, places, strict=True)])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        whole = gradients[0].contiguous().clone()
        dist.all_reduce(whole)
        return whole[ctx.world.rows(ctx.n)].contiguous(), None, None


def gather_rows(local: Tensor, n: int, world: World) -> Tensor:
    """Gather all ``n`` rows of a global batch, in order, from the slice each process holds.

    Backwards, the gradients that all processes' losses have with respect to a row are added up and go to the process
    that computed it: if the processes' losses are shares of one loss, that is its gradient.

    Raises:
        MetricError: ``local`` is not this process's slice.
    """
    place = world.rows(n)
    if len(local) != place.stop - place.start:
        raise MetricError(
            f"This process must embed {place.stop - place.start} of {n} rows, got `{len(local)}`; take World.rows({n})."
        )
    gathered: Tensor = _Gather.apply(local, n, world)  # type: ignore[no-untyped-call]  # torch leaves apply untyped
    return gathered


def join_world(device: torch.device, environment: Mapping[str, str] | None = None) -> World:
    """Return the processes training together: those joined already, or those torchrun started, or this one alone.

    Joins them (gloo on a processor, NCCL on GPUs) where ``environment``, by default the process's own, holds torchrun's
    variables, and leaves them when the interpreter ends.
    """
    if not dist.is_available():
        return World()
    given = os.environ if environment is None else environment
    if not dist.is_initialized():
        if any(name not in given for name in TORCHRUN) or given["WORLD_SIZE"] == "1":
            return World()
        if device.type == "cuda" and device.index is None and "LOCAL_RANK" in given:
            torch.cuda.set_device(int(given["LOCAL_RANK"]))
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(_leave)
    return World(rank=dist.get_rank(), size=dist.get_world_size())


def _leave() -> None:
    if dist.is_initialized():
        dist.destroy_process_group()


def _device() -> torch.device:
    """Return where tensors must lie to be sent: on this process's GPU under NCCL."""
    return torch.device("cuda", torch.cuda.current_device()) if dist.get_backend() == "nccl" else torch.device("cpu")
