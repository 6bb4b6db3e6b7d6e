"""Encoders and checkpoints on disk: tensors as safetensors, the rest as JSON, never pickle.

An encoder is a folder of ``encoder.json`` (its card) and ``weights.safetensors``. A checkpoint is a folder of one file,
replaced whole after each epoch, so that a break while writing leaves the one before.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from safetensors import SafetensorError, safe_open
from safetensors.torch import load, load_file, save, save_file
from torch import Tensor, nn

from holdfast import __version__
from holdfast.metric.error import MetricError
from holdfast.staged import staged

__all__ = [
    "CARD",
    "WEIGHTS",
    "load_into",
    "read_checkpoint",
    "read_encoder",
    "write_checkpoint",
    "write_encoder",
]

CARD, WEIGHTS, CHECKPOINT = "encoder.json", "weights.safetensors", "checkpoint.safetensors"
FORMAT, FORMAT_VERSION = "holdfast-triplet-encoder", 1
CHECKPOINT_FORMAT, CHECKPOINT_VERSION = "holdfast-training-checkpoint", 1


def write_encoder(folder: Path, card: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Write an encoder into a folder, made if need be, over an encoder that is there.

    The card is written last and names the weights' digest: a write that broke off is noticed when reading.

    Raises:
        MetricError: The path is a file, or the card is not JSON.
        StorageError: The disk is full or cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise MetricError(f"Encoder must be saved to a folder, got the file `{folder}`; choose another path.")
    folder.mkdir(parents=True, exist_ok=True)
    weights = save(_separate(tensors))
    whole = {"format": FORMAT, "format_version": FORMAT_VERSION, "holdfast_version": __version__}
    whole |= {**card, "weights_sha256": hashlib.sha256(weights).hexdigest()}
    try:
        text = json.dumps(whole, indent=2, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise MetricError(
            f"Encoder settings must fit JSON to be saved ({error}); use plain numbers and text."
        ) from None
    for name, content in ((WEIGHTS, weights), (CARD, text.encode())):
        with staged(folder / name) as beside:
            beside.write_bytes(content)


def read_encoder(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Read an encoder's card and tensors.

    Raises:
        MetricError: The folder holds no encoder, one of another format version, or its weights are not those written
            with the card.
    """
    card = _read_card(folder / CARD)
    version = card.get("format_version")
    if version != FORMAT_VERSION:
        raise MetricError(
            f"Encoder must be of format version {FORMAT_VERSION}, got `{version!r}` in `{folder / CARD}`; load it with "
            f"the Holdfast that wrote it ({card.get('holdfast_version')})."
        )
    try:
        weights = (folder / WEIGHTS).read_bytes()
    except OSError:
        raise MetricError(
            f"Encoder folder must hold {WEIGHTS}, got none in `{folder}`; copy the whole folder."
        ) from None
    if hashlib.sha256(weights).hexdigest() != card.get("weights_sha256"):
        raise MetricError(f"Weights must be those written with the card, got others in `{folder}`; save it again.")
    try:
        return card, load(weights)
    except SafetensorError:
        raise MetricError(f"Weights must be safetensors, got something else in `{folder}`; save it again.") from None


def load_into(module: nn.Module, tensors: Mapping[str, Tensor], what: str) -> None:
    """Load tensors into a module that must have exactly these.

    Raises:
        MetricError: Names, shapes or types differ.
    """
    expected = module.state_dict()
    other = sorted(n for n, t in tensors.items() if n in expected and t.dtype != expected[n].dtype)
    if other:
        raise MetricError(f"{what} must be built as the saved one, got another: other types in {other[:5]!r}.")
    try:
        module.load_state_dict(dict(tensors), assign=any(tensor.is_meta for tensor in expected.values()))
    except RuntimeError as error:
        raise MetricError(f"{what} must be built as the saved one, got another: {error}") from None


def write_checkpoint(folder: Path, card: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Write a checkpoint over the one in the folder, which is made if need be."""
    if folder.exists() and not folder.is_dir():
        raise MetricError(f"Checkpoint must be a folder, got the file `{folder}`; choose another path.")
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"format": CHECKPOINT_FORMAT, "format_version": CHECKPOINT_VERSION, **card}
    with staged(folder / CHECKPOINT) as beside:
        save_file(_separate(tensors), beside, metadata={"holdfast": json.dumps(whole)})


def read_checkpoint(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """Read the checkpoint of a folder; None where there is none yet.

    Raises:
        MetricError: The file is not a checkpoint of this version.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as opened:
            card = json.loads((opened.metadata() or {}).get("holdfast", "null"))
    except (SafetensorError, OSError, ValueError, RecursionError):
        card = None
    if not isinstance(card, dict) or card.get("format") != CHECKPOINT_FORMAT:
        raise MetricError(
            f"Checkpoint must be written by Holdfast, got something else in `{path}`; choose a new folder."
        )
    if card.get("format_version") != CHECKPOINT_VERSION:
        raise MetricError(
            f"Checkpoint must be of format version {CHECKPOINT_VERSION}, got `{card.get('format_version')!r}`; "
            "finish it with the Holdfast that began it."
        )
    return card, load_file(path)


def _read_card(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        _refuse(path)
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        _refuse(path)
    return card


def _refuse(path: Path) -> NoReturn:
    raise MetricError(
        f"Encoder must be a folder that TripletEncoder.save wrote, got no encoder card at `{path}`; check the path."
    ) from None


def _separate(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copy tensors so that none shares memory with another, which safetensors refuses."""
    return {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in tensors.items()}
