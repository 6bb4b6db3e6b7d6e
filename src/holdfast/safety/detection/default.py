"""The detection a new installation runs with: rules, the learned layer in the package, a semantic one if set."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.safety.detection.layered import LayeredDetector
from holdfast.safety.detection.rulebook import Rulebook, load_rulebook
from holdfast.safety.detection.rules import RuleDetector
from holdfast.safety.detection.verdict import Detector

if TYPE_CHECKING:
    from holdfast.safety.learned.model import LearnedModel

__all__ = ["BUDGET_S", "artefacts", "default_detector"]

BUDGET_S = 2.0
"""Seconds a layer may take where it can be interrupted."""


def default_detector(*, semantic: Path | None = None, interrupt: bool = False) -> LayeredDetector:
    """Return the default detector. Rules and models are read on first use, then shared.

    Args:
        semantic: Folder of a model with a sentence encoder, as a third layer (``holdfast safety train --encoder``).
        interrupt: Give up on a layer after ``BUDGET_S``: where people wait. Not for files, which it slows down.

    Raises:
        ContentError: A rule file or a model is missing or malformed.
        MissingExtraError: The semantic model needs an extra that is not installed.
    """
    from holdfast.safety.learned import LearnedDetector, load_model

    layers: dict[str, Detector] = {"rules": RuleDetector(_rulebook()), "learned": LearnedDetector(_built_in())}
    if semantic is not None:
        layers["semantic"] = LearnedDetector(load_model(semantic), name="semantic")
    return LayeredDetector(layers, required=("rules", "learned"), budget_s=BUDGET_S, interrupt=interrupt)


def artefacts() -> dict[str, str]:
    """Return the SHA-256 of every file the default detector rests on, by name, for traces and releases."""
    return {**_rulebook().artefacts, "detection-learned": _built_in().sha256}


@cache
def _rulebook() -> Rulebook:
    return load_rulebook()


@cache
def _built_in() -> "LearnedModel":
    from holdfast.safety.learned import load_model

    return load_model()
