"""Train a learned model from the package's utterances and write it to a folder: what ``holdfast safety train`` does.

Everything but the held-out split is used: four encoders, each blind to a quarter of the families, to calibrate, and
one over all that is kept.
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from holdfast.safety.learned.model import save_model
from holdfast.safety.learned.ngram_encoder import KIND as NGRAMS
from holdfast.safety.learned.semantic_encoder import KIND as SEMANTIC
from holdfast.safety.learned.semantic_encoder import NETWORK, TOKENIZER, SentenceNetwork
from holdfast.safety.learned.training.cross_fitting import Fit, TrainedEncoder, cross_fitted
from holdfast.safety.learned.training.examples import Examples
from holdfast.safety.learned.training.ngram_fitting import NGramSettings, fit_ngrams
from holdfast.safety.learned.training.onnx_export import export_network
from holdfast.safety.learned.training.projection_fitting import ProjectionSettings, fit_projection
from holdfast.safety.learned.training.prototypes import choose_references
from holdfast.safety.learned.training.thresholds import Aims, calibrated
from holdfast.safety.utterances.collection import UtteranceSet
from holdfast.safety.utterances.utterance import Split

__all__ = ["train_ngrams", "train_semantic"]

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class _Recipe:
    """How one kind of encoder is trained, and what its card says of it."""

    fit: Fit
    card: Mapping[str, Any]


def train_ngrams(utterances: UtteranceSet, folder: Path, *, settings: NGramSettings, aims: Aims, tell: Tell) -> None:
    """Train, calibrate and write the built-in encoder."""

    def fit(examples: Examples) -> TrainedEncoder:
        return fit_ngrams(examples, settings, tell=_epochs(tell, settings.epochs))

    languages = sorted({one.language.value for one in utterances.of(Split.TRAIN, Split.DEV)})
    card = {"encoder": NGRAMS, "languages": languages, "settings": asdict(settings)}
    _train(utterances, folder, _Recipe(fit=fit, card=card), aims, tell)


def train_semantic(
    utterances: UtteranceSet,
    folder: Path,
    *,
    source: str | Path,
    settings: ProjectionSettings,
    aims: Aims,
    tell: Tell,
) -> None:
    """Export a sentence network to ``folder``, train its projection, calibrate and write it.

    Raises:
        ContentError: ``source`` is no network that can be used.
        MissingExtraError: An extra is not installed.
    """
    tell(f"exporting {Path(source).name} to ONNX")
    with tempfile.TemporaryDirectory() as work:
        export_network(source, Path(work))
        network = SentenceNetwork.load(Path(work))
        known: dict[str, Any] = {}

        def fit(examples: Examples) -> TrainedEncoder:
            return fit_projection(examples, network, settings, known=known, tell=_epochs(tell, settings.epochs))

        card = {"encoder": SEMANTIC, "network": Path(source).name, "settings": asdict(settings)}
        _train(utterances, folder, _Recipe(fit=fit, card=card), aims, tell)
        for name in (NETWORK, TOKENIZER):
            shutil.copyfile(Path(work) / name, folder / name)


def _train(utterances: UtteranceSet, folder: Path, recipe: _Recipe, aims: Aims, tell: Tell) -> None:
    usable = utterances.of(Split.TRAIN, Split.DEV)
    tell("calibrating on families held out in turn")
    calibrations = calibrated(cross_fitted(usable, recipe.fit), aims)
    tell("training on all of them")
    examples = Examples.of(usable)
    encoder = recipe.fit(examples)
    references = choose_references(encoder.encode(examples.texts), examples.labels, seed=0)
    card = {
        **recipe.card,
        "loss": "nplb",
        "utterances_sha256": utterances.sha256,
        "trained_on": len(examples.texts),
        "families": len(set(examples.families)),
        "aims": asdict(aims),
        "kinds": [kind.to_dict() for kind in references.kinds],
        "calibration": calibrations.to_dict(),
        "status": "not yet reviewed by a clinician or a person with lived experience",
    }
    tensors = {**encoder.tensors(), "points": references.points, "owners": references.owners}
    save_model(folder, card, tensors)


def _epochs(tell: Tell, most: int) -> Callable[[int, float], None]:
    return lambda epoch, loss: tell(f"epoch {epoch} of {most}, loss {loss:.4f}")
