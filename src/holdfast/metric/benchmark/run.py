"""Train one loss on a fixed budget and judge what it learnt: the unit of the benchmark and of tuning.

::

    dataset = load_dataset(Path("fashion_mnist.npz"))
    data = prepare(dataset, device="cuda", validate=True)
    result = run_one(data, RunSpec(loss="nplb-all", steps=2000, lr=3e-4), device="cuda")
    result.scores.knn_weighted_f1

Runs of one seed begin with the same weights, whatever the loss, and losses that draw alike see the same images.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from holdfast.metric.benchmark.batches import step_blocks
from holdfast.metric.benchmark.data import BenchmarkData
from holdfast.metric.benchmark.peak_memory import PeakMemory, watch_memory
from holdfast.metric.benchmark.scores import RetrievalScores, retrieval_scores
from holdfast.metric.benchmark.spec import Drawing, RunSpec
from holdfast.metric.encoder.networks import UnitLength, multilayer_perceptron, seeded, small_convnet
from holdfast.metric.error import MetricError
from holdfast.metric.losses.registry import MetricLoss, Pairs, make_loss

__all__ = ["EmbeddedSample", "RunResult", "run_one"]

_CURVE_POINTS = 50
_EMBED_ROWS = 4096
_RUNAWAY = 1e15


@dataclass(frozen=True, kw_only=True)
class EmbeddedSample:
    """Embeddings of some judged rows, for a picture: (n, d) float32 and (n,) classes, on the CPU."""

    embeddings: Tensor
    labels: Tensor


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """What came of a run.

    Args:
        spec: What was asked.
        loss_settings: Every setting of the loss, its defaults included.
        normalize: Whether embeddings had length one.
        scores: How well the embedding retrieves; ``Failed`` throughout where training diverged.
        curve: The loss averaged over stretches of equally many steps; only comparable within a loss.
        training_s: Seconds of training, judging not counted.
        steps_per_s: Steps a second.
        peak_memory: The most memory training took, and how that was measured.
        parameters: Numbers the network learnt.
        sample: Embedded rows for a picture; None where none were asked for.
    """

    spec: RunSpec
    loss_settings: Mapping[str, object]
    normalize: bool
    scores: RetrievalScores
    curve: tuple[float, ...]
    training_s: float
    steps_per_s: float
    peak_memory: PeakMemory
    parameters: int
    sample: EmbeddedSample | None = field(default=None, repr=False, compare=False)


def run_one(
    data: BenchmarkData,
    spec: RunSpec,
    *,
    device: str | torch.device = "cpu",
    sample_rows: int = 0,
    on_step: Callable[[int], None] | None = None,
) -> RunResult:
    """Train and judge one run.

    Args:
        data: What ``prepare`` returned; moved where it lies elsewhere, so prepare it on ``device`` for many runs.
        spec: The run.
        device: cpu or cuda.
        sample_rows: Judged rows whose embeddings to keep for a picture.
        on_step: Called with the number of steps done, every few steps; raise from it to stop.

    Raises:
        MetricError: The run does not fit the data, or the loss refuses its settings.
    """
    data = data.to(device)
    training = _Training(data, spec)
    with watch_memory(data.device) as memory:
        started = time.perf_counter()
        losses = training.run(on_step)
        if data.device.type == "cuda":
            torch.cuda.synchronize(data.device)
        training_s = time.perf_counter() - started
    return RunResult(
        spec=spec,
        loss_settings=training.loss_settings,
        normalize=training.normalize,
        scores=_judge(data, training.network, losses),
        curve=_curve(losses),
        training_s=training_s,
        steps_per_s=len(losses) / training_s,
        peak_memory=memory.peak,
        parameters=sum(weights.numel() for weights in training.network.parameters()),
        sample=_sample(data, training.network, sample_rows) if sample_rows else None,
    )


class _Training:
    """A network, a loss and an optimiser, set up the same way for every loss."""

    def __init__(self, data: BenchmarkData, spec: RunSpec) -> None:
        self._data, self._spec = data, spec
        loss = _make_loss(spec)
        self._pairs = _drawn_pairs(spec.images_per_step) if spec.drawing is Drawing.PAIRS else None
        self.loss_settings: Mapping[str, object] = loss.settings()
        self.normalize = loss.normalize
        self._loss = loss.to(data.device)
        with seeded(spec.seed):
            network = _network(data, spec)
        self.network = nn.Sequential(network, UnitLength()).to(data.device) if self.normalize else network
        self.network.to(data.device)
        groups = [{"params": list(self.network.parameters()), "weight_decay": spec.weight_decay}]
        if levels := list(self._loss.parameters()):
            groups.append({"params": levels, "weight_decay": 0.0})
        self._optimizer = torch.optim.AdamW(groups, lr=spec.lr, fused=True)

    def run(self, on_step: Callable[[int], None] | None) -> Tensor:
        """Train; return the loss of each step, cut short after the block in which it stopped being finite."""
        self.network.train()
        losses = torch.empty(self._spec.steps, device=self._data.device)
        labels = self._data.sampling_labels.to(self._data.device)
        done = 0
        for block in step_blocks(self._data.sampling_labels, self._spec):
            for rows in block.to(self._data.device):
                losses[done] = self._step(rows, labels, done)
                done += 1
            if on_step is not None:
                on_step(done)
            if not torch.isfinite(losses[:done]).all():
                break
        return losses[:done]

    def _step(self, rows: Tensor, labels: Tensor, step: int) -> Tensor:
        for group in self._optimizer.param_groups:
            group["lr"] = self._spec.lr_at(step)
        embeddings = self.network(self._data.train_inputs.index_select(0, rows))
        try:
            loss = self._objective(embeddings, labels[rows])
        except MetricError:  # what a loss says of embeddings that have run away
            if _is_usable(embeddings):
                raise
            return torch.full((), math.nan)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        return loss.detach()

    def _objective(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        if self._spec.drawing is Drawing.TRIPLETS:
            total: Tensor = self._loss.on_triplets(*embeddings.chunk(3)).total
            return total
        loss: Tensor = self._loss(embeddings, labels, self._pairs)
        return loss


def _drawn_pairs(images: int) -> Pairs:
    """Say that the first half of the rows are anchors, and their positives follow in the same order."""
    anchor, positive = torch.arange(images).chunk(2)
    none = torch.empty(0, dtype=torch.long)
    return Pairs(anchor=anchor, positive=positive, negative_anchor=none, negative=none)


def _is_usable(embeddings: Tensor) -> bool:
    return bool(embeddings.detach().abs().amax() < _RUNAWAY)


def _make_loss(spec: RunSpec) -> MetricLoss:
    if "normalize" in spec.loss_settings:
        raise MetricError("loss_settings must not hold normalize; give it as the run's own setting normalize.")
    arguments: dict[str, Any] = dict(spec.loss_settings)
    if spec.normalize is not None:
        arguments["normalize"] = spec.normalize
    return make_loss(spec.registered_loss, **arguments)


def _network(data: BenchmarkData, spec: RunSpec) -> nn.Module:
    if spec.network == "mlp":
        n_inputs = int(data.train_inputs.shape[1])
        return multilayer_perceptron(n_inputs, hidden=spec.hidden, embedding_dim=spec.embedding_dim)
    shape = data.image_shape
    if shape is None or shape.height != shape.width:
        got = "a table" if shape is None else f"{shape.height} x {shape.width} pixels"
        raise MetricError(f"The convnet must have square pictures, got `{got}`; use the mlp, or resize the pictures.")
    layout = nn.Unflatten(1, (shape.channels, shape.height, shape.width))
    return nn.Sequential(layout, small_convnet(shape.channels, shape.height, spec.embedding_dim))


@torch.no_grad()
def _embed(network: nn.Module, inputs: Tensor) -> Tensor:
    network.eval()
    return torch.cat([network(rows) for rows in torch.split(inputs, _EMBED_ROWS)])


def _judge(data: BenchmarkData, network: nn.Module, losses: Tensor) -> RetrievalScores:
    finite = torch.isfinite(losses)
    if not finite.all():
        return RetrievalScores.failed(
            f"training diverged: the loss of step {int((~finite).int().argmax())} is not finite"
        )
    queries = _embed(network, data.queries)
    reference = _embed(network, data.train_inputs[data.reference])
    if not (torch.isfinite(queries).all() and torch.isfinite(reference).all()):
        return RetrievalScores.failed("training diverged: embeddings are not finite")
    return retrieval_scores(queries, data.query_labels, reference, data.reference_labels)


def _curve(losses: Tensor) -> tuple[float, ...]:
    finite = losses[torch.isfinite(losses)]
    return tuple(
        float(part.mean()) for part in finite.tensor_split(min(_CURVE_POINTS, max(len(finite), 1))) if len(part)
    )


def _sample(data: BenchmarkData, network: nn.Module, rows: int) -> EmbeddedSample:
    """Embed rows drawn with a fixed seed, the same for every run, in their own order."""
    generator = torch.Generator().manual_seed(0)
    chosen = torch.randperm(len(data.queries), generator=generator)[:rows].sort().values.to(data.device)
    embeddings = _embed(network, data.queries[chosen])
    return EmbeddedSample(embeddings=embeddings.cpu(), labels=data.query_labels[chosen].cpu())
