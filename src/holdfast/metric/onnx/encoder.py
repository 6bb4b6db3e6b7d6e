"""Embed rows with an exported encoder: numpy and ONNX Runtime only, no torch, no scikit-learn."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.error import MetricError
from holdfast.metric.onnx.card import CARD_KEY, INPUT_NAME, OUTPUT_NAME, OnnxCard
from holdfast.optional import require
from holdfast.processors import usable_processors

__all__ = ["OnnxEncoder"]

MOST_TILE_ROWS = 2048
TILE_BYTES = 1 << 20
"""A tile of rows goes through the whole network at once; one of about this size keeps what is in work in cache."""
INPUT_TYPES: dict[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
}


class OnnxEncoder:
    """An encoder read from one ONNX file, with the encoding of its table.

    Rows go through in tiles that fit in cache, each thread with its own: on processors with few cores this is faster
    than one large batch whose every layer is shared out between threads. Memory beyond input and output is a few tiles.
    """

    def __init__(self, session: Any, card: OnnxCard, *, threads: int) -> None:
        self._session, self._card, self._threads = session, card, threads
        self._dtype = INPUT_TYPES[session.get_inputs()[0].type]

    @classmethod
    def load(cls, path: str | Path, *, threads: int | None = None) -> Self:
        """Read an encoder that ``export_onnx`` wrote.

        Args:
            path: The ONNX file.
            threads: How many threads ``transform`` may use, at least 1; None is one for each core at hand.

        Raises:
            MetricError: No such file, not ONNX, cut short, made by something else, of another format version, or too
                new for the installed ONNX Runtime.
            MissingExtraError: ONNX Runtime is not installed.
        """
        if threads is not None and (isinstance(threads, bool) or not isinstance(threads, int) or threads < 1):
            raise MetricError(f"threads must be a whole number of at least 1, got `{threads!r}`; None uses all cores.")
        file = Path(path)
        if not file.is_file():
            raise MetricError(f"Encoder must be an ONNX file, got {str(file)!r}, where there is none; check the path.")
        session = _open_session(file)
        text = session.get_modelmeta().custom_metadata_map.get(CARD_KEY)
        if text is None:
            raise MetricError(
                f"Encoder must be exported by Holdfast, got {str(file)!r}, which has no card: another program made it, "
                f"or it was cut short; export it with TripletEncoder.export_onnx."
            )
        card = OnnxCard.from_json(text, path=str(file))
        _check_ends(session, card, str(file))
        return cls(session, card, threads=threads or usable_processors())

    @property
    def card(self) -> OnnxCard:
        """What the encoder says about itself."""
        return self._card

    @property
    def embedding_dim(self) -> int:
        """Columns of what ``transform`` returns."""
        return self._card.embedding_dim

    def transform(self, X: Any, *, batch_rows: int = 65_536) -> NDArray[np.float32]:  # noqa: N803 - scikit-learn's name
        """Embed n rows as an (n, embedding_dim) float32 matrix; no rows give an empty one.

        Args:
            X: A table with the columns of training; for an encoder without an encoding, an array of rows of its shape.
            batch_rows: Most rows in work at a time, over all threads, at least 1: less takes less memory.

        Raises:
            MetricError: Columns other than in training, infinite numbers, an array of another shape, or an embedding
                that is not finite.
        """
        encoding = self._card.encoding
        return (
            self.transform_encoded(X, batch_rows=batch_rows)
            if encoding is None
            else self._embed(encoding.open(X), batch_rows)
        )

    def transform_encoded(self, rows: Any, *, batch_rows: int = 65_536) -> NDArray[np.float32]:
        """Embed rows that are the network's input already, such as those of ``encoding.transform``.

        Raises:
            MetricError: They are of another shape, or not finite.
        """
        return self._embed(_ArrayRows(rows, self._card.input_shape, self._dtype), batch_rows)

    def transform_batches(self, batches: Iterable[Any], *, batch_rows: int = 65_536) -> Iterator[NDArray[np.float32]]:
        """Embed a stream of tables, one at a time: what is larger than memory stays out of it.

        Raises:
            MetricError: As ``transform``, when the table that cannot be embedded is reached.
        """
        for batch in batches:
            yield self.transform(batch, batch_rows=batch_rows)

    def _embed(self, rows: "_Rows", batch_rows: int) -> NDArray[np.float32]:
        """Embed rows tile by tile, in as many threads as there is work for."""
        if isinstance(batch_rows, bool) or not isinstance(batch_rows, int | np.integer) or batch_rows < 1:
            raise MetricError(f"batch_rows must be a whole number of at least 1, got `{batch_rows!r}`.")
        out = np.empty((rows.n_rows, self.embedding_dim), dtype=np.float32)
        tile = self._tile_rows(int(batch_rows))
        firsts = deque(range(0, rows.n_rows, tile))
        workers = min(self._threads, len(firsts), int(batch_rows))
        if workers <= 1:
            self._work(rows, firsts, tile, out)
            return out
        with ThreadPoolExecutor(workers) as pool:
            for future in [pool.submit(self._work, rows, firsts, tile, out) for _ in range(workers)]:
                future.result()
        return out

    def _tile_rows(self, batch_rows: int) -> int:
        """Return how many rows go through the network at once."""
        row_bytes = int(np.prod(self._card.input_shape)) * np.dtype(self._dtype).itemsize
        fitting = max(1, min(MOST_TILE_ROWS, TILE_BYTES // max(row_bytes, 1)))
        return max(1, min(fitting, batch_rows // self._threads))

    def _work(self, rows: "_Rows", firsts: deque[int], tile: int, out: NDArray[np.float32]) -> None:
        """Take tiles until none is left. An error leaves none to the other threads."""
        encoded = np.empty((min(tile, rows.n_rows), *self._card.input_shape), dtype=self._dtype)
        try:
            while firsts:
                try:
                    first = firsts.popleft()
                except IndexError:  # another thread took the last
                    return
                last = min(first + tile, rows.n_rows)
                rows.write(first, last, encoded)
                self._run(encoded[: last - first], out[first:last])
                _check_finite(out[first:last])
        finally:
            firsts.clear()

    def _run(self, rows: NDArray[Any], out: NDArray[np.float32]) -> None:
        """Put rows through the network, straight into their place in ``out``."""
        binding = self._session.io_binding()
        binding.bind_input(INPUT_NAME, "cpu", 0, self._dtype, rows.shape, rows.ctypes.data)
        binding.bind_output(OUTPUT_NAME, "cpu", 0, np.float32, out.shape, out.ctypes.data)
        try:
            self._session.run_with_iobinding(binding)
        except RuntimeError as error:  # what ONNX Runtime raises has no narrower type in common
            raise MetricError(
                "X must be rows this network can read, but it fails on some (a token id beyond those it knows?); the "
                "error this came from says where."
            ) from error


class _Rows(Protocol):
    """Rows that can be written as the network's input."""

    @property
    def n_rows(self) -> int: ...

    def write(self, start: int, stop: int, out: NDArray[Any], /) -> None: ...


class _ArrayRows:
    """Rows of an array, for a network that reads them as they are."""

    def __init__(self, data: Any, shape: tuple[int, ...], dtype: type[np.generic]) -> None:
        self._rows = np.asarray(data)
        if self._rows.ndim == 0 or self._rows.shape[1:] != shape or self._rows.dtype.kind not in "biuf":
            raise MetricError(
                f"X must be rows of numbers of shape `{shape}`, got an array of shape `{self._rows.shape}` and type "
                f"`{self._rows.dtype}`; bring it into the shape the network was exported for."
            )
        if np.issubdtype(dtype, np.integer) and self._rows.dtype.kind == "f":
            raise MetricError(f"X must hold whole numbers, got type `{self._rows.dtype}`; convert it with .astype.")
        self._limits = np.iinfo(np.dtype(dtype)) if np.issubdtype(dtype, np.integer) else None
        self.n_rows = len(self._rows)

    def write(self, start: int, stop: int, out: NDArray[Any], /) -> None:
        """Copy rows into the first rows of ``out``; refuse NaN, infinity and whole numbers too large for it."""
        block = out[: stop - start]
        given = self._rows[start:stop]
        if (
            self._limits is not None
            and given.size
            and not self._limits.min <= given.min() <= given.max() <= self._limits.max
        ):
            raise MetricError(
                f"X must hold whole numbers of {block.dtype}, got larger ones; look for them in the rows."
            )
        with np.errstate(over="ignore"):
            np.copyto(block, given, casting="unsafe")
        if block.dtype.kind == "f" and not np.isfinite(block).all():
            raise MetricError("X must be finite, got NaN or infinity; this encoder has no way to read missing values.")


def _check_finite(embeddings: NDArray[np.float32]) -> None:
    bad = int((~np.isfinite(embeddings)).any(axis=1).sum())
    if bad:
        raise MetricError(
            f"Embeddings must be finite, got NaN or infinity in {bad} of {len(embeddings)} rows; look for very large "
            "numbers in the rows."
        )


def _open_session(file: Path) -> Any:
    """Open the file in ONNX Runtime, one thread to a run: threads are the encoder's own."""
    runtime = require("onnxruntime", extra="onnx")
    errors = runtime.capi.onnxruntime_pybind11_state
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised
    try:
        return runtime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except (errors.InvalidProtobuf, errors.Fail, errors.InvalidGraph, errors.InvalidArgument, errors.NotImplemented,
            errors.RuntimeException) as error:  # fmt: skip
        raise _refusal(file, str(error), runtime.__version__) from error


def _refusal(file: Path, why: str, version: str) -> MetricError:
    """Return the refusal of a file ONNX Runtime does not open."""
    if "IR version" in why or "opset" in why.lower():
        return MetricError(
            f"Encoder must be of an ONNX version that ONNX Runtime {version} knows, got a newer or unreadable one in "
            f"{str(file)!r}; update onnxruntime, or export the encoder again."
        )
    return MetricError(
        f"Encoder must be a whole ONNX file, got {str(file)!r}, which is none or was cut short; "
        f"copy it or export it again."
    )


def _check_ends(session: Any, card: OnnxCard, path: str) -> None:
    """Refuse a graph whose input and output are not those the card tells of."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    is_ours = (
        [end.name for end in inputs] == [INPUT_NAME]
        and [end.name for end in outputs] == [OUTPUT_NAME]
        and inputs[0].type in INPUT_TYPES
        and tuple(inputs[0].shape[1:]) == card.input_shape
        and outputs[0].shape[1:] == [card.embedding_dim]
        and (card.encoding is None or card.input_shape == (card.encoding.n_outputs,))
    )
    if not is_ours:
        raise MetricError(f"Graph of {path!r} must fit its card, but does not; export the encoder again.")
