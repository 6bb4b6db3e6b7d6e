"""What the representations made of layers share: they learn layers, apply them, and keep them as safetensors."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.error import MetricError
from holdfast.metric.representations.card import Card, new_folder, write_card
from holdfast.metric.representations.layers import Layers
from holdfast.metric.representations.representation import Classes, Progress, Rows
from holdfast.metric.representations.row_check import checked_rows
from holdfast.metric.representations.setting_check import check_count

__all__ = ["LayeredRepresentation", "kept_settings"]

WEIGHTS = "layers.safetensors"
ENCODER = "encoder"
"""The layers that embed; a representation may keep others beside them, such as a decoder."""


@dataclass(kw_only=True, eq=False)
class LayeredRepresentation(ABC):
    """The outer half of a representation that learns layers; of no use alone.

    Args:
        seed: What is drawn while learning follows from it, 0 or more.
        progress: Told how far learning is; None for nobody. Not kept.
    """

    name: ClassVar[str]
    uses_classes: ClassVar[bool] = False
    min_rows: ClassVar[int] = 1

    seed: int = 0
    progress: Progress | None = field(default=None, repr=False)
    _learnt: dict[str, Layers] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the settings; each representation checks its own too."""
        check_count("seed", self.seed, least=0)

    def fit(self, rows: Rows, classes: Classes | None = None) -> Self:  # noqa: ARG002  # the protocol's; nobody here needs them
        """Learn from rows; classes are not looked at. When learning breaks off, what was learnt before stays.

        Raises:
            MetricError: The rows cannot be learnt from with these settings, or training ran away.
        """
        self._learnt = self._learn(checked_rows(rows, at_least=self.min_rows))
        return self

    def transform(self, rows: Rows) -> NDArray[np.float32]:
        """Embed rows: see ``Representation``."""
        encoder = self._layers(ENCODER)
        return encoder.apply(checked_rows(rows, width=encoder.n_inputs))

    def save(self, folder: Path) -> None:
        """Write what was learnt into a new folder: see ``Representation``."""
        from safetensors.numpy import save

        self._layers(ENCODER)
        tensors = {f"{part}.{n}": t for part, layers in self._learnt.items() for n, t in layers.tensors().items()}
        with new_folder(folder) as beside:
            (beside / WEIGHTS).write_bytes(save({name: np.ascontiguousarray(t) for name, t in tensors.items()}))
            write_card(beside, name=self.name, content=kept_settings(self) | {"layers": self._described()})

    @classmethod
    def revive(cls, card: Card) -> Self:
        """Build again from a folder's card.

        Raises:
            MetricError: The card and its tensors do not fit this representation.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            made = cls(**card.content["settings"])
            tensors = load(card.files[WEIGHTS])
            for part, described in card.content["layers"].items():
                own = {name.removeprefix(f"{part}."): t for name, t in tensors.items() if name.startswith(f"{part}.")}
                made._learnt[part] = Layers.revive(described, own)
            made._layers(ENCODER)
        except MetricError:
            raise
        except (KeyError, TypeError, AttributeError, ValueError, SafetensorError):
            raise MetricError(
                f"Representation must be as it was saved, got a card that {cls.name} cannot read; save it again."
            ) from None
        return made

    @abstractmethod
    def _learn(self, rows: Rows) -> dict[str, Layers]:
        """Return the layers by name, those that embed as "encoder"."""

    def _layers(self, part: str) -> Layers:
        if part not in self._learnt:
            raise MetricError(f"{self.name} must have learnt something first, got nothing yet; call fit or load it.")
        return self._learnt[part]

    def _described(self) -> dict[str, Any]:
        return {part: layers.describe() for part, layers in self._learnt.items()}

    def _tell(self, what: str, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(what, done, total)


def kept_settings(representation: Any) -> dict[str, Any]:
    """Return the settings of a representation under "settings", JSON-ready; ``progress`` is not one."""
    named = (entry.name for entry in fields(representation) if entry.init and entry.name != "progress")
    return {"settings": {name: _plain(getattr(representation, name)) for name in named}}


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(name): _plain(held) for name, held in value.items()}
    return [_plain(held) for held in value] if isinstance(value, list | tuple) else value
