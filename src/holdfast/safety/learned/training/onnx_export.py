"""Turn a sentence-transformers folder into an eight-bit ONNX network and a tokenizer, once, with torch."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from holdfast.errors import ContentError
from holdfast.optional import require
from holdfast.safety.learned.semantic_encoder import IDS, NETWORK, TOKENIZER

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
        _export(network, tokenizer, Path(work) / "full.onnx")
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


def _export(network: Any, tokenizer: Any, target: Path) -> None:
    """Write the network for texts of one length: read one at a time, none is padded and none has to be masked."""
    torch = require("torch", extra="train")
    network.set_attn_implementation("eager")  # ONNX Runtime is a sixth slower with the other's operations

    class States(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: Any) -> Any:
            return self.network(input_ids=input_ids).last_hidden_state

    sample = tokenizer(["one text", "and one more text"], padding=True, return_tensors="pt")
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=512)
    torch.onnx.export(
        States().eval(),
        (sample["input_ids"],),
        str(target),
        input_names=[IDS],
        output_names=["states"],
        dynamic_shapes=({0: batch, 1: length},),
        dynamo=True,
        verbose=False,
    )


def _quantise(source: Path, target: Path) -> None:
    """Write the network with eight-bit weights, a scale for each column: with one for all, vectors came out far off."""
    quantisation = require("onnxruntime.quantization", extra="train")
    weights = quantisation.QuantType.QInt8
    quantisation.quantize_dynamic(str(source), str(target), weight_type=weights, per_channel=True)
