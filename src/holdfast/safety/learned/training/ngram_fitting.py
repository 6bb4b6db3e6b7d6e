"""Train the vectors of hashed words and letters with the NPLB loss over all triplets of each batch."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from holdfast.metric.losses import NPLBLoss
from holdfast.safety.learned.hashing import BUCKET_BITS, hash_texts
from holdfast.safety.learned.ngram_encoder import NGramEncoder
from holdfast.safety.learned.training.examples import Examples
from holdfast.safety.learned.training.noise import disturbed

__all__ = ["NGramSettings", "fit_ngrams"]

_FIRST_SPREAD = 0.05


@dataclass(frozen=True, kw_only=True)
class NGramSettings:
    """Settings of the training.

    ``dropped`` is the share of features left out of a text each time it is seen; ``min_families`` the families a
    bucket must occur in to get a vector at all; ``weight`` that of NPLB's regulariser.
    """

    dimensions: int = 64
    epochs: int = 12
    batch: int = 512
    rate: float = 0.003
    margin: float = 0.5
    weight: float = 0.5
    dropped: float = 0.3
    min_families: int = 2
    seed: int = 20261130


class _Vectors(nn.Module):
    def __init__(self, dimensions: int) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(2**BUCKET_BITS, dimensions, mode="sum")
        self.offset = nn.Parameter(torch.zeros(dimensions))
        nn.init.normal_(self.table.weight, 0.0, _FIRST_SPREAD)

    def forward(self, buckets: Tensor, offsets: Tensor, weights: Tensor) -> Tensor:
        sums: Tensor = self.table(buckets, offsets, per_sample_weights=weights) + self.offset
        return sums


def fit_ngrams(examples: Examples, settings: NGramSettings, *, tell: Callable[[int, float], None]) -> NGramEncoder:
    """Return an encoder trained on ``examples``; the same seed on the same machine gives the same encoder.

    Args:
        tell: Called after each epoch with its number and mean loss.
    """
    torch.manual_seed(settings.seed)
    draw = random.Random(settings.seed)  # noqa: S311 - training noise, no secret
    drops = np.random.default_rng(settings.seed)
    known = _known_buckets(examples, settings.min_families)
    net = _Vectors(settings.dimensions)
    loss_of = NPLBLoss(margin=settings.margin, weight=settings.weight, normalize=True, reduction="mean-active")
    optimiser = torch.optim.Adam(net.parameters(), lr=settings.rate)
    labels = torch.as_tensor(examples.labels)
    for epoch in range(settings.epochs):
        losses = []
        for chosen in torch.split(torch.randperm(len(labels)), settings.batch):
            texts = [disturbed(examples.texts[number], draw) for number in chosen.tolist()]
            loss = loss_of(net(*_features(texts, known, settings.dropped, drops)), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * (1 - (epoch + 1) / settings.epochs) + settings.rate / 100
        tell(epoch + 1, float(np.mean(losses)))
    table = net.table.weight.detach().numpy() * known[:, None]
    return NGramEncoder.from_floats(table.astype(np.float32), net.offset.detach().numpy())


def _known_buckets(examples: Examples, min_families: int) -> NDArray[np.bool_]:
    hashed = hash_texts(examples.texts)
    pairs = np.unique(np.stack([hashed.buckets, examples.families[hashed.texts]]), axis=1)
    return np.bincount(pairs[0], minlength=2**BUCKET_BITS) >= min_families


def _features(
    texts: Sequence[str], known: NDArray[np.bool_], dropped: float, draw: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    hashed = hash_texts(texts)
    kept = known[hashed.buckets] & (draw.random(len(hashed.buckets)) >= dropped)
    offsets = np.searchsorted(hashed.texts[kept], np.arange(len(texts)))
    return torch.as_tensor(hashed.buckets[kept]), torch.as_tensor(offsets), torch.as_tensor(hashed.weights[kept])
