"""Embeddings are written whole or not at all, and go on where they were cut off."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from holdfast.errors import StorageError
from holdfast.metric.error import MetricError
from holdfast.metric.tables.embedding_files import EmbeddingParts, embedding_frame, made_from
from holdfast.staged import staged

INPUTS = {"table": "t", "encoder": "e"}


def part(number: int, rows: int = 5) -> pl.DataFrame:
    z = np.full((rows, 3), number, dtype=np.float32) + np.arange(3, dtype=np.float32) / 10
    ids = pl.DataFrame({"id": [f"{number}-{i}" for i in range(rows)], "n": pl.Series([number] * rows, dtype=pl.Int16)})
    return embedding_frame(ids, z)


def test_the_result_holds_the_ids_as_they_were_and_float32_embeddings_in_order(tmp_path: Path) -> None:
    out = tmp_path / "z.parquet"
    with EmbeddingParts.open(out, inputs=INPUTS) as parts:
        for number in range(4):
            parts.add(part(number))
        assert not out.exists()
        parts.assemble()
    read = pl.read_parquet(out)
    assert read.equals(pl.concat([part(number) for number in range(4)]))
    assert read.schema == {"id": pl.String, "n": pl.Int16, "z_0": pl.Float32, "z_1": pl.Float32, "z_2": pl.Float32}
    assert made_from(out) == INPUTS
    assert [p.name for p in tmp_path.iterdir()] == ["z.parquet"]


def test_a_second_run_goes_on_after_the_last_whole_part(tmp_path: Path) -> None:
    out = tmp_path / "z.parquet"
    with EmbeddingParts.open(out, inputs=INPUTS) as parts:
        parts.add(part(0))
        parts.add(part(1, rows=2))
    with EmbeddingParts.open(out, inputs=INPUTS) as parts:
        assert parts.rows == 7
        parts.add(part(2))
        parts.assemble()
    assert pl.read_parquet(out).equals(pl.concat([part(0), part(1, rows=2), part(2)]))


@pytest.mark.parametrize("harm", ["changed", "gone", "ledger cut"])
def test_a_damaged_part_and_what_follows_it_are_made_again(tmp_path: Path, harm: str) -> None:
    out = tmp_path / "z.parquet"
    with EmbeddingParts.open(out, inputs=INPUTS) as parts:
        for number in range(3):
            parts.add(part(number))
    second, ledger = parts.folder / "part-000001.parquet", parts.folder / "ledger.jsonl"
    if harm == "changed":
        second.write_bytes(second.read_bytes()[:-1] + b"X")
    elif harm == "gone":
        second.unlink()
    else:
        lines = ledger.read_text().splitlines()
        ledger.write_text("\n".join([*lines[:2], lines[2][:20]]))
    with EmbeddingParts.open(out, inputs=INPUTS) as parts:
        assert parts.rows == 5
        parts.add(part(1))
        parts.assemble()
    assert pl.read_parquet(out).equals(pl.concat([part(0), part(1)]))


def test_parts_made_from_something_else_are_refused_with_a_way_out(tmp_path: Path) -> None:
    with EmbeddingParts.open(tmp_path / "z.parquet", inputs=INPUTS) as parts:
        parts.add(part(0))
    again = EmbeddingParts.open(tmp_path / "z.parquet", inputs={**INPUTS, "encoder": "other"})
    with pytest.raises(MetricError, match=r"must be made from the same table, .*--restart"):
        again.__enter__()


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    with EmbeddingParts.open(tmp_path / "z.parquet", inputs=INPUTS):
        second = EmbeddingParts.open(tmp_path / "z.parquet", inputs=INPUTS)
        with pytest.raises(MetricError, match="Only one run may write"):
            second.__enter__()


def test_without_rows_there_is_no_result(tmp_path: Path) -> None:
    with (
        EmbeddingParts.open(tmp_path / "z.parquet", inputs=INPUTS) as parts,
        pytest.raises(MetricError, match="Table must have rows, got none"),
    ):
        parts.assemble()
    assert not (tmp_path / "z.parquet").exists()


def test_made_from_says_nothing_of_other_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "b")
    assert made_from(tmp_path / "a") is None
    assert made_from(tmp_path / "b") is None
    assert made_from(tmp_path / "none") is None


def _write_half(path: Path, error: Exception) -> None:
    with staged(path) as beside:
        beside.write_text("half")
        raise error


def test_a_file_that_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps("before"))
    with pytest.raises(StorageError, match="No space left on device; nothing was half-written"):
        _write_half(path, OSError(28, "No space left on device"))
    with pytest.raises(KeyError, match="x"):
        _write_half(path, KeyError("x"))
    assert json.loads(path.read_text()) == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    for text in ("before", "after"):
        with staged(tmp_path / "enc") as beside:
            beside.mkdir()
            (beside / "card").write_text(text)
    assert (tmp_path / "enc" / "card").read_text() == "after"
    assert [p.name for p in tmp_path.iterdir()] == ["enc"]
