"""Embeddings learnt from classes through the project's own encoder: the triplet objective, and NPLB."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.encoder import TrainingInterruptedWarning, TripletEncoder
from holdfast.metric.error import MetricError
from holdfast.metric.representations.card import new_folder, write_card
from holdfast.metric.representations.layered import kept_settings
from holdfast.metric.representations.representation import Classes, Progress, Rows
from holdfast.metric.representations.row_check import checked_classes, checked_rows
from holdfast.metric.representations.setting_check import check_count
from holdfast.metric.representations.threads import torch_threads

__all__ = ["NplbRepresentation", "TripletRepresentation"]


@dataclass(kw_only=True, eq=False)
class TripletRepresentation:
    """All triplets of a batch, exactly: see ``TripletEncoder``, which checks what it is given.

    Only rows with a class are learnt from. A fit that Ctrl-C interrupts is left, not kept half done.

    Args:
        dimensions: Columns of the embedding, 1 or more.
        seed: What is drawn while learning follows from it, 0 or more.
        hidden: Widths of the hidden layers.
        epochs: Most passes over the rows.
        batch_size: Rows a step.
        learning_rate: Of AdamW.
        weight_decay: Of AdamW.
        validation_fraction: Share of the rows held out to stop on.
        patience: Epochs without a better held-out score before stopping.
        normalize: Scale every embedding to length one.
        sampler: "shuffled" or "balanced" batches.
        loss_settings: Of the loss, such as ``{"margin": 0.5}``.
        threads: How many torch may use while learning; None leaves it as it is. Weights may hang on it.
        progress: Told when learning begins and ends; None for nobody. Not kept.
    """

    name: ClassVar[str] = "triplet"
    uses_classes: ClassVar[bool] = True
    loss: ClassVar[str] = "triplet-all"

    dimensions: int = 32
    seed: int = 0
    hidden: tuple[int, ...] = (128, 64)
    epochs: int = 40
    batch_size: int = 128
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    validation_fraction: float = 0.15
    patience: int = 6
    normalize: bool = False
    sampler: str = "shuffled"
    loss_settings: Mapping[str, Any] = field(default_factory=dict)
    threads: int | None = None
    progress: Progress | None = field(default=None, repr=False)
    _encoder: TripletEncoder | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        check_count("seed", self.seed, least=0, most=2**32 - 1)
        check_count("dimensions", self.dimensions, most=65_536)
        if self.threads is not None:
            check_count("threads", self.threads)
        self.hidden = tuple(self.hidden)

    def fit(self, rows: Rows, classes: Classes | None = None) -> Self:
        """Learn from the rows that have a class.

        Raises:
            MetricError: No classes, one only or none with two rows; or what ``TripletEncoder`` refuses.
            KeyboardInterrupt: Ctrl-C came; what was learnt before stays.
        """
        floats = checked_rows(rows, at_least=2)
        places, codes = checked_classes(classes, len(floats))
        encoder = self._made()
        self._tell(0)
        with torch_threads(self.threads), warnings.catch_warnings():
            warnings.simplefilter("ignore", TrainingInterruptedWarning)  # raised below
            encoder.fit(floats[places], codes)
        if encoder.training_.stopped == "interrupted":
            raise KeyboardInterrupt
        self._encoder = encoder
        self._tell(self.epochs)
        return self

    def transform(self, rows: Rows) -> NDArray[np.float32]:
        """Embed rows: see ``Representation``."""
        encoder = self._fitted()
        floats = checked_rows(rows, width=encoder.n_features_in_)
        return encoder.transform(floats) if len(floats) else np.empty((0, self.dimensions), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write the encoder as ``TripletEncoder.save`` does, and a card beside it: see ``Representation``."""
        encoder = self._fitted()
        with new_folder(folder) as beside:
            encoder.save(beside)
            write_card(beside, name=self.name, content=kept_settings(self))

    @classmethod
    def revive(cls, folder: Path, settings: Mapping[str, Any]) -> Self:
        """Load what ``save`` wrote, after its card was read.

        Raises:
            MetricError: The folder holds no such encoder, or settings are unknown.
        """
        try:
            made = cls(**settings)
        except TypeError:
            raise MetricError(
                f"Representation must be as it was saved, got a card that {cls.name} cannot read; save it again."
            ) from None
        made._encoder = TripletEncoder.load(folder)
        return made

    def _made(self) -> TripletEncoder:
        return TripletEncoder(
            self.loss,
            loss_settings=dict(self.loss_settings),
            embedding_dim=self.dimensions,
            hidden=self.hidden,
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            validation_fraction=self.validation_fraction,
            patience=self.patience,
            normalize=self.normalize,
            sampler=self.sampler,
            random_state=self.seed,
        )

    def _fitted(self) -> TripletEncoder:
        if self._encoder is None:
            raise MetricError(f"{self.name} must have learnt something first, got nothing yet; call fit or load it.")
        return self._encoder

    def _tell(self, done: int) -> None:
        if self.progress is not None:
            self.progress(f"{self.name} epoch", done, self.epochs)


@dataclass(kw_only=True, eq=False)
class NplbRepresentation(TripletRepresentation):
    """No Pairs Left Behind (Heydari et al. 2022): triplets whose positive and negative are kept apart too."""

    name: ClassVar[str] = "nplb"
    loss: ClassVar[str] = "nplb-all"
