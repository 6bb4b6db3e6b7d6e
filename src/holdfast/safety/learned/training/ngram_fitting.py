"""Train the vectors of hashed words and letters with the NPLB loss over all triplets of each batch.

Plain stochastic gradient descent, so that a feature counts by how often it helps: with Adam, which takes equal steps
for rare and common features, rare ones were learnt by heart. No offset is learnt: with one, every text drifted to the
same point and the loss stood still at the margin.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from holdfast.metric.losses import NPLBLoss
from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.hashing import BUCKET_BITS, HashedTexts, hash_texts
from holdfast.safety.learned.ngram_encoder import ByteTable, NGramEncoder, weighed
from holdfast.safety.learned.training.examples import Examples
from holdfast.safety.learned.training.noise import disturbed
from holdfast.safety.learned.training.tongues import language_scores

__all__ = ["NGramSettings", "fit_ngrams"]

_BUCKETS = 2**BUCKET_BITS


@dataclass(frozen=True, kw_only=True)
class NGramSettings:
    """Settings of the training.

    ``kinds_weight`` is what keeping kinds of danger apart counts beside keeping danger from no danger; ``weight`` that
    of NPLB's regulariser; ``min_texts`` the texts a feature must occur in; ``noise`` the share of disturbed texts.
    """

    dimensions: int = 32
    epochs: int = 8
    batch: int = 256
    rate: float = 20.0
    margin: float = 0.5
    weight: float = 2.0
    kinds_weight: float = 0.3
    min_texts: int = 2
    noise: float = 0.3
    spread: float = 0.1
    seed: int = 20261130


class _Vectors(nn.Module):
    def __init__(self, settings: NGramSettings) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(_BUCKETS, settings.dimensions, mode="sum", sparse=True)
        nn.init.normal_(self.table.weight, 0.0, settings.spread)

    def forward(self, buckets: Tensor, offsets: Tensor, weights: Tensor) -> Tensor:
        sums: Tensor = self.table(buckets, offsets, per_sample_weights=weights)
        return sums


def fit_ngrams(examples: Examples, settings: NGramSettings, *, tell: Callable[[int, float], None]) -> NGramEncoder:
    """Return an encoder trained on ``examples``; the same seed on the same machine gives the same encoder.

    Args:
        tell: Called after each epoch with its number and mean loss.
    """
    hashed = hash_texts(examples.texts)
    rarity = _rarity(hashed, settings.min_texts)
    net = _trained(examples, rarity, settings, tell)
    table = net.table.weight.detach().numpy() * (rarity > 0)[:, None]
    return NGramEncoder(
        rarity=rarity,
        vectors=ByteTable.of(table.astype(np.float32)),
        tongues=ByteTable.of(_tongues(hashed, rarity, examples.languages)),
        languages=tuple(sorted(set(examples.languages))),
    )


def _trained(
    examples: Examples, rarity: NDArray[np.float16], settings: NGramSettings, tell: Callable[[int, float], None]
) -> _Vectors:
    torch.manual_seed(settings.seed)
    draw = random.Random(settings.seed)  # noqa: S311 - training noise, no secret
    net = _Vectors(settings)
    loss_of = NPLBLoss(margin=settings.margin, weight=settings.weight, normalize=True, reduction="mean")
    optimiser = torch.optim.SGD(net.parameters(), lr=settings.rate)
    kinds, dangers = torch.as_tensor(examples.labels), torch.as_tensor(examples.is_danger.astype(np.int64))
    for epoch in range(settings.epochs):
        losses = []
        for chosen in torch.split(torch.randperm(len(kinds)), settings.batch):
            texts = [disturbed(examples.texts[n], draw, share=settings.noise) for n in chosen.tolist()]
            points = net(*_features(texts, rarity))
            loss = loss_of(points, dangers[chosen]) + settings.kinds_weight * loss_of(points, kinds[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * (1 - (epoch + 1) / settings.epochs) + settings.rate / 100
        tell(epoch + 1, float(np.mean(losses)))
    return net


def _rarity(hashed: HashedTexts, min_texts: int) -> NDArray[np.float16]:
    pairs = np.unique(np.stack([hashed.buckets, hashed.texts]), axis=1)
    counts = np.bincount(pairs[0], minlength=_BUCKETS)
    logs = np.log(hashed.count / np.maximum(counts, 1))
    return np.where(counts >= min_texts, logs, 0).astype(np.float16)


def _features(texts: Sequence[str], rarity: NDArray[np.float16]) -> tuple[Tensor, Tensor, Tensor]:
    hashed = hash_texts(texts)
    offsets = np.searchsorted(hashed.texts, np.arange(len(texts)))
    return torch.as_tensor(hashed.buckets), torch.as_tensor(offsets), torch.as_tensor(weighed(hashed, rarity))


def _tongues(hashed: HashedTexts, rarity: NDArray[np.float16], languages: Sequence[str]) -> Vectors:
    """Return scores of each language for every bucket."""
    from scipy import sparse  # type: ignore[import-untyped]  # it ships no types

    rows = sparse.csr_matrix((weighed(hashed, rarity), (hashed.texts, hashed.buckets)), (hashed.count, _BUCKETS))
    return language_scores(rows, languages)
