"""Claims about a model's folder: what is saved is read, what is damaged is refused with the remedy, the card fits."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from holdfast.errors import ContentError
from holdfast.safety.detection.verdict import Category, Subject
from holdfast.safety.learned import BUILT_IN, LearnedModel, load_model
from holdfast.safety.learned.model import CARD, TENSORS, save_model
from holdfast.safety.utterances.collection import UtteranceSet
from holdfast.safety.utterances.utterance import Language, Split

TEXTS = ["I cannot sleep", "mañana será otro día", "我睡不着", ""]

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the installed model, to be damaged."""
    return Path(shutil.copytree(BUILT_IN, tmp_path / "model"))


def change_card(folder: Path, change: Change) -> None:
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    change(card)
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")


def change_tensors(folder: Path, change: Change) -> None:
    tensors = load_file(folder / TENSORS)
    change(tensors)
    save_file(tensors, folder / TENSORS)


def test_the_installed_model_was_trained_on_the_utterances_in_the_package_or_run_holdfast_safety_train(
    installed: LearnedModel, utterances: UtteranceSet
) -> None:
    assert installed.card["utterances_sha256"] == utterances.sha256, (
        "The utterances have changed since the installed model was trained; run: holdfast safety train"
    )
    usable = utterances.of(Split.TRAIN, Split.DEV)
    assert installed.card["trained_on"] == len(usable)
    assert installed.card["families"] == len({one.family for one in usable})


def test_the_installed_model_is_what_its_card_says(installed: LearnedModel) -> None:
    card = installed.card
    assert [kind.to_dict() for kind in installed.references.kinds] == card["kinds"]
    assert installed.calibrations.to_dict() == card["calibration"]
    assert card["languages"] == sorted(language.value for language in Language)
    assert installed.encoder.dimensions == card["settings"]["dimensions"] == installed.references.points.shape[1]
    assert installed.encoder.id.startswith(f"{card['encoder']}@")
    assert card["status"].startswith("not yet reviewed")


def test_the_installed_model_knows_every_kind_of_danger_to_oneself_and_to_others(installed: LearnedModel) -> None:
    known = {(kind.category, kind.subject) for kind in installed.references.risks}
    assert known == {(category, subject) for category in Category for subject in (Subject.SELF, Subject.OTHER)}


def test_the_installed_model_tells_most_languages_of_the_set_apart(
    installed: LearnedModel, utterances: UtteranceSet
) -> None:
    test = [one for one in utterances.of(Split.TEST) if not one.is_window][::4]
    _, tongues = installed.encoder.encode_with_language([one.text for one in test])
    right = [one.language.value == tongue for one, tongue in zip(test, tongues, strict=True)]
    assert sum(right) / len(right) > 0.9


def test_what_is_saved_is_what_is_read(installed: LearnedModel, tmp_path: Path) -> None:
    card = {name: value for name, value in installed.card.items() if name != "format"}
    save_model(tmp_path / "new" / "folder", card, load_file(BUILT_IN / TENSORS))
    again = load_model(tmp_path / "new" / "folder")
    assert again.card == installed.card
    assert again.references.kinds == installed.references.kinds
    assert again.calibrations == installed.calibrations
    assert (again.encoder.encode(TEXTS) == installed.encoder.encode(TEXTS)).all()


@pytest.mark.parametrize("name", [CARD, TENSORS])
def test_another_byte_anywhere_is_another_version(folder: Path, installed: LearnedModel, name: str) -> None:
    if name == CARD:
        (folder / name).write_bytes((folder / name).read_bytes() + b"\n")
    else:
        change_tensors(folder, lambda tensors: tensors["points"].__imul__(0.5))
    changed = load_model(folder)
    assert changed.sha256 != installed.sha256
    assert changed.encoder.id != installed.encoder.id


@pytest.mark.parametrize(
    ("name", "message"),
    [(CARD, "must be a folder with model.json.*holdfast safety train"), (TENSORS, "must be a readable file.*train")],
)
def test_a_missing_file_is_refused_with_the_remedy(folder: Path, name: str, message: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ContentError, match=message):
        load_model(folder)


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        (CARD, b"{", "must be JSON; train the model again"),
        (CARD, b"\xff\xfe", "must be JSON; train the model again"),
        (CARD, b"[]", "must be of format 1; train the model again"),
        (TENSORS, b"", "must be a whole safetensors file; train the model again"),
        (TENSORS, b"not tensors at all", "must be a whole safetensors file; train the model again"),
    ],
)
def test_a_damaged_file_is_refused_with_the_remedy(folder: Path, name: str, raw: bytes, message: str) -> None:
    (folder / name).write_bytes(raw)
    with pytest.raises(ContentError, match=message):
        load_model(folder)


def test_a_file_cut_short_is_refused(folder: Path) -> None:
    raw = (folder / TENSORS).read_bytes()
    (folder / TENSORS).write_bytes(raw[: len(raw) // 2])
    with pytest.raises(ContentError, match="must be a whole safetensors file; train the model again"):
        load_model(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda card: card.update(format=2), "must be of format 1; train the model again"),
        (lambda card: card.pop("format"), "must be of format 1; train the model again"),
        (lambda card: card.pop("kinds"), "must be a learned model.*train it again"),
        (lambda card: card.pop("calibration"), "must be a learned model.*train it again"),
        (lambda card: card.pop("encoder"), "must be a learned model.*train it again"),
        (lambda card: card.update(calibration=[]), "must be a learned model.*train it again"),
        (lambda card: card.update(calibration={}), "must hold one under 'any'"),
        (lambda card: card["calibration"]["any"].pop("ask"), "must be a learned model.*train it again"),
        (lambda card: card["calibration"]["any"].update(ask="low"), "must be a learned model.*train it again"),
        (lambda card: card["kinds"][0].update(category="weather"), "must be a learned model.*train it again"),
        (lambda card: card["kinds"].pop(), "must give every kind its points.*train again"),
        (lambda card: card["languages"].pop(), "tables must have 131072 rows of int8"),
        (lambda card: card.update(encoder="semantic"), "must hold network.onnx"),
    ],
)
def test_a_card_that_does_not_fit_is_refused_with_the_remedy(folder: Path, change: Change, message: str) -> None:
    change_card(folder, change)
    with pytest.raises(ContentError, match=message):
        load_model(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tensors: tensors.pop("points"), "must be a learned model.*train it again"),
        (lambda tensors: tensors.pop("rarity"), "must hold the tensor 'rarity'; train it again"),
        (lambda tensors: tensors.update(points=tensors["points"][:, :-1].copy()), "references as long as its vectors"),
        (lambda tensors: tensors.update(owners=tensors["owners"][:-1].copy()), "must give every kind its points"),
        (lambda tensors: tensors.update(codes=tensors["codes"].astype(np.float32)), "131072 rows of int8"),
    ],
)
def test_tensors_that_do_not_fit_are_refused_with_the_remedy(folder: Path, change: Change, message: str) -> None:
    change_tensors(folder, change)
    with pytest.raises(ContentError, match=message):
        load_model(folder)
