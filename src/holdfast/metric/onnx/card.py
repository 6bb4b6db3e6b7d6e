"""The card an ONNX encoder carries: what was exported, and how a table becomes its input."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from holdfast.metric.error import MetricError
from holdfast.metric.tabular.encoding import TabularEncoding

__all__ = ["CARD_KEY", "INPUT_NAME", "OUTPUT_NAME", "OnnxCard"]

FORMAT = "holdfast-onnx-encoder"
FORMAT_VERSION = 1
CARD_KEY = "holdfast"
"""The entry of the ONNX file's metadata_props that holds the card as JSON."""
INPUT_NAME = "rows"
OUTPUT_NAME = "embeddings"
ADVICE = "export it again with this version of Holdfast"


@dataclass(frozen=True, kw_only=True)
class OnnxCard:
    """What an ONNX encoder says about itself.

    Attributes:
        holdfast_version: The version that exported it.
        opset: The ONNX operator set it uses.
        embedding_dim: Columns of its output.
        input_shape: Shape of one row of the network's input.
        encoding: How a table becomes that input; None for a network that reads arrays as they are.
        about: Whatever else the exporter noted, such as classes or loss.
    """

    holdfast_version: str
    opset: int
    embedding_dim: int
    input_shape: tuple[int, ...]
    encoding: TabularEncoding | None
    about: Mapping[str, Any]

    def to_json(self) -> str:
        """Return the card as JSON text."""
        return json.dumps(
            {
                "format": FORMAT,
                "format_version": FORMAT_VERSION,
                "holdfast_version": self.holdfast_version,
                "opset": self.opset,
                "embedding_dim": self.embedding_dim,
                "input_shape": list(self.input_shape),
                "encoding": None if self.encoding is None else self.encoding.to_json(),
                "about": dict(self.about),
            },
            ensure_ascii=False,
            allow_nan=False,
        )

    @classmethod
    def from_json(cls, text: str, *, path: str) -> "OnnxCard":
        """Read a card.

        Args:
            text: What ``to_json`` returned.
            path: The file it was found in, for messages.

        Raises:
            MetricError: Not a card, or of another format version.
        """
        try:
            card = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise MetricError(f"Card of {path!r} must be JSON, got something else; {ADVICE}.") from error
        if not isinstance(card, dict) or card.get("format") != FORMAT:
            raise MetricError(f"Card of {path!r} must be of format {FORMAT!r}; {ADVICE}.")
        if card.get("format_version") != FORMAT_VERSION:
            raise MetricError(
                f"Card of {path!r} must be of format_version {FORMAT_VERSION}, got `{card.get('format_version')!r}`; "
                f"use the version of Holdfast it was exported with ({card.get('holdfast_version')!r}), or {ADVICE}."
            )
        return cls._from_fields(card, path)

    @classmethod
    def _from_fields(cls, card: dict[str, Any], path: str) -> "OnnxCard":
        """Read the fields of a card of this version."""
        match card:
            case {
                "holdfast_version": str(version),
                "opset": int(opset),
                "embedding_dim": int(embedding_dim),
                "input_shape": [*input_shape],
                "encoding": encoding,
                "about": dict(about),
            } if input_shape and all(isinstance(size, int) for size in input_shape):
                return cls(
                    holdfast_version=version,
                    opset=opset,
                    embedding_dim=embedding_dim,
                    input_shape=tuple(input_shape),
                    encoding=None if encoding is None else TabularEncoding.from_json(encoding),
                    about=about,
                )
        raise MetricError(f"Card of {path!r} must have every field of its version, got {sorted(card)}; {ADVICE}.")
