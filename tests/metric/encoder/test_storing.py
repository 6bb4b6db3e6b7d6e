"""Saved and loaded, an encoder embeds as before; what is no encoder is refused."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import nn

from holdfast.metric.encoder.networks import small_convnet
from holdfast.metric.encoder.triplet_encoder import TripletEncoder
from holdfast.metric.error import MetricError
from holdfast.metric.losses.registry import MDRLoss
from holdfast.metric.onnx.encoder import OnnxEncoder

QUICK: dict[str, Any] = {"epochs": 3, "hidden": (8,), "embedding_dim": 3, "random_state": 0}


def table() -> tuple[pd.DataFrame, np.ndarray]:
    generator = np.random.default_rng(0)
    frame = pd.DataFrame({"age": generator.normal(50, 9, 60), "region": generator.choice(["n", "s"], 60)})
    frame.loc[::7, "age"] = np.nan
    return frame, np.array(["a", "b", "c"])[np.arange(60) % 3]


@pytest.mark.parametrize("loss", ["nplb-all", "mdr"])
def test_a_loaded_encoder_embeds_and_scores_exactly_as_the_saved_one(tmp_path: Path, loss: str) -> None:
    frame, labels = table()
    settings = QUICK | {"loss": loss, "normalize": True, "epochs": np.int64(3)}
    saved = TripletEncoder(**settings).fit(frame, labels)
    saved.save(tmp_path / "encoder")
    loaded = TripletEncoder.load(tmp_path / "encoder")
    np.testing.assert_array_equal(loaded.transform(frame), saved.transform(frame))
    assert loaded.score(frame, labels) == saved.score(frame, labels)
    assert loaded.get_params() == saved.get_params()
    assert loaded.classes_.tolist() == ["a", "b", "c"]
    assert list(loaded.feature_names_in_) == ["age", "region"]
    assert loaded.training_ == saved.training_
    for ours, theirs in zip(loaded.loss_.state_dict().values(), saved.loss_.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("labels", [[3, 5], [True, False], [0.5, 1.5], ["ä", "b"]])
def test_classes_keep_their_type(tmp_path: Path, labels: list[object]) -> None:
    rows = np.random.default_rng(0).normal(size=(8, 2))
    saved = TripletEncoder(**QUICK).fit(rows, labels * 4)
    saved.save(tmp_path)
    loaded = TripletEncoder.load(tmp_path)
    assert loaded.classes_.dtype == saved.classes_.dtype
    assert loaded.classes_.tolist() == saved.classes_.tolist()


def test_a_folder_holds_one_card_and_one_file_of_tensors_and_no_pickle(tmp_path: Path) -> None:
    TripletEncoder(**QUICK).fit(*table()).save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["encoder.json", "weights.safetensors"]
    card = json.loads((tmp_path / "encoder.json").read_text())
    assert (card["format"], card["format_version"]) == ("holdfast-triplet-encoder", 1)
    assert card["loss"]["settings"]["margin"] == 1.0
    assert card["training"]["best_epoch"] == 3
    header = int.from_bytes((tmp_path / "weights.safetensors").read_bytes()[:8], "little")
    assert json.loads((tmp_path / "weights.safetensors").read_bytes()[8 : 8 + header])


def test_saving_again_replaces_the_encoder_and_leaves_other_files(tmp_path: Path) -> None:
    frame, labels = table()
    TripletEncoder(**QUICK).fit(frame, labels).save(tmp_path)
    (tmp_path / "notes.txt").write_text("kept")
    second = TripletEncoder(**QUICK | {"random_state": 5}).fit(frame, labels)
    second.save(tmp_path)
    np.testing.assert_array_equal(TripletEncoder.load(tmp_path).transform(frame), second.transform(frame))
    assert (tmp_path / "notes.txt").read_text() == "kept"


def test_a_loaded_encoder_can_be_trained_further(tmp_path: Path) -> None:
    frame, labels = table()
    saved = TripletEncoder(**QUICK, warm_start=True, validation_fraction=0).fit(frame, labels)
    saved.save(tmp_path)
    further = TripletEncoder.load(tmp_path).fit(frame, labels)
    assert [record.epoch for record in further.training_.epochs] == [1, 2, 3, 4, 5, 6]
    assert not np.array_equal(further.transform(frame), saved.transform(frame))


def pictures() -> tuple[np.ndarray, np.ndarray]:
    return np.random.default_rng(0).normal(size=(20, 1, 8, 8)).astype(np.float32), np.arange(20) % 2


def test_a_network_of_one_s_own_is_given_again(tmp_path: Path) -> None:
    shown, labels = pictures()
    saved = TripletEncoder(**QUICK, network=small_convnet(1, 8, 3), normalize=True).fit(shown, labels)
    saved.save(tmp_path)
    loaded = TripletEncoder.load(tmp_path, network=small_convnet(1, 8, 3))
    np.testing.assert_array_equal(loaded.transform(shown), saved.transform(shown))
    with pytest.raises(MetricError, match=r"network must be given again .* got None; pass a `Sequential`"):
        TripletEncoder.load(tmp_path)
    with pytest.raises(MetricError, match="network must be built as the saved one"):
        TripletEncoder.load(tmp_path, network=small_convnet(1, 8, 4))


def test_a_loss_of_one_s_own_is_needed_only_to_train_further(tmp_path: Path) -> None:
    rows, labels = np.random.default_rng(0).normal(size=(12, 2)), np.arange(12) % 2
    saved = TripletEncoder(**QUICK, loss=MDRLoss()).fit(rows, labels)
    saved.save(tmp_path)
    loaded = TripletEncoder.load(tmp_path)
    np.testing.assert_array_equal(loaded.transform(rows), saved.transform(rows))
    with pytest.raises(MetricError, match="loss must be a name or a torch module, got `None`"):
        loaded.fit(rows, labels)
    assert TripletEncoder.load(tmp_path, loss=MDRLoss()).partial_fit(rows, labels).training_.best_epoch == 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    TripletEncoder(**QUICK).fit(*table()).save(tmp_path)
    return tmp_path


def changed(folder: Path, **entries: object) -> None:
    card = json.loads((folder / "encoder.json").read_text())
    (folder / "encoder.json").write_text(json.dumps(card | entries))


def test_a_folder_that_holds_no_encoder_is_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(MetricError, match=r"folder that TripletEncoder\.save wrote"):
        TripletEncoder.load(tmp_path / "nowhere")
    for content in ("", "[1]", '{"format": "cake"}', "\x00\xff"):
        (folder / "encoder.json").write_text(content)
        with pytest.raises(MetricError, match=r"folder that TripletEncoder\.save wrote"):
            TripletEncoder.load(folder)


def test_a_card_that_is_not_text_is_refused(folder: Path) -> None:
    (folder / "encoder.json").write_bytes(b"\x80\x81")
    with pytest.raises(MetricError, match=r"folder that TripletEncoder\.save wrote"):
        TripletEncoder.load(folder)


def test_a_format_of_another_version_is_refused(folder: Path) -> None:
    changed(folder, format_version=2)
    with pytest.raises(MetricError, match="format version 1, got `2`"):
        TripletEncoder.load(folder)


def test_weights_that_are_missing_or_not_the_card_s_are_refused(folder: Path) -> None:
    weights = folder / "weights.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1])
    with pytest.raises(MetricError, match="Weights must be those written with the card"):
        TripletEncoder.load(folder)
    weights.unlink()
    with pytest.raises(MetricError, match=r"must hold weights\.safetensors"):
        TripletEncoder.load(folder)


@pytest.mark.parametrize("entry", ["parameters", "architecture", "encoding", "classes", "training", "seed"])
def test_a_card_with_a_part_missing_is_refused(folder: Path, entry: str) -> None:
    card = json.loads((folder / "encoder.json").read_text())
    del card[entry]
    (folder / "encoder.json").write_text(json.dumps(card))
    with pytest.raises(MetricError, match=f"card must be as it was saved, got it changed .*{entry}"):
        TripletEncoder.load(folder)


def test_an_encoder_of_another_architecture_is_refused(folder: Path) -> None:
    card = json.loads((folder / "encoder.json").read_text())
    changed(folder, architecture=card["architecture"] | {"hidden": [9]})
    with pytest.raises(MetricError, match="network must be built as the saved one"):
        TripletEncoder.load(folder)
    with pytest.raises(MetricError, match="network must be None"):
        TripletEncoder.load(folder, network=nn.Linear(2, 3))


def test_saving_to_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("here")
    with pytest.raises(MetricError, match="saved to a folder, got the file"):
        TripletEncoder(**QUICK).fit(*table()).save(tmp_path / "taken")


def test_settings_that_json_cannot_hold_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    encoder = TripletEncoder(**QUICK).fit(*table())
    encoder.set_params(patience=object())
    with pytest.raises(MetricError, match="must fit JSON"):
        encoder.save(tmp_path / "new")
    assert not list((tmp_path / "new").glob("*"))


def test_something_else_in_a_checkpoint_s_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.safetensors").write_bytes(b"not tensors")
    with pytest.raises(MetricError, match="Checkpoint must be written by Holdfast"):
        TripletEncoder(**QUICK, checkpoint=tmp_path).fit(*table())


@pytest.mark.parametrize("normalize", [False, True])
def test_exported_to_onnx_tables_are_embedded_without_torch_to_1e_5(tmp_path: Path, normalize: bool) -> None:
    frame, labels = table()
    encoder = TripletEncoder(**QUICK, normalize=normalize).fit(frame, labels)
    encoder.export_onnx(tmp_path / "encoder.onnx")
    served = OnnxEncoder.load(tmp_path / "encoder.onnx")
    np.testing.assert_allclose(served.transform(frame), encoder.transform(frame), rtol=0, atol=1e-5)


def test_exported_to_onnx_pictures_are_embedded_without_torch_to_1e_5(tmp_path: Path) -> None:
    shown, labels = pictures()
    encoder = TripletEncoder(**QUICK, network=small_convnet(1, 8, 3)).fit(shown, labels)
    encoder.export_onnx(tmp_path / "encoder.onnx")
    served = OnnxEncoder.load(tmp_path / "encoder.onnx").transform(shown)
    np.testing.assert_allclose(served, encoder.transform(shown), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "changed",
    [
        {"hidden": (5, 5)},
        {"normalize": True},
        {"embedding_dim": 7},
        {"loss": "mdr"},
        {"loss_settings": {"margin": 3.0}},
        {"network": nn.Linear(2, 2)},
    ],
    ids=str,
)
def test_settings_changed_after_fitting_are_not_saved_in_place_of_those_it_was_fitted_with(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    rows, labels = table()
    encoder = TripletEncoder(**QUICK).fit(rows, labels)
    before = encoder.transform(rows)
    encoder.set_params(**changed)
    encoder.save(tmp_path / "encoder")
    again = TripletEncoder.load(tmp_path / "encoder")
    np.testing.assert_array_equal(again.transform(rows), before)
    assert repr(again.loss_) == repr(encoder.loss_)
    assert again.network is None
    again.fit(rows, labels)


def _change(folder: Path, path: tuple[str | int, ...], value: object) -> None:
    card = json.loads((folder / "encoder.json").read_text())
    inner = card
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    (folder / "encoder.json").write_text(json.dumps(card))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("parameters",), [1], "card must be as it was saved"),
        (("parameters", "checkpoint"), "elsewhere", "must not set checkpoint"),
        (("architecture", "hidden"), [10**9, 10**9], "must be built as the saved one"),
        (("architecture", "embedding_dim"), "a", "embedding_dim must be|card must be as it was saved"),
        (("seed",), "a", "card must be as it was saved"),
        (("seed",), float("nan"), "card must be as it was saved"),
        (("classes", "dtype"), "int64", "card must be as it was saved"),
        (("classes", "values"), [[1, 2], [2, 3]], "Labels must be one a row"),
        (("feature_names_in",), ["another"], "must name the columns of its encoding"),
    ],
)
def test_a_card_tampered_with_is_refused_before_memory_is_taken(
    tmp_path: Path, path: tuple[str | int, ...], value: object, said: str
) -> None:
    TripletEncoder(**QUICK).fit(*table()).save(tmp_path)
    _change(tmp_path, path, value)
    with pytest.raises(MetricError, match=said):
        TripletEncoder.load(tmp_path)


@pytest.mark.parametrize("named", ["load", "__name__", "complex64"])
def test_rows_of_no_known_type_are_refused_not_looked_up(tmp_path: Path, named: str) -> None:
    network = torch.nn.Linear(3, 2)
    rows = np.random.default_rng(0).normal(size=(24, 3)).astype(np.float32)
    TripletEncoder(**QUICK, network=network).fit(rows, np.arange(24) % 2).save(tmp_path)
    _change(tmp_path, ("architecture", "row_dtype"), named)
    with pytest.raises(MetricError, match="must read rows of a known type, got"):
        TripletEncoder.load(tmp_path, network=torch.nn.Linear(3, 2))


@pytest.mark.parametrize("dtype", [torch.int64, torch.float64])
def test_weights_of_another_type_are_refused_instead_of_rounded(tmp_path: Path, dtype: torch.dtype) -> None:
    TripletEncoder(**QUICK).fit(*table()).save(tmp_path)
    path = tmp_path / "weights.safetensors"
    path.write_bytes(save_tensors({name: held.to(dtype) for name, held in load_tensors(path.read_bytes()).items()}))
    _change(tmp_path, ("weights_sha256",), hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(MetricError, match="network must be built as the saved one, got another: other types"):
        TripletEncoder.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"garbage!" * 9, (2**60).to_bytes(8, "little") + b"{}"])
def test_weights_that_are_no_safetensors_are_refused_even_with_their_digest(tmp_path: Path, content: bytes) -> None:
    TripletEncoder(**QUICK).fit(*table()).save(tmp_path)
    (tmp_path / "weights.safetensors").write_bytes(content)
    _change(tmp_path, ("weights_sha256",), hashlib.sha256(content).hexdigest())
    with pytest.raises(MetricError, match="Weights must be safetensors"):
        TripletEncoder.load(tmp_path)


def test_a_card_nested_without_end_is_no_card(tmp_path: Path) -> None:
    (tmp_path / "encoder.json").write_text("[" * 100_000)
    with pytest.raises(MetricError, match=r"Encoder must be a folder that TripletEncoder\.save wrote"):
        TripletEncoder.load(tmp_path)


def test_a_loaded_encoder_trains_on_from_its_weights_and_leaves_the_files_alone(tmp_path: Path) -> None:
    rows, labels = table()
    TripletEncoder(**QUICK).fit(rows, labels).save(tmp_path)
    content = (tmp_path / "weights.safetensors").read_bytes()
    loaded = TripletEncoder.load(tmp_path)
    before = {name: held.clone() for name, held in loaded.network_.state_dict().items()}
    loaded.set_params(learning_rate=1e-4).partial_fit(rows, labels)
    for name, held in loaded.network_.state_dict().items():
        assert 0 < (held - before[name]).abs().max() < 1e-2
    assert (tmp_path / "weights.safetensors").read_bytes() == content
