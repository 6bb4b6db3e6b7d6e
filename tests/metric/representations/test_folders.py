"""Folders that were changed, are not whole, or hold something else."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from holdfast.errors import UnknownNameError
from holdfast.metric.error import MetricError
from holdfast.metric.representations.registry import load_representation, make_representation


@pytest.fixture
def kept(people: Any, tmp_path: Path) -> Path:
    make_representation("pca", dimensions=2).fit(people.rows).save(tmp_path / "kept")
    return tmp_path / "kept"


def rewritten(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a card and sign it anew, as somebody who knows how would."""
    card = json.loads((folder / "representation.json").read_text())
    change(card)
    del card["digest"]
    digest = hashlib.sha256(json.dumps(card, sort_keys=True).encode()).hexdigest()
    (folder / "representation.json").write_text(json.dumps(card | {"digest": digest}))


@pytest.mark.parametrize("name", ["pca", "vae", "nplb"])
def test_a_changed_byte_in_any_file_is_noticed(name: str, people: Any, quick: dict[str, Any], tmp_path: Path) -> None:
    made = make_representation(name, dimensions=2, settings=quick[name]).fit(people.rows, people.classes)
    made.save(tmp_path / "kept")
    for path in sorted((tmp_path / "kept").iterdir()):
        whole = path.read_bytes()
        path.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
        with pytest.raises(MetricError, match=r"must be as (it was|they were) saved|must be a folder that save wrote"):
            load_representation(tmp_path / "kept")
        path.write_bytes(whole)
    load_representation(tmp_path / "kept")


def test_a_changed_card_is_refused(kept: Path) -> None:
    path = kept / "representation.json"
    path.write_text(path.read_text().replace('"dimensions": 2', '"dimensions": 3'))
    with pytest.raises(MetricError, match=r"^Representation card must be as it was saved, got `representation.json` "):
        load_representation(kept)


def test_a_missing_or_added_file_is_refused(kept: Path) -> None:
    message = "^Representation must have the files it was saved with, got more or fewer; copy the whole folder again"
    (kept / "more.bin").write_bytes(b"x")
    with pytest.raises(MetricError, match=message):
        load_representation(kept)
    (kept / "more.bin").unlink()
    (kept / "layers.safetensors").unlink()
    with pytest.raises(MetricError, match=message):
        load_representation(kept)


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"format": "other"}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_card_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "representation.json").write_bytes(content)
    with pytest.raises(MetricError, match=r"^Representation must be a folder that save wrote, got no card at "):
        load_representation(tmp_path)


def test_another_format_version_is_refused(kept: Path) -> None:
    rewritten(kept, lambda card: card.update(format_version=2))
    with pytest.raises(MetricError, match=r"^Representation must be of format version 1, got `2`; load it with"):
        load_representation(kept)


def test_an_unknown_representation_is_refused(kept: Path) -> None:
    rewritten(kept, lambda card: card.update(name="umap"))
    with pytest.raises(UnknownNameError, match=r"^Representation must be a known id, got 'umap'"):
        load_representation(kept)


@pytest.mark.parametrize(
    "change",
    [
        lambda card: card["content"].pop("settings"),
        lambda card: card["content"].update(settings={"colour": 1}),
        lambda card: card["content"].update(layers={}),
        lambda card: card["content"].update(layers=[1]),
        lambda card: card["content"]["layers"]["encoder"].update(n_inputs=9),
        lambda card: card["content"]["layers"]["encoder"].update(activations=["exp"]),
        lambda card: card["content"]["layers"]["encoder"].update(activations=["linear", "linear"]),
        lambda card: card.update(name="nplb"),
    ],
)
def test_a_card_that_does_not_fit_its_tensors_is_refused(
    kept: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    rewritten(kept, change)
    with pytest.raises(
        MetricError, match=r"must be those that were saved|must have learnt|must be as it was saved|must be a folder"
    ):
        load_representation(kept)


@pytest.mark.parametrize("bad", [np.nan, "float64", "shape"])
def test_tensors_of_other_types_shapes_or_values_are_refused(kept: Path, bad: Any) -> None:
    tensors = load((kept / "layers.safetensors").read_bytes())
    weight = tensors["encoder.0.weight"]
    tensors["encoder.0.weight"] = {"float64": weight.astype(np.float64), "shape": weight[:, :5].copy()}.get(
        bad, np.full_like(weight, np.nan)
    )
    (kept / "layers.safetensors").write_bytes(content := save(tensors))
    rewritten(kept, lambda card: card["files"].update({"layers.safetensors": hashlib.sha256(content).hexdigest()}))
    with pytest.raises(MetricError, match=r"^Layers must be those that were saved, got (other|numbers)"):
        load_representation(kept)


def test_a_folder_that_is_not_empty_is_never_written_over(kept: Path, people: Any, tmp_path: Path) -> None:
    fitted = make_representation("raw").fit(people.rows)
    before = {path: path.read_bytes() for path in kept.iterdir()}
    with pytest.raises(MetricError, match=r"^Representation must be saved to a new folder, got `"):
        fitted.save(kept)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(MetricError, match=r"^Representation must be saved to a new folder, got `"):
        fitted.save(tmp_path / "file")
    assert {path: path.read_bytes() for path in kept.iterdir()} == before
    (tmp_path / "empty").mkdir()
    fitted.save(tmp_path / "empty")
    load_representation(tmp_path / "empty")
