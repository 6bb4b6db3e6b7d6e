"""Files that are not whole ONNX encoders of this version are refused, each with its own reason."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from holdfast.metric.error import MetricError
from holdfast.metric.onnx.card import OnnxCard
from holdfast.metric.onnx.encoder import OnnxEncoder


def changed(exported, path: Path, change: Callable[[Any], None]) -> Path:
    """Write the exported encoder again with a change."""
    model = onnx.load(exported.path)
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


def with_card(exported, path: Path, **fields: Any) -> Path:
    """Write the exported encoder again with other fields in its card."""

    def change(model: Any) -> None:
        card = json.loads(model.metadata_props[0].value) | fields
        model.metadata_props[0].value = json.dumps(card)

    return changed(exported, path, change)


def test_a_path_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MetricError, match="where there is none; check the path"):
        OnnxEncoder.load(tmp_path / "missing.onnx")
    with pytest.raises(MetricError, match="where there is none; check the path"):
        OnnxEncoder.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x00" * 100, b"PK\x03\x04" + b"zip" * 50])
def test_what_is_not_onnx_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "encoder.onnx"
    path.write_bytes(content)
    with pytest.raises(MetricError, match=r"must be a whole ONNX file|ONNX version that ONNX Runtime"):
        OnnxEncoder.load(path)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_file_cut_short_is_refused(exported, tmp_path: Path, share: float) -> None:
    path, content = tmp_path / "encoder.onnx", exported.path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(MetricError, match="cut short"):
        OnnxEncoder.load(path)


def test_onnx_of_another_program_is_refused(exported, tmp_path: Path) -> None:
    path = changed(exported, tmp_path / "other.onnx", lambda model: model.ClearField("metadata_props"))
    with pytest.raises(MetricError, match=r"must be exported by Holdfast, .* has no card"):
        OnnxEncoder.load(path)


def test_another_format_version_is_refused(exported, tmp_path: Path) -> None:
    path = with_card(exported, tmp_path / "next.onnx", format_version=2, holdfast_version="9.1.0")
    with pytest.raises(MetricError, match=r"must be of format_version 1, got `2`; use .* exported with \('9\.1\.0'\)"):
        OnnxEncoder.load(path)


def test_a_newer_onnx_than_the_runtime_knows_is_refused(exported, tmp_path: Path) -> None:
    newer_ir = changed(exported, tmp_path / "ir.onnx", lambda model: setattr(model, "ir_version", 99))
    newer_opset = changed(
        exported, tmp_path / "opset.onnx", lambda model: setattr(model.opset_import[0], "version", 99)
    )
    for path in (newer_ir, newer_opset):
        with pytest.raises(MetricError, match=r"of an ONNX version that ONNX Runtime .* knows.*update onnxruntime"):
            OnnxEncoder.load(path)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"format": "other"}, "must be of format 'holdfast-onnx-encoder'"),
        ({"opset": "twenty"}, "must have every field of its version"),
        ({"about": None}, "must have every field of its version"),
        ({"embedding_dim": 9}, "must fit its card"),
        ({"input_shape": [4]}, "must fit its card"),
        ({"encoding": {"format": "other"}}, "must be of format 'holdfast-tabular-encoding'"),
    ],
)
def test_a_card_that_is_none_or_does_not_fit_is_refused(exported, tmp_path: Path, fields: Any, message: str) -> None:
    with pytest.raises(MetricError, match=message):
        OnnxEncoder.load(with_card(exported, tmp_path / "encoder.onnx", **fields))


def test_a_card_that_is_not_json_is_refused(exported, tmp_path: Path) -> None:
    path = changed(exported, tmp_path / "e.onnx", lambda model: setattr(model.metadata_props[0], "value", "{"))
    with pytest.raises(MetricError, match="must be JSON, got something else"):
        OnnxEncoder.load(path)


@pytest.mark.parametrize("threads", [0, -1, True, 1.5])
def test_a_number_of_threads_below_one_is_refused(exported, threads: Any) -> None:
    with pytest.raises(MetricError, match="threads must be a whole number of at least 1"):
        OnnxEncoder.load(exported.path, threads=threads)


def test_a_card_nested_without_end_is_refused() -> None:
    with pytest.raises(MetricError, match="must be JSON"):
        OnnxCard.from_json("[" * 100_000, path="encoder.onnx")
