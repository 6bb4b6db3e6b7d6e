"""Train a learned model from the package's utterances and write it to a folder: what ``holdfast safety train`` does.

For the built-in encoder everything but the held-out split is used: four encoders, each blind to a quarter of the
families, to calibrate, and one over all that is kept. The semantic one learns from the training split and is calibrated
on the dev split.
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from holdfast.safety.learned.calibration import Calibrations
from holdfast.safety.learned.encoder import Encoder, Vectors
from holdfast.safety.learned.gravity_head import GravityHead
from holdfast.safety.learned.model import amend_model, load_model, save_model
from holdfast.safety.learned.ngram_encoder import KIND as NGRAMS
from holdfast.safety.learned.reading import Reader
from holdfast.safety.learned.references import References
from holdfast.safety.learned.semantic_encoder import KIND as SEMANTIC
from holdfast.safety.learned.semantic_encoder import NETWORK, TOKENIZER, SemanticEncoder, SentenceNetwork
from holdfast.safety.learned.tense_head import TenseHead
from holdfast.safety.learned.training.boundary_fitting import fit_boundary
from holdfast.safety.learned.training.cross_fitting import Fold, Placed, TrainedEncoder, fitted_folds, placed_by
from holdfast.safety.learned.training.examples import Examples
from holdfast.safety.learned.training.gravity_fitting import teach_gravity
from holdfast.safety.learned.training.narrowing import NarrowingSettings, narrow
from holdfast.safety.learned.training.network_fitting import NetworkSettings, fit_network
from holdfast.safety.learned.training.ngram_fitting import NGramSettings, fit_ngrams
from holdfast.safety.learned.training.onnx_export import export_network, read_source
from holdfast.safety.learned.training.prototypes import choose_references
from holdfast.safety.learned.training.taught import Encode, Taught
from holdfast.safety.learned.training.tense_fitting import (
    carrying,
    judged_by,
    judged_on,
    stratified,
    teach,
)
from holdfast.safety.learned.training.thresholds import Aims, calibrated
from holdfast.safety.learned.training.tongues import language_scores
from holdfast.safety.utterances.collection import UtteranceSet
from holdfast.safety.utterances.utterance import Split, Utterance

__all__ = ["teach_tense", "train_ngrams", "train_semantic"]

Tell = Callable[[str], None]
_TaughtOrNone = TypeVar("_TaughtOrNone", bound=Taught[Any] | None)

_AT_ONCE = 256
_TRAINED = "holdfast.json"
"""What a tuned network was trained on, beside its weights."""
_TO_EVEN_BY = 500
"""Texts by which a network is evened out for eight bits."""


@dataclass(frozen=True)
class _Trained:
    """What training gives."""

    encoder: TrainedEncoder
    references: References
    calibrations: Calibrations
    heads: tuple[Taught[Any] | None, ...] = ()


def train_ngrams(utterances: UtteranceSet, folder: Path, *, settings: NGramSettings, aims: Aims, tell: Tell) -> None:
    """Train, calibrate and write the built-in encoder."""

    def fit(examples: Examples) -> TrainedEncoder:
        return fit_ngrams(examples, settings, tell=_epochs(tell, settings.epochs))

    usable = utterances.of(Split.TRAIN, Split.DEV)
    tell("calibrating on families held out in turn")
    folds = fitted_folds(usable, fit)
    calibrations = calibrated(placed_by(folds), aims)
    tell("training on all of them")
    examples = Examples.of(usable)
    encoder = fit(examples)
    references = choose_references(encoder.encode(examples.texts), examples.labels, seed=0)
    card = {"encoder": NGRAMS, "languages": sorted(set(examples.languages)), "settings": asdict(settings)}
    tense = _taught_by_folds(encoder, usable, folds, tell)
    _write(folder, _Trained(encoder, references, calibrations, (tense,)), examples, utterances, aims, card)


def train_semantic(
    utterances: UtteranceSet,
    folder: Path,
    *,
    source: str | Path,
    settings: NetworkSettings,
    aims: Aims,
    tell: Tell,
) -> None:
    """Fine-tune a sentence network on the training split, calibrate it on the dev split and write it to ``folder``.

    Fine-tuning four times over, as the built-in encoder is, would take hours: dev has to do. The state of a training
    that was stopped lies in ``folder``'s neighbour ``FOLDER.training``; the next call goes on from there. The network
    before it was cut to eight bits is left in ``FOLDER.tuned``, so that a later training can begin with it.

    Raises:
        ContentError: ``source`` is no network that can be used.
        InputError: The neighbour holds the state of another training.
        MissingExtraError: An extra is not installed.
    """
    work = folder.with_name(f"{folder.name}.training")
    examples = Examples.of(utterances.of(Split.TRAIN))
    tell(f"fine-tuning {Path(source).name} on {len(examples.texts)} texts")
    tuned = fit_network(examples, source, work, settings, tell=_epochs(tell, settings.epochs))
    tell("teaching it to read long texts at fewer places")
    narrowed = _narrowed(tuned, work / "narrowed", examples.texts, tell)
    tell("exporting it to ONNX")
    export_network(narrowed, work / "onnx", examples.texts[:: max(1, len(examples.texts) // _TO_EVEN_BY)])
    network = SentenceNetwork.load(work / "onnx")
    encode = _remembering(network)
    vectors = encode(examples.texts)
    tongues, languages = language_scores(vectors, examples.languages), tuple(sorted(set(examples.languages)))
    encoder = SemanticEncoder(network=network, tongues=tongues, languages=languages, id=SEMANTIC)
    references = choose_references(vectors, examples.labels, seed=0, examples_a_point=10, most=400)
    boundary = fit_boundary(vectors, examples.is_danger, references)
    tell("calibrating on dev")
    dev = utterances.of(Split.DEV)
    reader = Reader(encoder=encoder, references=references, boundary=boundary)
    worst = reader.worst([one.turns for one in dev])
    placed = Placed(
        tuple(dev), np.array([place for place, _ in worst], dtype=np.float32), tuple(language for _, language in worst)
    )
    before = _trained_before(Path(source))
    card = {
        "encoder": SEMANTIC,
        "network": before[0]["network"] if before else Path(source).name,
        "languages": list(languages),
        "settings": asdict(settings),
        "narrowing": asdict(NarrowingSettings()),
        "trained_before": before,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name in (NETWORK, TOKENIZER):
        shutil.copyfile(work / "onnx" / name, folder / name)
    heads = (
        _tense_on_dev(encode, utterances, tell),
        _gravity_on_dev(encode, utterances, tell),
        Taught(head=boundary, facts={}),
    )
    trained = _Trained(encoder, references, calibrated(placed, aims), heads)
    _write(folder, trained, examples, utterances, aims, card)
    kept = folder.with_name(f"{folder.name}.tuned")
    shutil.rmtree(kept, ignore_errors=True)
    shutil.move(tuned, kept)
    now = {"network": card["network"], "trained_on": len(examples.texts), "settings": card["settings"]}
    (kept / _TRAINED).write_text(json.dumps([*before, now], indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(work)
    tell(f"left the tuned network in {kept} to train further; remove it if you will not")


def teach_tense(utterances: UtteranceSet, folder: Path, *, tell: Tell) -> None:
    """Teach the model in ``folder`` to tell past from present; its encoder and all else of it stay as they are.

    For the built-in encoder another is trained without dev and thrown away, to see what is told of lines not seen.

    Raises:
        ContentError: There is no model in ``folder``, or it is damaged.
        MissingExtraError: It is a semantic model, and ONNX Runtime or tokenizers are not installed.
    """
    model = load_model(folder)
    if isinstance(model.encoder, SemanticEncoder):
        tense = _tense_on_dev(_remembering(model.encoder.network), utterances, tell)
    else:
        settings = NGramSettings(**model.card["settings"])
        seen, held = utterances.of(Split.TRAIN), utterances.of(Split.DEV)
        tell("training one without dev")
        blind = fit_ngrams(Examples.of(seen), settings, tell=_epochs(tell, settings.epochs))
        tense = _taught_by_folds(model.encoder, [*seen, *held], [Fold(blind, tuple(seen), tuple(held))], tell)
    if tense is not None:
        amend_model(folder, tense.field, tense.head.tensors())


def _narrowed(tuned: Path, folder: Path, texts: Sequence[str], tell: Tell) -> Path:
    """Return ``folder``, with the network of ``tuned`` taught to read long texts at fewer places; once is enough."""
    if not folder.is_dir():
        tokenizer, network = read_source(tuned)
        narrow(network, tokenizer, texts, NarrowingSettings(), tell=_epochs(tell, NarrowingSettings().epochs))
        beside = folder.with_name(f"{folder.name}.part")
        network.save_pretrained(beside)
        tokenizer.save_pretrained(beside)
        beside.rename(folder)
    return folder


def _taught_by_folds(
    encoder: Encoder, usable: Sequence[Utterance], folds: Sequence[Fold], tell: Tell
) -> Taught[TenseHead] | None:
    tell("telling past from present on what was held out")
    return _told(teach(encoder.encode, usable, lambda _: judged_by(folds)), tell)


def _tense_on_dev(encode: Encode, utterances: UtteranceSet, tell: Tell) -> Taught[TenseHead] | None:
    tell("telling past from present on dev")
    lines = stratified(carrying(utterances.of(Split.TRAIN)))
    return _told(teach(encode, lines, lambda head: judged_on(head, encode, utterances.of(Split.DEV))), tell)


def _gravity_on_dev(encode: Encode, utterances: UtteranceSet, tell: Tell) -> Taught[GravityHead] | None:
    tell("telling how grave a danger is on dev")
    return _told(teach_gravity(encode, utterances.of(Split.TRAIN), utterances.of(Split.DEV)), tell)


def _told(taught: _TaughtOrNone, tell: Tell) -> _TaughtOrNone:
    tell("it cannot be told well enough, and never will be" if taught is None else f"told: {taught.facts}")
    return taught


def _trained_before(source: Path) -> list[dict[str, Any]]:
    """Return what the network of ``source`` was trained on by earlier calls, oldest first."""
    told = source / _TRAINED
    found: list[dict[str, Any]] = json.loads(told.read_text(encoding="utf-8")) if told.is_file() else []
    return found


def _remembering(network: SentenceNetwork) -> Encode:
    """Return what works out the vector of each text once, however often it is asked for."""
    known: dict[str, Vectors] = {}

    def encode(texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, _encoded(network, new), strict=True))
        return np.array([known[text] for text in texts], dtype=np.float32)

    return encode


def _encoded(network: SentenceNetwork, texts: Sequence[str]) -> Vectors:
    """Return the vectors of many texts, worked out on every core: ONNX Runtime lets go of the interpreter's lock."""
    with ThreadPoolExecutor() as threads:
        some = threads.map(
            network.encode, [texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE)]
        )
        return np.concatenate(list(some))


def _write(
    folder: Path,
    trained: _Trained,
    examples: Examples,
    utterances: UtteranceSet,
    aims: Aims,
    card: Mapping[str, Any],
) -> None:
    heads = [taught for taught in trained.heads if taught is not None]
    facts = {
        "loss": "nplb",
        "utterances_sha256": utterances.sha256,
        "trained_on": len(examples.texts),
        "families": len(set(examples.families)),
        "aims": asdict(aims),
        "kinds": [kind.to_dict() for kind in trained.references.kinds],
        "calibration": trained.calibrations.to_dict(),
        **{name: said for taught in heads for name, said in taught.field.items()},
        "status": "not yet reviewed by a clinician or a person with lived experience",
    }
    tensors = {
        **trained.encoder.tensors(),
        **{name: tensor for taught in heads for name, tensor in taught.head.tensors().items()},
        "points": trained.references.points,
        "owners": trained.references.owners,
    }
    save_model(folder, {**card, **facts}, tensors)


def _epochs(tell: Tell, most: int) -> Callable[[float, float], None]:
    return lambda done, loss: tell(f"{done:g} of {most} epochs, loss {loss:.4f}")
