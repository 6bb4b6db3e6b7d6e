"""Train the projection of a sentence network with the NPLB loss over all triplets of each batch."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from holdfast.metric.losses import NPLBLoss
from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.semantic_encoder import SemanticEncoder, SentenceNetwork
from holdfast.safety.learned.training.examples import Examples

__all__ = ["ProjectionSettings", "fit_projection"]


@dataclass(frozen=True, kw_only=True)
class ProjectionSettings:
    """Settings of the training; ``weight`` is that of NPLB's regulariser."""

    hidden: int = 256
    dimensions: int = 64
    epochs: int = 12
    batch: int = 512
    rate: float = 0.001
    margin: float = 0.5
    weight: float = 0.5
    kinds_weight: float = 0.3
    dropped: float = 0.2
    decay: float = 1e-4
    seed: int = 20261130


def fit_projection(
    examples: Examples,
    network: SentenceNetwork,
    settings: ProjectionSettings,
    *,
    known: dict[str, Vectors],
    tell: Callable[[int, float], None],
) -> SemanticEncoder:
    """Return the encoder: ``network`` as it is, and a projection trained on ``examples``.

    Args:
        known: Vectors of texts the network has seen; new ones are added, so that folds do not repeat its work.
        tell: Called after each epoch with its number and mean loss.
    """
    torch.manual_seed(settings.seed)
    new = [text for text in dict.fromkeys(examples.texts) if text not in known]
    known.update(zip(new, network.encode(new), strict=True))
    vectors = torch.as_tensor(np.stack([known[text] for text in examples.texts]))
    kinds, dangers = torch.as_tensor(examples.labels), torch.as_tensor(examples.is_danger.astype(np.int64))
    net = nn.Sequential(
        nn.Dropout(settings.dropped),
        nn.Linear(vectors.shape[1], settings.hidden),
        nn.ReLU(),
        nn.Dropout(settings.dropped),
        nn.Linear(settings.hidden, settings.dimensions, bias=False),
    )
    loss_of = NPLBLoss(margin=settings.margin, weight=settings.weight, normalize=True, reduction="mean")
    optimiser = torch.optim.AdamW(net.parameters(), lr=settings.rate, weight_decay=settings.decay)
    for epoch in range(settings.epochs):
        losses = []
        for chosen in torch.split(torch.randperm(len(kinds)), settings.batch):
            points = net(vectors[chosen])
            loss = loss_of(points, dangers[chosen]) + settings.kinds_weight * loss_of(points, kinds[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
        tell(epoch + 1, float(np.mean(losses)))
    return SemanticEncoder.from_tensors(network, _tensors(net), name="semantic")


def _tensors(net: nn.Sequential) -> dict[str, Vectors]:
    first, second = (layer for layer in net if isinstance(layer, nn.Linear))
    return {
        "hidden": first.weight.detach().numpy().T.copy(),
        "hidden_offset": first.bias.detach().numpy(),
        "projection": second.weight.detach().numpy().T.copy(),
    }
