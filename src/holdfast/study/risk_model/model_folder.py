"""A risk model on disk: JSON and safetensors, never pickle, whole or not at all, each file with its digest.

::

    model.json           settings, columns, inputs, what the teachers are
    model.safetensors    weights of encoders and teachers, medians of the healthy reference
    risk/                the single-time risk; see ``holdfast.risk.risk_folder``
    run.json             what it was fitted from; see ``holdfast.study.runs``
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.cohort.schema import Schema
from holdfast.errors import HoldfastError
from holdfast.metric.tables.staging import check_free
from holdfast.optional import require
from holdfast.risk.risk_folder import CARD as RISK_CARD
from holdfast.risk.single_time_risk import SingleTimeRisk
from holdfast.staged import staged
from holdfast.study.error import StudyError
from holdfast.study.inputs import InputEncoding
from holdfast.study.risk_model.risk_model import Lead, RiskModel
from holdfast.study.risk_model.settings import RiskModelSettings
from holdfast.study.risk_model.teachers.cross_fitting import TAUGHT
from holdfast.study.risk_model.visit_encoder import VisitEncoder
from holdfast.study.runs.run_record import RunRecord

__all__ = ["StoredModel", "check_free_for_model", "load_model", "save_model"]

FORMAT, FORMAT_VERSION = "holdfast-risk-model", 1
CARD, ARRAYS, RISK = "model.json", "model.safetensors", "risk"

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredModel:
    """A risk model and what is known about how it came to be.

    Attributes:
        model: The model.
        outcome: What it foretells, in words: "Death from any cause".
        run: What it was fitted from.
        facts: Counts for reports: people, events, how many were held out, notes.
    """

    model: RiskModel
    outcome: str
    run: RunRecord
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of all that embeddings follow from; the single-time risk on them has digests of its own."""
        return str(_card(self)["digest"])

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save_model`` wrote; see ``load_model``."""
        stored = load_model(folder)
        return cls(model=stored.model, outcome=stored.outcome, run=stored.run, facts=stored.facts)


def check_free_for_model(folder: Path, *, overwrite: bool) -> None:
    """Check before long work that a model can be put at ``folder``.

    Raises:
        StudyError: The folder above does not exist, a model lies there and ``overwrite`` is false, or what lies there
            is no model: that is never replaced.
        StorageError: The folder above takes no new folder.
    """
    if not folder.absolute().parent.is_dir():
        raise StudyError(
            "Model must lie in an existing folder", repr(str(folder)), f"make {str(folder.parent)!r} first"
        )
    check_free(folder, overwrite=True)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / CARD).is_file():
        raise StudyError("Model must take the place of nothing but a model", repr(str(folder)), "name another folder")
    if not overwrite:
        raise StudyError("Model must be a new folder", repr(str(folder)), "name another, or give --overwrite")


def save_model(stored: StoredModel, folder: Path, *, overwrite: bool = False) -> None:
    """Write a model.

    Raises:
        StudyError: As ``check_free_for_model``.
        StorageError: The disk is full or cannot be written to; what was there before is kept.
    """
    check_free_for_model(folder, overwrite=overwrite)
    safetensors = require("safetensors.numpy", extra="risk")
    with staged(folder) as beside:
        beside.mkdir()
        (beside / ARRAYS).write_bytes(safetensors.save(dict(_arrays(stored.model))))
        stored.model.risk.save(beside / RISK)
        card = {**_card(stored), "risk_sha256": _risk_digest(beside)}
        (beside / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        stored.run.write(beside)


def load_model(folder: Path) -> StoredModel:
    """Read what ``save_model`` wrote.

    Raises:
        StudyError: The folder holds no model, one of a later version, or one that was changed since.
        RiskError: Its single-time risk was changed since.
    """
    card, arrays = _read(folder)
    try:
        model = _model(card, arrays, SingleTimeRisk.load(folder / RISK))
        stored = StoredModel(model=model, outcome=card["outcome"], run=RunRecord.read(folder), facts=card["facts"])
    except (KeyError, TypeError, ValueError, IndexError) as error:
        if isinstance(error, HoldfastError):
            raise
        raise StudyError(
            "Model must hold all its parts", f"a {type(error).__name__} in {folder.name!r}", "fit it again"
        ) from error
    found = _risk_digest(folder)
    if stored.digest != card["digest"] or card.get("risk_sha256", found) != found:  # older models do not say it
        raise StudyError("Model must be as it was saved", f"other bytes in {folder.name!r}", "fit or copy it again")
    return stored


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    safetensors = require("safetensors", extra="risk")
    numbers = require("safetensors.numpy", extra="risk")
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        arrays = numbers.load((folder / ARRAYS).read_bytes())
    except (OSError, ValueError, safetensors.SafetensorError) as error:
        raise StudyError(
            f"{folder.name!r} must be the folder of a risk model",
            f"a {type(error).__name__} while reading it",
            "name one that holdfast risk fit made",
        ) from error
    if not isinstance(card, dict) or card.get("format") != FORMAT or card.get("format_version") != FORMAT_VERSION:
        raise StudyError(f"{CARD} must be a risk model of format {FORMAT_VERSION}", "another", "use a newer Holdfast")
    return card, arrays


def _risk_digest(folder: Path) -> str:
    """Return the digest of the risk's card, which holds that of its arrays: what was copied from elsewhere is told."""
    return hashlib.sha256((folder / RISK / RISK_CARD).read_bytes()).hexdigest()


def _card(stored: StoredModel) -> dict[str, Any]:
    model = stored.model
    said: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "outcome": stored.outcome,
        "age": model.age,
        "settings": model.settings.to_json(),
        "columns": json.loads(Schema(features=model.columns).to_json()),
        "inputs": model.encoding.to_json(),
        "lead": _said_lead(model.lead),
        "encoders": len(model.encoders),
    }
    digest = hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode())
    for name, array in sorted(_arrays(model).items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return {**said, "digest": digest.hexdigest(), "facts": dict(stored.facts)}


def _said_lead(lead: Lead | None) -> dict[str, Any] | None:
    if lead is None:
        return None
    return {
        "names": list(lead.names),
        "taught": [taught.to_json() for taught in lead.taught],
        "means": lead.means.tolist(),
        "spreads": lead.spreads.tolist(),
        "scale": lead.scale,
    }


def _arrays(model: RiskModel) -> Arrays:
    arrays = {f"encoder.{m}.{name}": a for m, e in enumerate(model.encoders) for name, a in e.arrays.items()}
    arrays["reference"] = model.reference
    for place, taught in enumerate(model.lead.taught if model.lead is not None else ()):
        arrays |= {f"teacher.{place}.{name}": array for name, array in taught.arrays().items()}
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def _part(arrays: Arrays, prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _model(card: Mapping[str, Any], arrays: Arrays, risk: SingleTimeRisk) -> RiskModel:
    columns = Schema.from_json(json.dumps(card["columns"])).features
    return RiskModel(
        settings=RiskModelSettings.from_json(card["settings"]),
        encoding=InputEncoding.from_json(card["inputs"], columns),
        age=card["age"],
        lead=None if card["lead"] is None else _lead(card["lead"], arrays),
        encoders=tuple(VisitEncoder.from_arrays(_part(arrays, f"encoder.{m}.")) for m in range(int(card["encoders"]))),
        risk=risk,
        reference=arrays["reference"],
    )


def _lead(said: Mapping[str, Any], arrays: Arrays) -> Lead:
    return Lead(
        names=tuple(said["names"]),
        taught=tuple(
            TAUGHT[name].from_stored(kept, _part(arrays, f"teacher.{place}."))
            for place, (name, kept) in enumerate(zip(said["names"], said["taught"], strict=True))
        ),
        means=np.array(said["means"]),
        spreads=np.array(said["spreads"]),
        scale=float(said["scale"]),
    )
