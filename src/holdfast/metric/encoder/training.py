"""The training loop: epochs of seeded batches, early stopping on held-out retrieval, and a state that can be continued.

Batches, random triplets and whatever a network draws (dropout) follow from the seed and the number of the epoch alone,
so that training continued from a stored state gives exactly what training without the break gives. Optimiser (AdamW
at a constant rate) and batch size are our choices.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn
from tqdm import tqdm  # type: ignore[import-untyped]  # it ships no types

from holdfast.metric.encoder.distributed import World
from holdfast.metric.encoder.held_out import HeldOut, checked_embeddings
from holdfast.metric.encoder.input import Rows
from holdfast.metric.encoder.networks import seeded
from holdfast.metric.encoder.objective import Objective
from holdfast.metric.error import MetricError
from holdfast.metric.sampling.drawing import ClassBalancedBatches, ShuffledBatches

__all__ = [
    "Course",
    "EpochRecord",
    "Plan",
    "Trainer",
    "TrainingSettings",
    "TrainingSummary",
    "train",
]


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How to train; ``TripletEncoder`` documents each."""

    batch_size: int
    learning_rate: float
    weight_decay: float
    is_balanced: bool
    seed: int
    device: torch.device


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """What one epoch came to.

    Attributes:
        epoch: Its number, from 1, counted on over continued fits.
        loss: Mean loss of its batches.
        active: Share of triplets with a positive hinge, 0 to 1; None where the loss does not count them.
        held_out: MAP@R of held-out rows among training rows, 0 to 1, higher is better; None where none was measured.
    """

    epoch: int
    loss: float
    active: float | None
    held_out: float | None


@dataclass(frozen=True, kw_only=True)
class TrainingSummary:
    """How a fit went.

    Attributes:
        epochs: A record for every epoch run, those of continued fits included.
        best_epoch: The epoch whose weights are kept: the best on held-out rows, or the last where none were held out.
        stopped: Why it ended: every epoch was run, the held-out score stopped improving, or Ctrl-C.
    """

    epochs: tuple[EpochRecord, ...]
    best_epoch: int
    stopped: Literal["all epochs run", "no longer improving", "interrupted"]

    def to_json(self) -> dict[str, Any]:
        """Return the summary as JSON-ready values."""
        return asdict(self) | {"epochs": [asdict(record) for record in self.epochs]}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "TrainingSummary":
        """Read what ``to_json`` wrote."""
        return cls(**(stored | {"epochs": tuple(EpochRecord(**record) for record in stored["epochs"])}))


@dataclass(kw_only=True)
class Course:
    """Where training stands: enough to continue it exactly, or to go back to its best epoch.

    States are flat: ``network.*``, ``loss.*`` and ``optimizer.<parameter>.*`` tensors by name. ``begun_after`` is the
    last epoch of earlier fits: their scores were of other rows and are not compared with.
    """

    state: dict[str, Tensor]
    best: dict[str, Tensor]
    best_epoch: int = 0
    begun_after: int = 0
    records: list[EpochRecord] = field(default_factory=list)
    stopped: Literal["all epochs run", "no longer improving", "interrupted"] = "all epochs run"

    def summary(self) -> TrainingSummary:
        """Return how it went so far."""
        return TrainingSummary(epochs=tuple(self.records), best_epoch=self.best_epoch, stopped=self.stopped)

    @property
    def since_best(self) -> int:
        """Return how many epochs were run since the best one."""
        return self.records[-1].epoch - max(self.best_epoch, self.begun_after) if self.records else 0

    def add(self, record: EpochRecord, state: dict[str, Tensor]) -> None:
        """Take in an epoch; it is the best if its held-out score is, or if none is measured."""
        ours = [earlier for earlier in self.records if earlier.epoch > self.begun_after]
        scores = [earlier.held_out for earlier in ours if earlier.held_out is not None]
        self.records.append(record)
        self.state = state
        if record.held_out is None or not scores or record.held_out > max(scores):
            self.best, self.best_epoch = state, record.epoch


class Trainer:
    """A network, its objective and its optimiser.

    Args:
        network: Trained in place, on the settings' device.
        objective: What it is trained for; learnable parts of the loss are trained along, without weight decay.
        settings: How.
        world: The processes training together.
    """

    def __init__(self, network: nn.Module, objective: Objective, settings: TrainingSettings, world: World) -> None:
        self.network = network.to(settings.device)
        self.objective = objective.to(settings.device)
        self.settings, self.world = settings, world
        groups: list[dict[str, Any]] = [{"params": [p for p in network.parameters() if p.requires_grad]}]
        if any(True for _ in objective.parameters()):
            groups.append({"params": list(objective.parameters()), "weight_decay": 0.0})
        if not groups[0]["params"]:
            raise MetricError("network must have parameters to train, got none; give one that does.")
        self._optimizer = torch.optim.AdamW(groups, lr=settings.learning_rate, weight_decay=settings.weight_decay)
        self._wrapped = world.wrap(self.network)

    def run_epoch(self, rows: Rows, codes: NDArray[np.int64], *, epoch: int) -> tuple[float, float | None]:
        """Train for one epoch.

        Returns:
            The mean loss, and the share of active triplets where the loss counts them.

        Raises:
            MetricError: The loss was no longer finite, or a batch has fewer rows than there are processes.
        """
        if min(self.settings.batch_size, len(codes)) < self.world.size:
            raise MetricError(
                f"Batches must have a row for each of {self.world.size} processes; give more, or run fewer."
            )
        seed = _seed_of(self.settings.seed, epoch)
        generator = Generator().manual_seed(seed)
        losses, active, triplets = [], 0, 0
        self._wrapped.train()
        self.objective.train()
        with seeded(seed):
            for positions in self._batches(codes, seed):
                total, batch_active, batch_triplets = self._step(rows, codes, positions, generator)
                losses.append(total)
                active, triplets = active + batch_active, triplets + batch_triplets
        loss, all_active, all_triplets = self.world.total(sum(losses) / len(losses), active, triplets)
        if not np.isfinite(loss):
            raise MetricError(f"Loss must stay finite, got `{loss!r}` in epoch {epoch}; lower learning_rate.")
        return loss, all_active / all_triplets if all_triplets else None

    def state(self) -> dict[str, Tensor]:
        """Copy the state of network, loss and optimiser: see ``Course``."""
        held = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        held |= {f"loss.{name}": value for name, value in self.objective.loss.state_dict().items()}
        for index, values in self._optimizer.state_dict()["state"].items():
            held |= {f"optimizer.{index}.{name}": value for name, value in values.items()}
        return {name: value.detach().to("cpu", copy=True).contiguous() for name, value in held.items()}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Take on a state; one without the optimiser's part starts that anew."""
        self.network.load_state_dict(part_of(state, "network."))
        self.objective.loss.load_state_dict(part_of(state, "loss."))
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in part_of(state, "optimizer.").items():
            index, _, key = name.partition(".")
            moments.setdefault(int(index), {})[key] = value.clone()
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": moments, "param_groups": groups})

    def _batches(self, codes: NDArray[np.int64], seed: int) -> Iterator[NDArray[np.int64]]:
        size = min(self.settings.batch_size, len(codes))
        steps, labels = max(1, len(codes) // size), torch.from_numpy(codes)
        if self.settings.is_balanced:
            counts = np.bincount(codes)
            classes = min(len(counts), max(2, size // 2))
            per_class = max(2, min(size // classes, int(counts.min())))
            sampler: Any = ClassBalancedBatches(labels, classes=classes, per_class=per_class, batches=steps, seed=seed)
        else:
            sampler = ShuffledBatches(labels, batch_size=size, batches=steps, seed=seed)
        for positions in sampler:
            yield np.asarray(positions, dtype=np.int64)

    def _step(
        self, rows: Rows, codes: NDArray[np.int64], positions: NDArray[np.int64], generator: Generator
    ) -> tuple[float, int, int]:
        device, world = self.settings.device, self.world
        local = rows.take(positions[world.rows(len(positions))]).to(device)
        embeddings = world.gather(checked_embeddings(self._wrapped(local), len(local)), len(positions))
        labels = torch.from_numpy(codes[positions]).to(device)
        share = self.objective.share(embeddings, labels, world=world, generator=generator)
        self._optimizer.zero_grad(set_to_none=True)
        whole = share.total * world.size  # averaging over processes makes it the sum of the shares again
        whole.backward()  # type: ignore[no-untyped-call]  # torch leaves it so
        world.average_gradients(self.objective)
        self._optimizer.step()
        return float(share.total.detach()), share.active, share.triplets


def part_of(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose names begin with ``prefix``, by the rest of their names."""
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def _seed_of(seed: int, epoch: int) -> int:
    """Return the seed of an epoch: independent of its neighbours', below 2^63."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0] >> np.uint64(1))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long to train: up to epoch ``until``; with held-out rows, no more than ``patience`` epochs past the best."""

    until: int
    patience: int | None
    is_shown: bool


def train(
    trainer: Trainer,
    rows: Rows,
    codes: NDArray[np.int64],
    *,
    course: Course,
    held_out: HeldOut | None,
    plan: Plan,
    after_epoch: Callable[[Course], None] | None = None,
) -> None:
    """Train from where ``course`` stands to where ``plan`` ends, then take on the best epoch's state.

    Args:
        trainer: Has taken on ``course.state``.
        rows: To train on.
        codes: Their classes, from 0.
        course: Kept up to date; says at the end why training stopped.
        held_out: What to stop early on.
        plan: How long.
        after_epoch: Called after each epoch by the first process, to write a checkpoint; None for nothing.

    Raises:
        KeyboardInterrupt: Ctrl-C came before the first epoch was over. Later it ends training, not the program.
    """
    course.stopped = "all epochs run"
    first = course.records[-1].epoch if course.records else 0
    bar = tqdm(total=plan.until, initial=first, desc="training", unit="epoch", disable=not plan.is_shown)
    try:
        for epoch in range(first + 1, plan.until + 1):
            if plan.patience is not None and course.since_best >= plan.patience:
                course.stopped = "no longer improving"
                break
            course.add(_one_epoch(trainer, rows, codes, held_out, epoch), trainer.state())
            if after_epoch is not None and trainer.world.is_first:
                after_epoch(course)
            _show(bar, course)
    except KeyboardInterrupt:
        if not course.records:
            raise
        course.stopped = "interrupted"
    finally:
        bar.close()
    trainer.restore(course.best)


def _one_epoch(
    trainer: Trainer, rows: Rows, codes: NDArray[np.int64], held_out: HeldOut | None, epoch: int
) -> EpochRecord:
    loss, active = trainer.run_epoch(rows, codes, epoch=epoch)
    score = None
    if held_out is not None:
        score = held_out.score(trainer.network, trainer.settings.device) if trainer.world.is_first else None
        score = trainer.world.from_first(score)
    return EpochRecord(epoch=epoch, loss=loss, active=active, held_out=score)


def _show(bar: Any, course: Course) -> None:
    last = course.records[-1]
    shown = {"loss": f"{last.loss:.4g}"}
    if last.held_out is not None:
        shown |= {"held-out MAP@R": f"{last.held_out:.4f}", "best epoch": str(course.best_epoch)}
    bar.set_postfix(shown, refresh=False)
    bar.update()
