"""Export a trained network, with its card, to one ONNX file that needs no torch to use."""

import copy
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from holdfast import __version__
from holdfast.metric.error import MetricError
from holdfast.metric.onnx.card import CARD_KEY, INPUT_NAME, OUTPUT_NAME, OnnxCard
from holdfast.metric.onnx.encoder import OnnxEncoder
from holdfast.metric.tabular.encoding import TabularEncoding
from holdfast.staged import staged

__all__ = ["OPSET", "TOLERANCE", "export_onnx"]

OPSET = 20
TOLERANCE = 1e-5
"""Largest difference to torch an export may show, relative to the largest embedding value (or 1, if that is more)."""
MOST_BYTES = 2_000_000_000
BATCHES_TRIED = (1, 2, 7, 300)


def export_onnx(
    network: nn.Module,
    *,
    path: str | Path,
    card: Mapping[str, Any] | None = None,
    n_inputs: int | None = None,
    example: Tensor | None = None,
) -> None:
    """Write a network as ONNX, whole or not at all, after comparing it with torch on rows it has not seen.

    The network is exported as for use (``eval``), in single precision, with a batch of any size. It is left unchanged.
    A file at ``path`` is replaced.

    Args:
        network: From (n, ...) rows to (n, embedding_dim) embeddings.
        path: Where to write.
        card: JSON-ready values to keep in the file, such as classes and loss. ``encoding``, where there is one, is the
            JSON of the ``TabularEncoding`` that turns a table into the network's input.
        n_inputs: Columns the network reads, where it reads plain columns.
        example: Otherwise, rows like those it reads: (n, ...), n at least 1, float, int64 or int32. What is exported is
            compared on random rows, or, for whole numbers, on these.

    Raises:
        MetricError: The network cannot read such rows, does not return one embedding a row, cannot be exported, or
            differs from what was exported by more than ``TOLERANCE``.
        StorageError: The file cannot be written.
    """
    if Path(path).is_dir():
        raise MetricError(f"Export must be to a file, got the folder {str(path)!r}; name a file in it.")
    rows = _example(n_inputs, example)
    exported = copy.deepcopy(network).cpu().float().eval()
    about = dict(card or {})
    stored = about.pop("encoding", None)
    described = OnnxCard(
        holdfast_version=__version__,
        opset=OPSET,
        embedding_dim=_embedding_dim(exported, rows),
        input_shape=tuple(rows.shape[1:]),
        encoding=None if stored is None else TabularEncoding.from_json(stored),
        about=about,
    )
    content = _serialised(exported, rows, described)
    with staged(Path(path)) as beside:
        beside.write_bytes(content)
        _compare(exported, rows, OnnxEncoder.load(beside, threads=1))


def _example(n_inputs: int | None, example: Tensor | None) -> Tensor:
    """Return at least two rows to export with: sizes of one are taken for constants."""
    if (n_inputs is None) == (example is None):
        raise MetricError("Export must be given n_inputs or example, and not both.")
    if example is None:
        if isinstance(n_inputs, bool) or not isinstance(n_inputs, int) or n_inputs < 1:
            raise MetricError(f"n_inputs must be a whole number of at least 1, got `{n_inputs!r}`.")
        return torch.zeros(2, n_inputs)
    is_usable = example.ndim >= 2 and 0 not in example.shape
    if not is_usable or not (example.is_floating_point() or example.dtype in (torch.int64, torch.int32)):
        raise MetricError(
            f"example must be rows of floats, int64 or int32 (n, ...), got shape `{tuple(example.shape)}` of "
            f"`{example.dtype}`."
        )
    rows = example.detach().cpu()
    rows = rows.float() if rows.is_floating_point() else rows
    return torch.cat([rows, rows]) if len(rows) == 1 else rows


@torch.no_grad()
def _embedding_dim(network: nn.Module, rows: Tensor) -> int:
    """Return the network's columns out, or refuse a network that does not embed such rows."""
    try:
        embeddings = network(rows)
    except (RuntimeError, ValueError, IndexError) as error:
        raise MetricError(
            f"network must read rows of shape `{tuple(rows.shape[1:])}`, but fails; give the rows it was trained on."
        ) from error
    if not isinstance(embeddings, Tensor) or embeddings.ndim != 2 or len(embeddings) != len(rows):
        shape = tuple(embeddings.shape) if isinstance(embeddings, Tensor) else type(embeddings).__name__
        raise MetricError(f"network must return one embedding a row (n, embedding_dim), got `{shape}`.")
    return embeddings.shape[1]


def _serialised(network: nn.Module, rows: Tensor, card: OnnxCard) -> bytes:
    """Return the ONNX file's content, checked."""
    try:
        with _quiet():
            program = torch.onnx.export(
                network,
                (rows,),
                dynamo=True,
                verbose=False,
                opset_version=OPSET,
                input_names=[INPUT_NAME],
                output_names=[OUTPUT_NAME],
                dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
            )
    except torch.onnx.OnnxExporterError as error:
        raise MetricError(
            "network must be exportable to ONNX for a batch of any size, but is not; the error this came from says "
            "which operation is in the way."
        ) from error
    if program is None:
        raise MetricError("network must be exportable to ONNX, but torch returned nothing; update torch.")
    return _with_card(program.model_proto, card)


def _with_card(model: onnx.ModelProto, card: OnnxCard) -> bytes:
    """Return the content of a model with its card in it, checked."""
    if model.ByteSize() > MOST_BYTES:
        raise MetricError(
            f"network must fit in one ONNX file of 2 GB, got `{model.ByteSize()}` bytes; make it smaller."
        )
    onnx.helper.set_model_props(model, {CARD_KEY: card.to_json()})
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.shape_inference.InferenceError, onnx.checker.ValidationError) as error:
        raise MetricError(
            "network must be exportable to ONNX, but what torch wrote is not valid; the error this came from says "
            "which operation is in the way."
        ) from error
    return bytes(model.SerializeToString())


def _compare(network: nn.Module, rows: Tensor, encoder: OnnxEncoder) -> None:
    """Refuse an export that does not embed as torch does."""
    for count in BATCHES_TRIED:
        given = _trial(rows, count)
        with torch.no_grad():
            expected = network(given).numpy()
        got = encoder.transform_encoded(given.numpy())
        difference = _difference(got, expected)
        if not difference <= TOLERANCE:
            raise MetricError(
                f"Export must embed as torch does, to {TOLERANCE:g}, got a difference of `{difference:.2g}` on {count} "
                f"random rows; use layers that act the same in ONNX and do not draw random numbers."
            )


def _trial(rows: Tensor, count: int) -> Tensor:
    """Return random rows to compare on; whole numbers are drawn from the example, whose range is all that is known."""
    generator = torch.Generator().manual_seed(count)
    if rows.is_floating_point():
        return torch.randn(count, *rows.shape[1:], generator=generator)
    return rows[torch.randint(len(rows), (count,), generator=generator)]


def _difference(got: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    """Return the largest difference relative to the largest value, or to 1; NaN where values are not finite."""
    return float(np.abs(got - expected).max() / max(1.0, float(np.abs(expected).max())))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what torch's exporter says about itself: deprecations inside it, and packages it could also use."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", category=FutureWarning)
            warnings.simplefilter("ignore", category=DeprecationWarning)
            yield
    finally:
        logger.setLevel(level)
