"""Fine-tune a sentence network with the NPLB loss over all triplets of each batch.

The word vectors and the lowest layers stay as they are, so that words no example uses, and languages with few examples,
keep their places beside those with many (Wu & Dredze, Beto, Bentz, Becas, 2019: freezing the lowest three layers of a
multilingual network carries most over to other languages). The layers above learn which sayings mean danger. Batches
hold texts of like length, which spares padding and keeps length from telling danger from none. Beside NPLB, a linear
head that is thrown away afterwards names the kind of each text: with few examples of a kind in a batch, triplets alone
learn kinds slowly.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from holdfast.errors import InputError
from holdfast.metric.losses import NPLBLoss
from holdfast.safety.learned.semantic_encoder import MOST_TOKENS
from holdfast.safety.learned.training.examples import KINDS, Examples
from holdfast.safety.learned.training.noise import disturbed
from holdfast.safety.learned.training.onnx_export import read_source

__all__ = ["NetworkSettings", "fit_network"]

_GRADIENT_NORM = 1.0
_HEAD_RATE = 1e-3
_CHUNK_BATCHES = 16
_TOLD = 10
"""How many times an epoch its course is told."""
_STATE, _COURSE = "state.safetensors", "course.json"

Tell = Callable[[float, float], None]


@dataclass(frozen=True, kw_only=True)
class NetworkSettings:
    """Settings of the fine-tuning.

    ``kinds_weight`` is what keeping kinds of danger apart counts beside keeping danger from no danger, ``named_weight``
    what naming the kind counts, ``weight`` that of NPLB's regulariser, ``noise`` the share of disturbed texts,
    ``frozen`` how many of the lowest layers learn nothing.
    """

    epochs: int = 3
    frozen: int = 3
    batch: int = 64
    rate: float = 1e-4
    warm_up: float = 0.06
    decay: float = 0.01
    margin: float = 0.5
    weight: float = 0.5
    kinds_weight: float = 0.3
    named_weight: float = 1.0
    noise: float = 0.3
    most_tokens: int = MOST_TOKENS
    seed: int = 20261130


def fit_network(examples: Examples, source: str | Path, work: Path, settings: NetworkSettings, *, tell: Tell) -> Path:
    """Fine-tune the network of ``source`` on ``examples`` and return the transformers folder it was written to.

    After each epoch the network's state is written to ``work``; called again with the same examples, source and
    settings, training goes on after the last whole epoch (with the optimiser's moments begun afresh).

    Args:
        work: Folder for the state and the result.
        tell: Called after each tenth of an epoch with the epochs done so far and the mean loss over this one.

    Raises:
        ContentError: ``source`` is no network that can be used.
        InputError: ``work`` holds the state of another training.
    """
    torch.manual_seed(settings.seed)
    tokenizer, network = read_source(source)
    for part in (network.embeddings, *network.encoder.layer[: settings.frozen]):
        part.requires_grad_(False)
    training = _Training(examples, tokenizer, network, settings)
    course = _Course(work, {"source": str(source), "examples": examples.sha256, **asdict(settings)})
    for epoch in range(course.resume(training), settings.epochs):
        loss = training.epoch(epoch, tell)
        course.write(training, epoch + 1)
        tell(epoch + 1, loss)
    target = work / "tuned"
    network.save_pretrained(target)
    tokenizer.save_pretrained(target)
    return target


class _Training:
    """The network, its throw-away head and their optimiser."""

    def __init__(self, examples: Examples, tokenizer: Any, network: Any, settings: NetworkSettings) -> None:
        self.network, self.head = network, nn.Linear(int(network.config.hidden_size), len(KINDS))
        self._examples, self._tokenizer, self._settings = examples, tokenizer, settings
        self._lengths = np.array([len(text) for text in examples.texts])
        self._kinds = torch.as_tensor(examples.labels)
        self._dangers = torch.as_tensor(examples.is_danger.astype(np.int64))
        self._apart = NPLBLoss(margin=settings.margin, weight=settings.weight, normalize=True, reduction="mean")
        self._naming = nn.CrossEntropyLoss(weight=_evening_out(examples.labels))
        self._learning = [weights for weights in network.parameters() if weights.requires_grad]
        groups: list[dict[str, Any]] = [
            {"params": self._learning, "full_rate": settings.rate},
            {"params": list(self.head.parameters()), "full_rate": _HEAD_RATE},
        ]
        self._optimiser = torch.optim.AdamW(groups, lr=settings.rate, weight_decay=settings.decay)
        self._batches = -(-len(examples.texts) // settings.batch)
        self._steps = 0

    def _share_of_rate(self) -> float:
        whole = self._settings.epochs * self._batches
        warm = max(1, int(self._settings.warm_up * whole))
        return min(1.0, (self._steps + 1) / warm) * max(0.02, 1 - self._steps / whole)

    def skip(self, epochs: int) -> None:
        """Take the rates to where ``epochs`` epochs leave them."""
        self._steps = epochs * self._batches

    def epoch(self, number: int, tell: Tell) -> float:
        """Learn from every example once, tell how far it has come, and return the mean loss."""
        draw = random.Random(f"{self._settings.seed} {number}")  # noqa: S311 - training noise, no secret
        self.network.train()
        losses: list[float] = []
        for chosen in self._in_batches(draw):
            losses.append(self._learn(chosen, draw))
            done = len(losses) * _TOLD // self._batches
            if (len(losses) - 1) * _TOLD // self._batches < done < _TOLD:
                tell(number + done / _TOLD, float(np.mean(losses)))
        return float(np.mean(losses))

    def _in_batches(self, draw: random.Random) -> Iterator[NDArray[np.int64]]:
        size = self._settings.batch
        order = np.random.default_rng(draw.randrange(2**32)).permutation(len(self._lengths))
        found: list[NDArray[np.int64]] = []
        for start in range(0, len(order), size * _CHUNK_BATCHES):
            chunk = order[start : start + size * _CHUNK_BATCHES]
            chunk = chunk[np.argsort(self._lengths[chunk], kind="stable")]
            found += [chunk[first : first + size] for first in range(0, len(chunk), size)]
        draw.shuffle(found)
        yield from found

    def _learn(self, chosen: NDArray[np.int64], draw: random.Random) -> float:
        settings = self._settings
        texts = [disturbed(self._examples.texts[number], draw, share=settings.noise) for number in chosen]
        points, kinds = self._points(texts), self._kinds[chosen]
        loss = self._apart(points, self._dangers[chosen]) + settings.kinds_weight * self._apart(points, kinds)
        loss = loss + settings.named_weight * self._naming(self.head(points), kinds)
        self._optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._learning, _GRADIENT_NORM)
        for group in self._optimiser.param_groups:
            group["lr"] = group["full_rate"] * self._share_of_rate()
        self._optimiser.step()
        self._steps += 1
        return float(loss.detach())

    def _points(self, texts: list[str]) -> Tensor:
        """Return the mean of the token vectors, shape (texts, the network's width)."""
        fed = self._tokenizer(
            texts, padding=True, truncation=True, max_length=self._settings.most_tokens, return_tensors="pt"
        )
        states = self.network(input_ids=fed["input_ids"], attention_mask=fed["attention_mask"]).last_hidden_state
        weights = fed["attention_mask"].unsqueeze(-1)
        means: Tensor = (states * weights).sum(1) / weights.sum(1)
        return means


def _evening_out(labels: NDArray[np.int64]) -> Tensor:
    """Return weights of the kinds: 1 / sqrt(how many there are), 1 in the mean."""
    weights = 1 / np.sqrt(np.maximum(1, np.bincount(labels, minlength=len(KINDS))))
    return torch.as_tensor(weights / weights.mean(), dtype=torch.float32)


class _Course:
    """How far a training has come, kept in a folder: weights as safetensors, the rest as JSON."""

    def __init__(self, folder: Path, belongs: Mapping[str, Any]) -> None:
        self._folder, self._belongs = folder, json.loads(json.dumps(belongs))

    def resume(self, training: _Training) -> int:
        """Take ``training`` to where the folder's state stands and return the epochs done; 0 for an empty folder."""
        from safetensors.torch import load_file

        path = self._folder / _COURSE
        if not path.is_file():
            return 0
        card = json.loads(path.read_text(encoding="utf-8"))
        if card["belongs"] != self._belongs:
            raise InputError(f"{self._folder.name} must belong to this training, got another's state; remove it.")
        state = load_file(self._folder / _STATE)
        training.network.load_state_dict(_under("network.", state))
        training.head.load_state_dict(_under("head.", state))
        training.skip(card["epochs"])
        return int(card["epochs"])

    def write(self, training: _Training, epochs: int) -> None:
        """Write the state after ``epochs`` whole epochs."""
        from safetensors.torch import save_file

        self._folder.mkdir(parents=True, exist_ok=True)
        modules = (("network.", training.network), ("head.", training.head))
        state = {
            prefix + name: value.contiguous() for prefix, one in modules for name, value in one.state_dict().items()
        }
        save_file(state, self._folder / _STATE)
        card = {"belongs": self._belongs, "epochs": epochs}
        (self._folder / _COURSE).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def _under(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
