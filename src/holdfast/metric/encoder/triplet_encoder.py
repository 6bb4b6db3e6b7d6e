"""A scikit-learn estimator that learns an embedding in which rows of one class lie close together."""

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import (  # type: ignore[import-untyped]  # it ships no types
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils import Tags  # type: ignore[import-untyped]
from sklearn.utils.validation import check_is_fitted  # type: ignore[import-untyped]
from torch import nn

from holdfast.measured import Scored
from holdfast.metric.encoder.card import card_of, parameters_from, revive
from holdfast.metric.encoder.checkpoint import digest_of
from holdfast.metric.encoder.distributed import join_world
from holdfast.metric.encoder.fitting import EncoderFitting, TrainingInterruptedWarning
from holdfast.metric.encoder.input import ArrayRows, class_codes, label_array
from holdfast.metric.encoder.storing import read_encoder, write_encoder
from holdfast.metric.encoder.training import Course, EpochRecord, TrainingSummary
from holdfast.metric.error import MetricError
from holdfast.metric.evaluation.report import EvaluationSettings, precision_at_1
from holdfast.metric.tabular.encoding import TabularEncoding

__all__ = ["TrainingInterruptedWarning", "TripletEncoder"]


class TripletEncoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, EncoderFitting):  # type: ignore[misc]  # untyped
    """Learn an embedding from labelled rows: NPLB over all triplets of a batch by default.

    A table may hold numbers, categories (text) and missing values: a numpy array, a pandas or a polars data frame. It
    is encoded by :class:`~holdfast.metric.tabular.TabularEncoding`, learnt in ``fit``. With a ``network`` of your own,
    rows are whatever it reads: an (N, C, H, W) array of images, an array of token ids, or anything with a length and
    positions. Floating-point rows and bytes become float32 (bytes unscaled).

    While fitting, a share of the rows is held out and, after each epoch, searched for among the training rows; training
    stops when MAP@R has not risen for ``patience`` epochs, and the best epoch's weights are kept. Ctrl-C keeps the best
    so far too, with a :class:`TrainingInterruptedWarning`. The same seed gives the same weights, bit for bit, on the
    same processor and number of threads.

    Under ``torchrun``, or once ``torch.distributed`` is initialised, ``fit`` trains in all processes together, each on
    its share of every batch of ``batch_size`` rows; give each process all the rows and the same ``random_state``.

    Every default is our choice: the paper's networks, margins and schedules were not at hand.

    Args:
        loss: ``nplb-all`` or ``triplet-all`` (every triplet of a batch, exactly), ``nplb``, ``triplet`` or ``swap`` (as
            many random triplets of it as it has rows), ``npair``, ``mdr``, ``supcon``, or a loss module, which is
            handed embeddings and labels.
        loss_settings: Settings of a loss given by name, such as ``{"margin": 0.5}``.
        embedding_dim: Columns of the embedding, 1 or more. Not used with a ``network``.
        hidden: Widths of the hidden layers, each 1 or more. Not used with a ``network``.
        epochs: Most passes over the training rows, 1 or more.
        batch_size: Rows to a step, 2 or more; all of them where there are fewer. Of all processes together.
        learning_rate: Of AdamW, above 0.
        weight_decay: Of AdamW, 0 or more.
        normalize: Scale every embedding to length one.
        validation_fraction: Share of the rows held out, 0 to below 1. With 0, or where it comes to fewer than 10 rows,
            none are, and every epoch is run.
        patience: Epochs without a better held-out score before stopping, 1 or more; None never stops early (the best
            epoch is still the one kept).
        sampler: ``shuffled`` batches, or ``balanced`` ones: as many rows of each class, none twice, so never more of
            each than the smallest class has. A class of a few rows makes every batch small: join it or leave it out.
        categorical: Names or places of columns that hold numbers but are categories.
        network: A module of your own from rows to (n, dimensions) embeddings. A copy is trained.
        device: Where to compute: ``cpu``, ``cuda``, ``cuda:1``, ``mps``. Under torchrun ``cuda`` is each process's own.
        checkpoint: A folder written after every epoch. If training broke off, the same ``fit`` takes up from there and
            ends with the same weights as without the break; more ``epochs`` may be asked for.
        progress: Show a progress bar on standard error.
        warm_start: Let ``fit`` continue from the weights it ended with, for ``epochs`` more.
        random_state: Seed of weights, batches, triplets and the rows held out.

    Attributes:
        network_: The trained module.
        encoding_: How a table becomes its input; None with a network of your own.
        loss_: The loss module, with whatever it learnt.
        classes_: Labels seen in training, sorted.
        training_: A :class:`~.training.TrainingSummary`: every epoch's loss and held-out score, which
            epoch was kept, and why training stopped.
        n_features_in_: Columns of the table.
        feature_names_in_: Their names, where they have any.

    Example:
        >>> from sklearn.datasets import make_blobs
        >>> from holdfast.metric.encoder.triplet_encoder import TripletEncoder
        >>> X, y = make_blobs(300, centers=3, random_state=0)
        >>> encoder = TripletEncoder(epochs=5, random_state=0).fit(X, y)
        >>> encoder.transform(X).shape
        (300, 32)
    """

    def __init__(  # noqa: PLR0913  # scikit-learn's convention: every hyperparameter is an argument
        self,
        loss: str | nn.Module = "nplb-all",
        *,
        loss_settings: Mapping[str, object] | None = None,
        embedding_dim: int = 32,
        hidden: Sequence[int] = (128, 64),
        epochs: int = 50,
        batch_size: int = 256,
        learning_rate: float = 1e-3,
        weight_decay: float = 1e-4,
        normalize: bool = False,
        validation_fraction: float = 0.1,
        patience: int | None = 10,
        sampler: str = "shuffled",
        categorical: Sequence[str | int] | None = None,
        network: nn.Module | None = None,
        device: str = "cpu",
        checkpoint: str | Path | None = None,
        progress: bool = False,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.loss = loss
        self.loss_settings = loss_settings
        self.embedding_dim = embedding_dim
        self.hidden = hidden
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.normalize = normalize
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.sampler = sampler
        self.categorical = categorical
        self.network = network
        self.device = device
        self.checkpoint = checkpoint
        self.progress = progress
        self.warm_start = warm_start
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803  # scikit-learn's names, here and below
        """Learn the embedding.

        Args:
            X: Rows: a table, or what ``network`` reads.
            y: A label for each row: numbers, booleans or text, none missing.

        Raises:
            MetricError: A setting, the rows or the labels cannot be used: a single class, no class with two rows,
                missing labels, infinite numbers. Also when the loss stops being finite.
            UnknownNameError: There is no loss of that name.
        """
        settings, world = self._settings()
        is_continued = self.warm_start and hasattr(self, "network_")
        rows, labels = self._training_rows(X, y, is_continued=is_continued)
        codes = class_codes(labels)
        if not is_continued:
            self._begin(rows, settings, world)
        self.classes_ = self._known_classes(labels, None, is_continued=is_continued)
        self._train(rows, codes, settings, world)
        return self

    def partial_fit(self, X: Any, y: Any = None, classes: ArrayLike | None = None) -> Self:  # noqa: N803
        """Train for one pass over these rows, with nothing held out.

        The first call begins anew as ``fit`` does: it learns the encoding from its rows alone, so a first chunk should
        show every category and be fairly typical. Later calls, and calls after ``fit``, continue.

        Args:
            X: Some rows.
            y: Their labels; at least two classes, one of them with two rows.
            classes: All labels there will be. Labels outside are then refused; without it, classes are added as seen.

        Raises:
            MetricError: As ``fit``; or a label is not among ``classes``.
        """
        settings, world = self._settings()
        is_continued = hasattr(self, "network_")
        rows, labels = self._training_rows(X, y, is_continued=is_continued)
        known = self._known_classes(labels, classes, is_continued=is_continued)
        codes = class_codes(labels)
        if not is_continued:
            self._begin(rows, settings, world)
        self.classes_ = known
        world.check_same("Training rows and labels", "" if world.is_alone else digest_of(rows, codes))
        trainer, records = self._trainer(settings, world), list(self._records())
        epoch = len(records) + 1
        loss, active = trainer.run_epoch(rows, codes, epoch=epoch)
        records.append(EpochRecord(epoch=epoch, loss=loss, active=active, held_out=None))
        state = trainer.state()
        self._keep(Course(state=state, best=state, best_epoch=epoch, records=records))
        return self

    def begin(self, encoding: TabularEncoding, classes: ArrayLike) -> Self:
        """Begin anew for a table streamed past: ``partial_fit`` then learns no encoding of its own, and may be given
        rows encoded already, as :class:`~holdfast.metric.encoder.input.ArrayRows`.

        Args:
            encoding: Of the whole table; ``TabularEncodingBuilder`` learns it from chunks.
            classes: All labels there will be.

        Raises:
            MetricError: A setting cannot be used, or a ``network`` of your own is given, which reads no table.
        """
        if self.network is not None:
            raise MetricError("network must be None to begin with an encoding, got a module; call partial_fit alone.")
        settings, world = self._settings()
        self.encoding_, self.n_features_in_ = encoding, encoding.n_features_in
        self.__dict__.pop("feature_names_in_", None)
        if encoding.feature_names_in is not None:
            self.feature_names_in_ = np.array(encoding.feature_names_in, dtype=object)
        self.classes_, self._is_closed = np.unique(label_array(np.asarray(classes), len(np.asarray(classes)))), True
        self._begin(ArrayRows(np.empty((0, encoding.n_outputs), dtype=np.float32)), settings, world)
        self.training_ = TrainingSummary(epochs=(), best_epoch=0, stopped="all epochs run")
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:  # noqa: N803
        """Embed rows: float32, (rows, dimensions). A row's embedding does not depend on the rows it comes with.

        Raises:
            NotFittedError: The encoder was not fitted.
            MetricError: Other columns than in training, infinite numbers, rows of another shape.
        """
        check_is_fitted(self)
        return self._embedded(X)

    def score(self, X: Any, y: Any = None) -> float:  # noqa: N803
        """Return precision at 1 by retrieval *within the rows given*: 0 to 1, higher is better.

        Each row is searched for among the other rows of ``X``; the score is the share whose nearest neighbour is of
        their class. Rows without another of their class are left out. Training rows are not searched.

        Raises:
            MetricError: No row has another of its class.
        """
        check_is_fitted(self)
        embeddings = self._embedded(X)
        labels = label_array(y, len(embeddings))
        if len(labels) < 2:
            raise MetricError("score must be given two rows or more, got 1; one cannot be searched for among others.")
        measured = precision_at_1(embeddings, labels, settings=EvaluationSettings(resamples=0))
        if not isinstance(measured, Scored):
            raise MetricError(f"Labels must give some class two rows or more to be scored; {measured}.")
        return measured.value

    def save(self, folder: str | Path) -> None:
        """Save to a folder: a card as JSON and weights as safetensors, never pickle.

        The optimiser's state is not saved. Of several processes only the first writes.

        Raises:
            MetricError: The path is a file, or a setting does not fit JSON.
        """
        check_is_fitted(self)
        if join_world(torch.device("cpu"), environment={}).is_first:
            tensors = {f"network.{name}": value for name, value in self.network_.state_dict().items()}
            tensors |= {f"loss.{name}": value for name, value in self.loss_.state_dict().items()}
            write_encoder(Path(folder), card_of(self), tensors)

    @classmethod
    def load(
        cls, folder: str | Path, *, network: nn.Module | None = None, loss: nn.Module | None = None, device: str = "cpu"
    ) -> Self:
        """Load what ``save`` wrote.

        Args:
            folder: The folder.
            network: A module built as the one that was trained, if it was your own; its weights are replaced.
            loss: A module built as the loss that was used, if it was your own; needed only to train further.
            device: Where to compute from now on.

        Raises:
            MetricError: The folder holds no encoder, one of another format version, or ``network`` does not fit.
        """
        card, tensors = read_encoder(Path(folder))
        try:
            encoder = cls(**parameters_from(card), network=network, device=device)
            revive(encoder, card, tensors, loss)
        except MetricError:
            raise
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise MetricError(
                f"Encoder card must be as it was saved, got it changed ({error}); save it again."
            ) from None
        return encoder

    def export_onnx(self, path: str | Path) -> None:
        """Write the encoder as one ONNX file, which ``OnnxEncoder`` reads without torch."""
        from holdfast.metric.onnx.export import export_onnx  # brings onnx, which nothing else here needs

        check_is_fitted(self)
        network = copy.deepcopy(self.network_).cpu().eval()
        card = card_of(self)
        if self.encoding_ is not None:
            export_onnx(network, n_inputs=self.encoding_.n_outputs, card=card, path=Path(path))
        else:
            example = torch.zeros(2, *self._row_shape, dtype=self._row_dtype)
            export_onnx(network, example=example, card=card, path=Path(path))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "training_")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.network is None
        tags.target_tags.required = True
        tags.target_tags.one_d_labels = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
