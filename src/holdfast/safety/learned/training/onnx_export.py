"""Turn a sentence-transformers folder into an eight-bit ONNX network and a tokenizer, once, with torch."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from holdfast.errors import ContentError
from holdfast.optional import require
from holdfast.safety.learned.pooling import WHOLE, averages
from holdfast.safety.learned.semantic_encoder import INPUTS, NETWORK, TOKENIZER

__all__ = ["export_network", "read_source"]


def export_network(source: str | Path, folder: Path, texts: Sequence[str] = ()) -> None:
    """Write ``network.onnx`` and ``tokenizer.json`` to ``folder``.

    Args:
        source: A sentence-transformers folder, or a name on the hub, which is downloaded by transformers.
        texts: A few hundred of those the network will read, by which it is evened out for eight bits; none, it is not.

    Raises:
        ContentError: There is no such network, or it has no fast tokenizer.
        MissingExtraError: transformers, torch or ONNX Runtime is not installed.
    """
    tokenizer, network = read_source(source)
    from holdfast.safety.learned.training.evening import even_out  # needs torch

    even_out(network, tokenizer, texts)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        tokenizer.save_pretrained(work)
        shutil.move(Path(work) / TOKENIZER, folder / TOKENIZER)
        _export(network, Path(work) / "full.onnx")
        _quantise(Path(work) / "full.onnx", folder / NETWORK)


def read_source(source: str | Path) -> tuple[Any, Any]:
    """Return the tokenizer and the network of a sentence-transformers folder, or of a name on the hub.

    Raises:
        ContentError: There is no such network, or it has no fast tokenizer.
        MissingExtraError: transformers is not installed.
    """
    transformers = require("transformers", extra="train")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(source))
        network = transformers.AutoModel.from_pretrained(str(source)).eval()
    except (OSError, ValueError) as error:
        raise ContentError(
            f"Encoder must be a sentence-transformers folder or a name on the hub, got {str(source)!r}; check it."
        ) from error
    if not tokenizer.is_fast:
        raise ContentError(f"Encoder must have a fast tokenizer, got {str(source)!r}; choose another.")
    return tokenizer, network


def _export(network: Any, target: Path) -> None:
    """Write the network for one text at a time: none is padded and none has to be masked."""
    torch = require("torch", extra="train")
    from holdfast.safety.learned.training.pooled_network import PooledNetwork, fuse_attention  # needs torch

    fuse_attention(network)
    pooled = PooledNetwork(network).eval()
    count = WHOLE + 1
    steps = tuple(torch.from_numpy(step) for step in averages(count).steps)
    any_size = torch.export.Dim.DYNAMIC
    torch.onnx.export(
        pooled,
        (torch.zeros(1, count, dtype=torch.int64), *steps),
        str(target),
        input_names=[*INPUTS],
        output_names=["states"],
        dynamic_shapes=({1: any_size}, tuple({0: any_size, 1: any_size} for _ in steps)),
        dynamo=True,
        verbose=False,
    )


def _quantise(source: Path, target: Path) -> None:
    """Write the network with eight-bit weights, a scale for each column: with one for all, vectors came out far off."""
    quantisation = require("onnxruntime.quantization", extra="train")
    weights = quantisation.QuantType.QInt8
    quantisation.quantize_dynamic(str(source), str(target), weight_type=weights, per_channel=True)
