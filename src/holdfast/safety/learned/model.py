"""A learned model as it is kept: encoder, references, calibration and the card that says how they came about.

A folder holds ``model.json`` and ``model.safetensors``, and for the semantic encoder also the ONNX network and its
tokenizer. The hash of all of them is the model's version.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import ContentError
from holdfast.safety.learned.boundary import Boundary
from holdfast.safety.learned.calibration import Calibrations
from holdfast.safety.learned.encoder import Encoder
from holdfast.safety.learned.gravity_head import GravityHead
from holdfast.safety.learned.head import Head
from holdfast.safety.learned.ngram_encoder import KIND as NGRAMS
from holdfast.safety.learned.ngram_encoder import NGramEncoder
from holdfast.safety.learned.reading import Reader
from holdfast.safety.learned.references import Kind, References
from holdfast.safety.learned.tense_head import TenseHead
from holdfast.staged import staged, write_json

__all__ = ["BUILT_IN", "CARD", "SEMANTIC", "TENSORS", "LearnedModel", "amend_model", "load_model", "save_model"]

BUILT_IN = Path(__file__).parent / "built_in"
"""The model that is installed with the package."""

SEMANTIC = Path(__file__).parent / "semantic"
"""The semantic model in the package: read where ONNX Runtime and tokenizers are installed."""

CARD, TENSORS = "model.json", "model.safetensors"
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class LearnedModel:
    """Everything the learned layer judges by.

    ``card`` says from which utterances, with which settings and by which command it was trained, and what was
    measured. ``tense`` is None where it cannot tell whether a danger is now or past, ``gravity`` where it cannot tell
    how grave one is.
    """

    encoder: Encoder
    references: References
    calibrations: Calibrations
    sha256: str
    card: Mapping[str, Any] = field(default_factory=dict)
    boundary: Boundary | None = None
    tense: TenseHead | None = None
    gravity: GravityHead | None = None

    def reader(self, plain: Callable[[str], str] | None = None) -> Reader:
        """Return what reads conversations as this model does; ``plain`` as for ``LearnedDetector``."""
        ways = {} if plain is None else {"plain": plain}
        return Reader(encoder=self.encoder, references=self.references, boundary=self.boundary, **ways)


def load_model(folder: Path = BUILT_IN, *, threads: int = 1) -> LearnedModel:
    """Read a learned model.

    Args:
        threads: How many cores a sentence network may take for one text.

    Raises:
        ContentError: A file is missing, damaged, or of another format.
        MissingExtraError: It is a semantic model, and ONNX Runtime or tokenizers are not installed.
    """
    card, seal = _read_card(folder)
    tensors, raw = _read_tensors(folder / TENSORS)
    seal.update(raw)
    try:
        kinds = tuple(Kind.from_dict(kind) for kind in card["kinds"])
        calibrations = Calibrations.from_dict(card["calibration"])
        points, owners = tensors["points"], tensors["owners"]
        encoder = _encoder(folder, card, tensors, seal, threads)
        boundary = Boundary.read(card, tensors)
        tense, gravity = TenseHead.read(card, tensors), GravityHead.read(card, tensors)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ContentError(f"{folder.name} must be a learned model, {error} does not fit; train it again.") from error
    if points.ndim != 2 or points.shape[1] != encoder.dimensions:
        raise ContentError(f"{folder.name} must hold references as long as its vectors; train it again.")
    heads: tuple[Head | None, ...] = (boundary, tense, gravity)
    if any(head is not None and head.dimensions != encoder.dimensions for head in heads):
        raise ContentError(f"{folder.name} must judge vectors as long as its own, and does not; train it again.")
    references = References(kinds, points.astype(np.float32), owners.astype(np.int64))
    return LearnedModel(
        encoder=encoder,
        references=references,
        calibrations=calibrations,
        sha256=seal.hexdigest(),
        card=card,
        boundary=boundary,
        tense=tense,
        gravity=gravity,
    )


def _encoder(
    folder: Path, card: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], seal: Any, threads: int
) -> Encoder:
    if card["encoder"] == NGRAMS:
        return NGramEncoder.from_tensors(tensors, card["languages"], name=f"{NGRAMS}@{seal.hexdigest()[:12]}")
    from holdfast.safety.learned.semantic_encoder import SemanticEncoder

    return SemanticEncoder.load(folder, card, tensors, seal, threads=threads)


def _read_card(folder: Path) -> tuple[dict[str, Any], Any]:
    path = folder / CARD
    try:
        raw = path.read_bytes()
        card = json.loads(raw)
    except OSError as error:
        raise ContentError(
            f"{folder.name} must be a folder with {CARD}: {error.strerror}; train it: holdfast safety train."
        ) from error
    except ValueError as error:
        raise ContentError(f"{CARD} must be JSON; train the model again.") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise ContentError(f"{CARD} must be of format {FORMAT}; train the model again with this version.")
    return card, hashlib.sha256(raw)


def _read_tensors(path: Path) -> tuple[dict[str, NDArray[Any]], bytes]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        raw = path.read_bytes()
        return load(raw), raw
    except OSError as error:
        raise ContentError(f"{path.name} must be a readable file: {error.strerror}; train the model again.") from error
    except SafetensorError as error:
        raise ContentError(f"{path.name} must be a whole safetensors file; train the model again.") from error


def save_model(folder: Path, card: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> None:
    """Write a model's card and tensors; the card must hold what ``load_model`` reads."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, folder / TENSORS)
    text = json.dumps({"format": FORMAT, **card}, indent=2, ensure_ascii=False)
    (folder / CARD).write_text(text + "\n", encoding="utf-8")


def amend_model(folder: Path, fields: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> None:
    """Add fields to a model's card and tensors to its own, in place of any of the same names; the rest stays.

    Raises:
        ContentError: There is no model, or it is damaged.
        StorageError: The disk is full or cannot be written to.
    """
    from safetensors.numpy import save

    card, _ = _read_card(folder)
    kept, _ = _read_tensors(folder / TENSORS)
    both = {name: np.ascontiguousarray(tensor) for name, tensor in {**kept, **tensors}.items()}
    with staged(folder / TENSORS) as beside:
        beside.write_bytes(save(both))
    write_json(folder / CARD, {**card, **fields})
