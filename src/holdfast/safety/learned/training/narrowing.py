"""Teach a fine-tuned network to say of a long text, read at fewer places, what it says of the whole.

Averaged states are news to the upper layers. They learn to bring a text to the place it has without averaging (Hinton,
Vinyals & Dean, Distilling the knowledge in a neural network, 2015): long texts, and as many short ones, whose places
must not move. The layers below learn nothing, so each text passes them once.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from holdfast.safety.learned.pooling import WHOLE, averages
from holdfast.safety.learned.semantic_encoder import MOST_TOKENS
from holdfast.safety.learned.training.pooled_network import PooledNetwork

__all__ = ["NarrowingSettings", "narrow"]

Tell = Callable[[float, float], None]


@dataclass(frozen=True, kw_only=True)
class NarrowingSettings:
    """Settings of the lesson: passes over the texts, texts of one length read together, the greatest rate."""

    epochs: int = 4
    batch: int = 16
    rate: float = 1e-4
    seed: int = 20261130


@dataclass(frozen=True)
class _Lesson:
    """Texts of one length: the states below the averaged layers, and where the whole network puts the texts."""

    states: Tensor
    steps: tuple[Tensor, ...]
    weights: Tensor
    places: Tensor


def narrow(network: Any, tokenizer: Any, texts: Sequence[str], settings: NarrowingSettings, *, tell: Tell) -> None:
    """Teach ``network`` in place, from those of ``texts`` longer than ``WHOLE`` word pieces; none, nothing is done.

    Args:
        tell: Called after each pass with the passes done and how far, in the mean, a text lies from its place:
            1 - cosine, 0 is there.

    Raises:
        ContentError: The network is of another build than BERT.
    """
    torch.manual_seed(settings.seed)
    draw = random.Random(settings.seed)  # noqa: S311 - training noise, no secret
    pooled = PooledNetwork(network.eval())
    lessons = [_lesson(pooled, ids) for ids in _of_one_length(_chosen(tokenizer, texts, draw), settings.batch)]
    learning = [weights for layer in pooled.upper_layers for weights in layer.parameters()]
    optimiser = torch.optim.AdamW(learning, lr=settings.rate, weight_decay=0.0)
    ends = max(1, settings.epochs * len(lessons))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: max(0.0, 1 - step / ends))
    for epoch in range(settings.epochs if lessons else 0):
        draw.shuffle(lessons)
        away = [_learn(pooled, lesson, optimiser, schedule) for lesson in lessons]
        tell(epoch + 1, sum(away) / len(away))


def _learn(pooled: PooledNetwork, lesson: _Lesson, optimiser: Any, schedule: Any) -> float:
    said = (pooled.upper(lesson.states, *lesson.steps) * lesson.weights[:, None]).sum(dim=1)
    away = 1 - cosine_similarity(said, lesson.places).mean()
    optimiser.zero_grad()
    away.backward()  # type: ignore[no-untyped-call]  # torch leaves it so
    optimiser.step()
    schedule.step()
    return float(away.detach())


def _chosen(tokenizer: Any, texts: Sequence[str], draw: random.Random) -> list[list[int]]:
    """Return the word pieces of every long text and of as many short ones, of all where there are fewer."""
    read = [tokenizer(text, truncation=True, max_length=MOST_TOKENS)["input_ids"] for text in texts]
    long, short = [ids for ids in read if len(ids) > WHOLE], [ids for ids in read if len(ids) <= WHOLE]
    return [*long, *draw.sample(short, min(len(short), len(long)))]


def _of_one_length(read: Sequence[list[int]], most: int) -> Iterator[Tensor]:
    for _, same in groupby(sorted(read, key=len), key=len):
        alike = list(same)
        for start in range(0, len(alike), most):
            yield torch.tensor(alike[start : start + most])


@torch.no_grad()
def _lesson(pooled: PooledNetwork, ids: Tensor) -> _Lesson:
    states = pooled.lower(ids)
    asked = averages(ids.shape[1])
    as_it_is = torch.eye(ids.shape[1])
    places = pooled.upper(states, *(as_it_is for _ in asked.steps)).mean(dim=1)
    steps = tuple(torch.from_numpy(step) for step in asked.steps)
    return _Lesson(states, steps, torch.from_numpy(asked.weights), places)
