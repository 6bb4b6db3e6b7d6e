"""Seeded batches of rows for a torch ``DataLoader``: balanced by class, or simply shuffled."""

from collections.abc import Iterator
from numbers import Integral

import torch
from torch import Tensor
from torch.utils.data import Sampler

from holdfast.metric.error import MetricError
from holdfast.metric.sampling.class_members import Labels, class_members

__all__ = ["ClassBalancedBatches", "ShuffledBatches"]

_EPOCH_STRIDE = 1_000_003  # a prime: seeds and epochs below it never meet


class _SeededBatches(Sampler[list[int]]):
    """So many batches, the same each time for the same seed and epoch."""

    def __init__(self, *, batches: int, seed: int) -> None:
        self.batches = _whole("Number of batches", batches, least=1)
        self.seed = _whole("Seed", seed, least=0)
        self.epoch = 0

    def __len__(self) -> int:
        return self.batches

    def set_epoch(self, epoch: int) -> None:
        """Choose which batches come next: without it, every iteration gives the same ones.

        Raises:
            MetricError: ``epoch`` is not a whole number from 0.
        """
        self.epoch = _whole("Epoch", epoch, least=0)

    def _generator(self) -> torch.Generator:
        return torch.Generator().manual_seed((self.seed + _EPOCH_STRIDE * self.epoch) % 2**63)


class ClassBalancedBatches(_SeededBatches):
    """Batches of ``classes`` classes with ``per_class`` members each, no point twice in a batch.

    Classes are drawn uniformly for each batch, whatever their size. Members are dealt from each class's own shuffled
    deck, shuffled anew when it runs short, so that all come up about equally often.

    Args:
        labels: Shape (N,): whole numbers.
        classes: Classes in a batch, at least 2.
        per_class: Members of each, at least 2.
        batches: How many batches an iteration gives.
        seed: A whole number from 0.

    Raises:
        MetricError: A number out of its range, fewer classes than asked, or a class with fewer than ``per_class``
            members: leaving it out unsaid would hide it, and giving its members twice would be a distance of zero.
    """

    def __init__(self, labels: Labels, *, classes: int, per_class: int, batches: int, seed: int) -> None:
        super().__init__(batches=batches, seed=seed)
        members = class_members(labels)
        self.classes = _whole("Classes in a batch", classes, least=2)
        self.per_class = _whole("Members per class", per_class, least=2)
        if self.classes > len(members.sizes):
            raise MetricError(f"Classes in a batch must be at most {len(members.sizes)}, got {classes!r}.")
        small = int((members.sizes < self.per_class).sum())
        if small:
            raise MetricError(
                f"Classes must have {per_class} members or more, got {int(members.sizes.min())!r} in the smallest of "
                f"{small} too small; lower per_class, or join or drop those classes."
            )
        self._members = [members.of_class(code).cpu() for code in range(len(members.sizes))]

    def __iter__(self) -> Iterator[list[int]]:
        generator = self._generator()
        decks = [_Deck(members, generator) for members in self._members]
        for _ in range(self.batches):
            chosen = torch.randperm(len(decks), generator=generator)[: self.classes]
            yield torch.cat([decks[code].deal(self.per_class) for code in chosen.tolist()]).tolist()


class ShuffledBatches(_SeededBatches):
    """Batches of the whole set, shuffled: no point twice in a batch, nor in a pass over the set.

    What is left of a pass and too small for a batch is left out; the next pass is shuffled anew.

    Args:
        labels: Shape (N,): whole numbers; only their number and that triplets exist at all is used.
        batch_size: Points in a batch, 1 to N.
        batches: How many batches an iteration gives, over as many passes as that takes.
        seed: A whole number from 0.

    Raises:
        MetricError: A number out of its range, a single class, or no class with two members.
    """

    def __init__(self, labels: Labels, *, batch_size: int, batches: int, seed: int) -> None:
        super().__init__(batches=batches, seed=seed)
        members = class_members(labels)
        members.require_triplets()
        self._points = len(members.codes)
        self.batch_size = _whole("Batch size", batch_size, least=1)
        if self.batch_size > self._points:
            raise MetricError(f"Batch size must be at most the {self._points} points there are, got {batch_size!r}.")

    def __iter__(self) -> Iterator[list[int]]:
        deck = _Deck(torch.arange(self._points), self._generator())
        for _ in range(self.batches):
            yield deck.deal(self.batch_size).tolist()


class _Deck:
    """Rows in shuffled order, shuffled anew when fewer are left than asked for."""

    def __init__(self, rows: Tensor, generator: torch.Generator) -> None:
        self._rows, self._generator = rows, generator
        self._shuffled, self._dealt = rows, len(rows)

    def deal(self, count: int) -> Tensor:
        if self._dealt + count > len(self._rows):
            self._shuffled = self._rows[torch.randperm(len(self._rows), generator=self._generator)]
            self._dealt = 0
        self._dealt += count
        return self._shuffled[self._dealt - count : self._dealt]


def _whole(subject: str, value: int, *, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise MetricError(f"{subject} must be a whole number from {least}, got {value!r}.")
    return int(value)
