"""Train a learned model from the package's utterances and write it to a folder: what ``holdfast safety train`` does."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from holdfast.safety.learned.encoder import Encoder
from holdfast.safety.learned.model import save_model
from holdfast.safety.learned.ngram_encoder import KIND
from holdfast.safety.learned.semantic_encoder import KIND as SEMANTIC
from holdfast.safety.learned.semantic_encoder import SentenceNetwork
from holdfast.safety.learned.training.examples import Examples
from holdfast.safety.learned.training.ngram_fitting import NGramSettings, fit_ngrams
from holdfast.safety.learned.training.onnx_export import export_network
from holdfast.safety.learned.training.projection_fitting import ProjectionSettings, fit_projection
from holdfast.safety.learned.training.prototypes import choose_references
from holdfast.safety.learned.training.thresholds import calibrated
from holdfast.safety.utterances.collection import UtteranceSet
from holdfast.safety.utterances.utterance import Split

__all__ = ["Aims", "train_ngrams", "train_semantic", "write_model"]


@dataclass(frozen=True, kw_only=True)
class Aims:
    """What the thresholds are set for: shares of the dev split's look-alikes asked about, and taken for a crisis."""

    alarms: float = 0.03
    crises: float = 0.002


def train_ngrams(
    utterances: UtteranceSet,
    folder: Path,
    *,
    settings: NGramSettings,
    aims: Aims,
    tell: Callable[[int, float], None],
) -> None:
    """Train the built-in encoder on the train split, calibrate it on the dev split, and write it to ``folder``."""
    encoder = fit_ngrams(Examples.of(utterances.of(Split.TRAIN)), settings, tell=tell)
    write_model(utterances, folder, encoder=encoder, tensors=encoder.tensors(), aims=aims,
                card={"encoder": KIND, "settings": asdict(settings)})  # fmt: skip


def train_semantic(
    utterances: UtteranceSet,
    folder: Path,
    *,
    source: str | Path,
    settings: ProjectionSettings,
    aims: Aims,
    tell: Callable[[int, float], None],
) -> None:
    """Export a sentence network to ``folder``, train its projection on the train split and calibrate it.

    Raises:
        ContentError: ``source`` is no network that can be used.
        MissingExtraError: An extra is not installed.
    """
    export_network(source, folder)
    network = SentenceNetwork.load(folder)
    encoder = fit_projection(Examples.of(utterances.of(Split.TRAIN)), network, settings, tell=tell)
    card = {"encoder": SEMANTIC, "network": Path(source).name, "settings": asdict(settings)}
    write_model(utterances, folder, encoder=encoder, tensors=encoder.tensors(), aims=aims, card=card)


def write_model(
    utterances: UtteranceSet,
    folder: Path,
    *,
    encoder: Encoder,
    tensors: Mapping[str, Any],
    aims: Aims,
    card: Mapping[str, Any],
) -> None:
    """Choose references, calibrate, and write everything to ``folder``."""
    examples = Examples.of(utterances.of(Split.TRAIN))
    references = choose_references(encoder.encode(examples.texts), examples.labels, seed=0)
    calibration = calibrated(encoder, references, utterances.of(Split.DEV), alarms=aims.alarms, crises=aims.crises)
    save_model(
        folder,
        {
            **card,
            "loss": "nplb",
            "utterances_sha256": utterances.sha256,
            "trained_on": len(examples.texts),
            "aims": asdict(aims),
            "kinds": [kind.to_dict() for kind in references.kinds],
            "calibration": calibration.to_dict(),
            "status": "not yet reviewed by a clinician or a person with lived experience",
        },
        {**tensors, "points": references.points, "owners": references.owners},
    )
