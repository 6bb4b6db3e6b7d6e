"""What a ``TripletEncoder`` does while it is fitted: check, encode, build, train, and keep what came of it."""

import copy
import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator  # type: ignore[import-untyped]  # it ships no types
from sklearn.utils import check_random_state  # type: ignore[import-untyped]
from torch import Tensor, nn

from holdfast.metric.encoder.card import built_with, kept_parameters
from holdfast.metric.encoder.checkpoint import Checkpoint, digest_of
from holdfast.metric.encoder.distributed import World, join_world
from holdfast.metric.encoder.held_out import embed, hold_out
from holdfast.metric.encoder.input import (
    ArrayRows,
    Rows,
    TableRows,
    TypedRows,
    known_classes,
    label_array,
    own_rows,
    table_of,
)
from holdfast.metric.encoder.networks import multilayer_perceptron, seeded, with_unit_length
from holdfast.metric.encoder.objective import RANDOM_TRIPLETS, Objective, make_objective
from holdfast.metric.encoder.settings import EncoderSettings, torch_device
from holdfast.metric.encoder.training import Course, EpochRecord, Plan, Trainer, TrainingSummary, part_of, train
from holdfast.metric.error import MetricError
from holdfast.metric.tabular.encoding import TabularEncoding

__all__ = ["EncoderFitting", "TrainingInterruptedWarning"]


class TrainingInterruptedWarning(UserWarning):
    """Ctrl-C ended training; the message says which epoch's weights were kept."""


class EncoderFitting(BaseEstimator):  # type: ignore[misc]  # untyped
    """The inner half of ``TripletEncoder``, whose hyperparameters it reads; of no use alone."""

    network_: nn.Module
    loss_: nn.Module
    encoding_: TabularEncoding | None
    classes_: NDArray[Any]
    training_: TrainingSummary
    _is_closed: bool
    _built: dict[str, Any]
    _optimizer_state: dict[str, Tensor]

    def _settings(self) -> tuple[EncoderSettings, World]:
        settings = EncoderSettings.of(self)
        return settings, join_world(settings.device)

    def _training_rows(self, X: Any, y: Any, *, is_continued: bool) -> tuple[Rows, NDArray[Any]]:  # noqa: N803
        """Check rows and labels. Unless continued, forget what was learnt before and learn the encoding."""
        if is_continued:
            self._check_as_built()
        else:
            for name in ("network_", "training_"):
                self.__dict__.pop(name, None)
        if self.network is not None:
            rows = own_rows(X)
            rows = self._as_in_training(rows) if is_continued else rows
            return rows, label_array(y, len(rows))
        if isinstance(X, ArrayRows) and is_continued:
            return X, label_array(y, len(X))
        table = table_of(self, X, reset=not is_continued)
        labels = label_array(y, len(table))
        if not is_continued or self.encoding_ is None:
            self.encoding_ = TabularEncoding.fit(
                table, categorical=() if self.categorical is None else self.categorical
            )
        return ArrayRows(self.encoding_.transform(table)), labels

    def _check_as_built(self) -> None:
        """Refuse to train on with settings that only a network built anew would have."""
        now = built_with(self)
        changed = sorted(name for name, value in self._built.items() if not _is_same(value, now[name]))
        if changed:
            raise MetricError(
                f"Training must continue with the settings it began with, got other `{', '.join(changed)}`; set them "
                "back, or fit a new encoder."
            )

    def _known_classes(self, labels: NDArray[Any], classes: ArrayLike | None, *, is_continued: bool) -> NDArray[Any]:
        seen = self.classes_ if is_continued else labels[:0]
        is_closed = classes is not None or (is_continued and self._is_closed)
        if classes is not None:
            given = np.unique(label_array(np.asarray(classes), len(np.asarray(classes))))
            if is_continued and not np.isin(seen, given).all():
                raise MetricError(
                    f"classes must hold every class seen before, got `{len(given)}` without some; give all."
                )
            seen = given
        known = known_classes(labels, seen, is_closed=is_closed)
        self._is_closed = is_closed
        return known

    def _begin(self, rows: Rows, settings: EncoderSettings, world: World) -> None:
        """Build network and loss anew."""
        self._seed = int(world.from_first(_drawn_seed(self.random_state)))
        with seeded(self._seed):
            self.loss_ = copy.deepcopy(make_objective(self.loss, self.loss_settings).loss)
            if self.network is None and self.encoding_ is not None:
                self.network_ = multilayer_perceptron(
                    self.encoding_.n_outputs,
                    hidden=settings.hidden,
                    embedding_dim=settings.embedding_dim,
                    normalize=self.normalize,
                )
                self._n_features_out = settings.embedding_dim
            else:
                self._adopt(self.network, rows)
        self._built = built_with(self)
        self._optimizer_state = {}

    def _adopt(self, network: nn.Module, rows: Rows) -> None:
        """Copy a network of the caller's own and learn the shape of its rows."""
        self.encoding_ = None
        self.network_ = with_unit_length(copy.deepcopy(network)) if self.normalize else copy.deepcopy(network)
        first = rows.take(np.arange(1))
        self._row_shape, self._row_dtype = tuple(first.shape[1:]), first.dtype
        device = torch_device(self.device)
        self._n_features_out = self._embedded_by_own(ArrayRows(first), device).shape[1]

    def _embedded_by_own(self, rows: Rows, device: torch.device) -> NDArray[np.float32]:
        try:
            return embed(self.network_.to(device), rows, device)
        except MetricError:
            raise
        except (RuntimeError, TypeError, ValueError, IndexError) as error:
            raise MetricError(
                f"network must read rows of shape `{self._row_shape}` and type `{self._row_dtype}`, but fails "
                f"({error}); give rows as it reads them."
            ) from error

    def _as_in_training(self, rows: Rows) -> Rows:
        """Check rows for a network of the caller's own and bring them to the type it was trained on."""
        shape = tuple(rows.take(np.arange(1)).shape[1:])
        if shape != self._row_shape:
            raise MetricError(
                f"Rows must have the shape of training, {self._row_shape}, got `{shape}`; bring them to it."
            )
        return TypedRows(rows, self._row_dtype)

    def _records(self) -> tuple[EpochRecord, ...]:
        return self.training_.epochs if hasattr(self, "training_") else ()

    def _trainer(self, settings: EncoderSettings, world: World) -> Trainer:
        is_random = isinstance(self.loss, str) and self.loss in RANDOM_TRIPLETS
        objective = Objective(self.loss_, is_random=is_random)
        trainer = Trainer(self.network_, objective, settings.training(self._seed), world)
        if self._optimizer_state:
            trainer.restore(
                trainer.state() | {f"optimizer.{name}": value for name, value in self._optimizer_state.items()}
            )
        return trainer

    def _train(self, rows: Rows, codes: NDArray[np.int64], settings: EncoderSettings, world: World) -> None:
        digest = digest_of(rows, codes) if settings.checkpoint is not None or not world.is_alone else ""
        world.check_same("Training rows and labels", digest)
        kept, kept_codes, held_out = hold_out(rows, codes, fraction=settings.validation_fraction, seed=self._seed)
        trainer, records = self._trainer(settings, world), list(self._records())
        state, done = trainer.state(), len(records)
        course = Course(state=state, best=state, best_epoch=done, begun_after=done, records=records)
        checkpoint = None
        if settings.checkpoint is not None:
            checkpoint = Checkpoint(settings.checkpoint, self._belongs(digest, begun_after=done))
            course = world.from_first(checkpoint.read() if world.is_first else None) or course
            trainer.restore(course.state)
        plan = Plan(
            until=done + settings.epochs, patience=settings.patience, is_shown=bool(self.progress) and world.is_first
        )
        write = None if checkpoint is None else checkpoint.write
        train(trainer, kept, kept_codes, course=course, held_out=held_out, plan=plan, after_epoch=write)
        self._keep(course)

    def _belongs(self, digest: str, *, begun_after: int) -> dict[str, Any]:
        """Return what makes this training the same: all but how long it lasts and where it is shown."""
        given = kept_parameters(self)
        for name in ("epochs", "patience", "warm_start"):
            given.pop(name)
        return given | {"rows": digest, "seed": self._seed, "earlier epochs": begun_after}

    def _keep(self, course: Course) -> None:
        self.training_ = course.summary()
        self._optimizer_state = part_of(course.best, "optimizer.")
        if course.stopped == "interrupted":
            warnings.warn(
                f"Training was interrupted after epoch {course.records[-1].epoch}; the weights of epoch "
                f"{course.best_epoch} were kept.",
                TrainingInterruptedWarning,
                stacklevel=4,
            )

    def _embedded(self, X: Any) -> NDArray[np.float32]:  # noqa: N803
        device = torch_device(self.device)
        if self.encoding_ is None:
            return self._embedded_by_own(self._as_in_training(own_rows(X)), device)
        rows = TableRows(self.encoding_.open(table_of(self, X, reset=False)))
        if device.type != "cpu":
            return embed(self.network_.to(device), rows, device)
        # float64 inside, so that float32 results do not depend on how many rows a product is made of
        exact = copy.deepcopy(self.network_).cpu().double()
        return embed(exact, rows, device, dtype=torch.float64)


def _is_same(before: Any, now: Any) -> bool:
    return before is now if isinstance(before, nn.Module) or isinstance(now, nn.Module) else bool(before == now)


def _drawn_seed(random_state: Any) -> int:
    try:
        return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
    except ValueError:
        raise MetricError(
            f"random_state must be a whole number from 0 to 2**32 - 1, a numpy RandomState or None, got "
            f"`{random_state!r}`; give a number."
        ) from None
