"""``holdfast metric score`` gives the figures of ``evaluate``, for an encoder and for its embeddings alike."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from holdfast.cli.metric_embed import embed
from holdfast.cli.metric_score import score
from holdfast.measured import Scored
from holdfast.metric.encoder.triplet_encoder import TripletEncoder
from holdfast.metric.error import MetricError
from holdfast.metric.evaluation.report import evaluate

N = 400


def table_of() -> pl.DataFrame:
    random = np.random.default_rng(0)
    y = random.integers(3, size=N)
    x = random.normal(size=(N, 2)) + 2 * np.eye(3)[y][:, :2]
    columns = {"id": np.arange(N), "a": x[:, 0], "b": x[:, 1], "y": np.array(["p", "q", "r"])[y]}
    return pl.DataFrame(columns)


FRAME = table_of()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an encoder, a table and its embeddings."""
    folder = tmp_path_factory.mktemp("made")
    fitted = TripletEncoder(epochs=1, embedding_dim=3, hidden=(8,), random_state=0)
    fitted.fit(FRAME.select("a", "b"), FRAME["y"].to_numpy()).save(folder / "enc")
    fitted.export_onnx(folder / "enc.onnx")
    FRAME.write_parquet(folder / "t.parquet", row_group_size=90)
    FRAME.write_csv(folder / "t.csv")
    args = [str(folder / "enc"), str(folder / "t.parquet"), "--out", str(folder / "z.parquet"), "--id", "id"]
    assert CliRunner().invoke(embed, args).exit_code == 0
    return folder


def run(*args: object) -> Result:
    return CliRunner().invoke(score, [*map(str, args), "--label", "y"])


def figures(*args: object) -> dict[str, Any]:
    result = run(*args, "--json")
    assert result.exit_code == 0, repr(result.exception)
    said: dict[str, Any] = json.loads(result.stdout)
    return said


def refused(match: str, *args: object) -> None:
    result = run(*args)
    with pytest.raises(MetricError, match=match):
        _raise(result)


def _raise(result: Result) -> None:
    if result.exception:
        raise result.exception


@pytest.mark.parametrize("source", ["enc", "enc.onnx", "z.parquet"])
@pytest.mark.parametrize("table", ["t.parquet", "t.csv"])
def test_the_figures_are_those_of_evaluate_on_the_same_rows(made: Path, source: str, table: str) -> None:
    said = figures(made / source, made / table, "--k", 3)
    z = pl.read_parquet(made / "z.parquet").select("z_0", "z_1", "z_2").to_numpy()
    wanted = evaluate(z, FRAME["y"].to_numpy(), k=3)
    assert (said["rows_judged"], said["rows"], said["k"]) == (N, N, 3)
    for name in ("knn_accuracy", "precision_at_1", "map_at_r", "r_precision"):
        measured = getattr(wanted, name)
        assert isinstance(measured, Scored)
        assert said["figures"][name]["value"] == pytest.approx(measured.value, abs=1e-4)


def test_ids_find_the_labels_of_a_table_in_another_order(made: Path, tmp_path: Path) -> None:
    FRAME.sample(fraction=1.0, shuffle=True, seed=1).write_parquet(tmp_path / "shuffled.parquet")
    by_id = figures(made / "z.parquet", tmp_path / "shuffled.parquet", "--id", "id")
    assert by_id == figures(made / "z.parquet", made / "t.parquet")
    assert by_id != figures(made / "z.parquet", tmp_path / "shuffled.parquet")


@pytest.mark.parametrize("source", ["enc", "enc.onnx"])
def test_rows_are_looked_up_among_those_of_a_reference(made: Path, tmp_path: Path, source: str) -> None:
    FRAME[:150].write_parquet(tmp_path / "test.parquet")
    FRAME[150:].write_csv(tmp_path / "train.csv")
    said = figures(made / source, tmp_path / "test.parquet", "--reference", tmp_path / "train.csv", "--threads", 1)
    model = TripletEncoder.load(made / "enc")
    z, y = model.transform(FRAME.select("a", "b")), FRAME["y"].to_numpy()
    true = evaluate(z[:150], y[:150], reference=z[150:], reference_labels=y[150:])
    assert isinstance(true.map_at_r, Scored)
    assert said["figures"]["map_at_r"]["value"] == pytest.approx(true.map_at_r.value, abs=1e-6)
    assert (said["rows_judged"], said["reference_rows"], said["reference_total"]) == (150, 250, 250)


def test_a_reference_in_which_rows_find_themselves_or_that_cannot_be_embedded_is_refused(made: Path) -> None:
    table = made / "t.parquet"
    refused("each row would find itself", made / "enc", table, "--reference", table)
    refused("Reference must come with an encoder", made / "z.parquet", table, "--reference", made / "t.csv")


def test_a_label_called_like_an_embedding_is_refused(made: Path, tmp_path: Path) -> None:
    FRAME.rename({"y": "z_0"}).write_parquet(tmp_path / "t.parquet")
    args = [str(made / "z.parquet"), str(tmp_path / "t.parquet"), "--label", "z_0"]
    with pytest.raises(MetricError, match="Label must not be called like an embedding, got 'z_0'"):
        _raise(CliRunner().invoke(score, args))


def test_a_sample_is_the_same_for_an_encoder_and_for_its_embeddings(made: Path) -> None:
    one = figures(made / "enc", made / "t.csv", "--max-rows", 100)
    other = figures(made / "z.parquet", made / "t.parquet", "--max-rows", 100)
    assert (one["rows_judged"], one["rows"]) == (100, N)
    assert one["figures"]["map_at_r"]["value"] == pytest.approx(other["figures"]["map_at_r"]["value"], abs=1e-6)
    assert one != figures(made / "enc", made / "t.csv", "--max-rows", 100, "--seed", 1)


def test_missing_labels_are_refused_with_their_number_or_dropped_and_said(made: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.parquet"
    FRAME.with_columns(pl.when(pl.col("id") < 7).then(None).otherwise(pl.col("y")).alias("y")).write_parquet(table)
    refused(r"got 7 of 400 rows without one; .*--drop-missing-labels", made / "enc", table)
    assert figures(made / "enc", table, "--drop-missing-labels")["dropped_without_label"] == 7
    assert "7 rows without a label were left out" in run(made / "z.parquet", table, "--drop-missing-labels").stdout


def test_what_was_not_measured_says_why_and_has_no_value(made: Path, tmp_path: Path) -> None:
    FRAME.with_columns(pl.lit("same").alias("y")).write_parquet(tmp_path / "t.parquet")
    silhouette = figures(made / "enc", tmp_path / "t.parquet")["figures"]["silhouette"]
    assert set(silhouette) == {"unscored"}
    assert "not measured: " in run(made / "enc", tmp_path / "t.parquet").stdout


def test_tables_that_do_not_match_are_refused(made: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.parquet"
    for part in (FRAME[:300], pl.concat([FRAME, FRAME[:1]])):
        part.write_parquet(table)
        refused("must have equally many rows", made / "z.parquet", table)
    refused("Ids must name one row each", made / "z.parquet", table, "--id", "id")
    FRAME[:300].write_parquet(table)
    refused("got .* that are not; give the table that was embedded", made / "z.parquet", table, "--id", "id")
    FRAME.with_columns(pl.col("id").cast(pl.String)).write_parquet(table)
    refused("Id 'id' must have one type", made / "z.parquet", table, "--id", "id")
    refused(r"Embeddings must be in columns z_0, z_1, \.\.\., got none in 't\.parquet'", made / "t.parquet", table)
    refused("Ids must come with embeddings", made / "enc", table, "--id", "id")
    refused("Table must have two labelled rows", made / "enc", _empty(table))


def _empty(path: Path) -> Path:
    FRAME[:0].write_parquet(path)
    return path
