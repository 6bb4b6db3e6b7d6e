"""The detection a new installation runs with: rules, the learned layer, and the semantic one where it can run."""

import time
from enum import StrEnum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.processors import usable_processors
from holdfast.safety.detection.layered import LayeredDetector
from holdfast.safety.detection.rulebook import Rulebook, load_rulebook
from holdfast.safety.detection.rules import RuleDetector
from holdfast.safety.detection.verdict import Detector

if TYPE_CHECKING:
    from holdfast.safety.learned.model import LearnedModel

__all__ = ["BUDGET_S", "SemanticLayer", "artefacts", "default_detector"]

BUDGET_S = 2.0
"""Seconds a layer may take where it can be interrupted."""

_SEMANTIC = "semantic"
_MOST_CORES = 2
"""Cores that read one message: divided among more, it costs what it saves."""

_HEARD_FIRST = (_SEMANTIC, "rules")
"""Whose word on whom and when counts first: who was right most often on dev."""


class SemanticLayer(StrEnum):
    """Whether the semantic layer runs. ``AUTO``: where its runtime, the extra ``semantic``, is installed."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


def default_detector(
    *, semantic: SemanticLayer | Path = SemanticLayer.AUTO, interrupt: bool = False
) -> LayeredDetector:
    """Return the default detector. Rules and models are read on first use, then shared.

    Where the semantic layer does not run, every verdict says that it is off.

    Args:
        semantic: Whether the semantic layer of the package runs, or the folder of another model for it
            (``holdfast safety train --encoder``).
        interrupt: Give up on a layer after ``BUDGET_S``, read one message with up to two cores, and compile the rules
            now, not as they are met: where people wait. Not for files, which it slows down, and whose verdicts must not
            depend on what else the machine does: there the budget counts processor time.

    Raises:
        ContentError: A rule file or a model is missing or malformed.
        MissingExtraError: The semantic layer must run and its runtime is not installed.
    """
    from holdfast.safety.learned import LearnedDetector

    book = _rulebook()
    if interrupt:
        book.ready()
    layers: dict[str, Detector] = {"rules": RuleDetector(book), "learned": LearnedDetector(_built_in())}
    if (model := _semantic_model(semantic, interrupt=interrupt)) is not None:
        layers[_SEMANTIC] = LearnedDetector(model, name=_SEMANTIC, plain=book.plain.of)
    return LayeredDetector(
        layers,
        required=tuple(layers),
        off=(_SEMANTIC,),
        heard_first=_HEARD_FIRST,
        budget_s=BUDGET_S,
        clock=time.monotonic if interrupt else time.thread_time,
        interrupt=interrupt,
    )


def artefacts(semantic: SemanticLayer | Path = SemanticLayer.AUTO, *, interrupt: bool = False) -> dict[str, str]:
    """Return the SHA-256 of every file the default detector rests on, by name, for traces and releases.

    Asked for as ``default_detector`` was, it reads no model a second time.
    """
    found = {**_rulebook().artefacts, "detection-learned": _built_in().sha256}
    model = _semantic_model(semantic, interrupt=interrupt)
    return found if model is None else {**found, "detection-semantic": model.sha256}


def _semantic_model(choice: SemanticLayer | Path, *, interrupt: bool) -> "LearnedModel | None":
    from holdfast.safety.learned.model import SEMANTIC

    threads = min(_MOST_CORES, usable_processors()) if interrupt else 1
    if isinstance(choice, Path):
        return _model(choice, threads)
    is_there = _has_runtime() and SEMANTIC.is_dir()
    runs = choice is SemanticLayer.ON or (choice is SemanticLayer.AUTO and is_there)
    return _model(SEMANTIC, threads) if runs else None


def _has_runtime() -> bool:
    return all(find_spec(module) is not None for module in ("onnxruntime", "tokenizers"))


@cache
def _rulebook() -> Rulebook:
    return load_rulebook()


@cache
def _model(folder: Path, threads: int = 1) -> "LearnedModel":
    from holdfast.safety.learned import load_model

    return load_model(folder, threads=threads)


def _built_in() -> "LearnedModel":
    from holdfast.safety.learned.model import BUILT_IN

    return _model(BUILT_IN)
