"""Which images each step sees: one seeded stream for each way of drawing, the same for every loss that draws so."""

from collections.abc import Iterator

import torch
from torch import Tensor

from holdfast.metric.benchmark.spec import Drawing, RunSpec, default_classes
from holdfast.metric.error import MetricError
from holdfast.metric.sampling.drawing import ClassBalancedBatches, random_triplets

__all__ = ["classes_per_batch", "step_blocks"]

_BLOCK_STEPS = 64


def step_blocks(labels: Tensor, spec: RunSpec) -> Iterator[Tensor]:
    """Yield blocks of steps, (some steps, images_per_step) row numbers, until ``spec.steps`` have been drawn.

    A step of triplets is laid out anchors, positives, negatives; one of pairs, anchors, positives. A longer run begins
    with the steps of a shorter one.

    Args:
        labels: (n,) classes of the training rows, on the CPU.
        spec: The run: its loss decides how is drawn, its seed what.
    """
    blocks = _balanced(labels, spec) if spec.drawing is Drawing.BATCH else _drawn(labels, spec)
    left = spec.steps
    for block in blocks:
        yield block[:left]
        left -= len(block)
        if left <= 0:
            return


def classes_per_batch(spec: RunSpec, n_classes: int) -> int:
    """Return how many classes a class-balanced batch of ``spec`` has, among ``n_classes`` with two rows or more.

    Raises:
        MetricError: What ``spec`` asks for does not divide the batch, or is more than there are.
    """
    classes = spec.classes_per_batch
    if classes is None:
        return default_classes(spec.images_per_step, n_classes)
    per_class, rest = divmod(spec.images_per_step, classes) if classes > 0 else (0, 1)
    if rest or per_class < 2 or not 2 <= classes <= n_classes:
        raise MetricError(
            f"classes_per_batch must divide {spec.images_per_step} images, leave two a class or more and lie in 2 to "
            f"{n_classes}, got `{classes!r}`; try {default_classes(spec.images_per_step, n_classes)}."
        )
    return classes


def _drawn(labels: Tensor, spec: RunSpec) -> Iterator[Tensor]:
    group = 3 if spec.drawing is Drawing.TRIPLETS else 2
    per_step = spec.images_per_step // group
    generator = torch.Generator().manual_seed(spec.seed)
    while True:
        drawn = random_triplets(labels, _BLOCK_STEPS * per_step, generator=generator)
        members = (drawn.anchor, drawn.positive, drawn.negative)[:group]
        yield torch.stack([rows.view(_BLOCK_STEPS, per_step) for rows in members], dim=1).flatten(1)


def _balanced(labels: Tensor, spec: RunSpec) -> Iterator[Tensor]:
    usable = int((torch.bincount(labels) > 1).sum())
    classes = classes_per_batch(spec, usable)
    batches = ClassBalancedBatches(
        labels, classes=classes, per_class=spec.images_per_step // classes, batches=spec.steps, seed=spec.seed
    )
    block: list[list[int]] = []
    for batch in batches:
        block.append(batch)
        if len(block) == _BLOCK_STEPS:
            yield torch.tensor(block)
            block = []
    if block:
        yield torch.tensor(block)
