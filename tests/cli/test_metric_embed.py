"""``holdfast metric embed`` embeds tables of any size, goes on where it was stopped, and leaves no half result."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from holdfast.cli.metric_embed import embed
from holdfast.errors import HoldfastError, StorageError
from holdfast.metric.encoder.triplet_encoder import TripletEncoder
from holdfast.metric.error import MetricError

N = 1000


def table_of(n: int = N) -> pl.DataFrame:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({"a": random.normal(size=n), "b": random.normal(size=n)})
    where = pl.Series("where", ["x", "y", "z"]).gather(random.integers(3, size=n))
    names = pl.Series("name", [f"{i:05d}" for i in range(n)])
    return frame.with_columns(where, names, (pl.col("a") > 0).cast(pl.Int8).alias("y")).with_columns(
        pl.when(pl.col("y") == 0).then(None).otherwise(pl.col("b")).alias("b")
    )


FRAME = table_of()


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained") / "enc"
    fitted = TripletEncoder(epochs=1, embedding_dim=3, hidden=(8,), random_state=0)
    fitted.fit(FRAME.select("a", "b", "where"), FRAME["y"].to_numpy()).save(folder)
    fitted.export_onnx(folder.parent / "enc.onnx")
    return folder


def expected(encoder: Path) -> np.ndarray:
    return TripletEncoder.load(encoder).transform(FRAME.select("a", "b", "where"))


def written(path: Path, frame: pl.DataFrame = FRAME) -> str:
    frame.write_parquet(path, row_group_size=130) if path.suffix == ".parquet" else frame.write_csv(path)
    return str(path)


def run(*args: object) -> Result:
    return CliRunner().invoke(embed, [str(arg) for arg in args])


def _raise(result: Result) -> None:
    if result.exception:
        raise result.exception


def refused(error: type[HoldfastError], match: str, *args: object) -> None:
    result = run(*args)
    with pytest.raises(error, match=match):
        _raise(result)


@pytest.mark.parametrize("name", ["t.parquet", "t.csv"])
@pytest.mark.parametrize("kind", ["folder", "onnx"])
@pytest.mark.parametrize("batch_rows", [100, 65536])
def test_embeddings_are_those_of_transform_with_the_ids_carried_along(
    tmp_path: Path, encoder: Path, name: str, kind: str, batch_rows: int
) -> None:
    source = encoder if kind == "folder" else encoder.with_suffix(".onnx")
    out = tmp_path / "z.parquet"
    args = (source, written(tmp_path / name), "--out", out, "--id", "name", "--id", "y", "--json")
    result = run(*args, "--batch-rows", batch_rows)
    assert json.loads(result.stdout) == {"out": str(out), "rows": N, "dimensions": 3, "ids": ["name", "y"]}
    read = pl.read_parquet(out)
    assert read.columns == ["name", "y", "z_0", "z_1", "z_2"]
    assert read["name"].to_list() == FRAME["name"].to_list()
    assert read["y"].to_list() == FRAME["y"].to_list()
    assert read.dtypes[2:] == [pl.Float32] * 3
    np.testing.assert_allclose(read.select("z_0", "z_1", "z_2").to_numpy(), expected(encoder), atol=1e-5)


def test_a_folder_of_parts_is_embedded_in_order(tmp_path: Path, encoder: Path) -> None:
    (tmp_path / "parts").mkdir()
    for number in range(4):
        written(tmp_path / "parts" / f"{number}.parquet", FRAME.slice(number * 250, 250))
    assert run(encoder, tmp_path / "parts", "--out", tmp_path / "z.parquet", "--id", "name").exit_code == 0
    assert pl.read_parquet(tmp_path / "z.parquet")["name"].to_list() == FRAME["name"].to_list()


class Stopping:
    """Stops the run after some batches, as Ctrl-C would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
        self.embedded, transform = 0, TripletEncoder.transform

        def stopping(encoder: TripletEncoder, rows: Any) -> Any:
            if self.embedded == after * 100:
                raise KeyboardInterrupt
            self.embedded += len(rows)
            return transform(encoder, rows)

        monkeypatch.setattr(TripletEncoder, "transform", stopping)


@pytest.fixture
def stopped(tmp_path: Path, encoder: Path) -> tuple[object, ...]:
    """A run stopped after three batches of 100: the arguments it was given."""
    table = written(tmp_path / "t.csv")
    args = (encoder, table, "--out", tmp_path / "z.parquet", "--id", "name", "--batch-rows", 100)
    with pytest.MonkeyPatch.context() as patch:
        Stopping(patch, after=3)
        result = run(*args)
    assert result.exit_code == 130
    assert "Give the same command again to go on" in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "z.parquet").exists()
    return args


def test_the_same_command_goes_on_where_it_was_stopped(
    tmp_path: Path, encoder: Path, stopped: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Stopping(monkeypatch, after=100)
    assert run(*stopped).exit_code == 0
    assert counting.embedded == N - 300
    monkeypatch.undo()
    read = pl.read_parquet(tmp_path / "z.parquet")
    assert read["name"].to_list() == FRAME["name"].to_list()
    np.testing.assert_array_equal(read.select("z_0", "z_1", "z_2").to_numpy(), expected(encoder))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["t.csv", "z.parquet"]


def test_another_table_does_not_go_on_and_restart_begins_anew(tmp_path: Path, stopped: tuple[object, ...]) -> None:
    written(tmp_path / "t.csv", FRAME.reverse())
    refused(MetricError, "must be made from the same table, encoder and ids", *stopped)
    assert not (tmp_path / "z.parquet").exists()
    assert run(*stopped, "--restart").exit_code == 0
    assert pl.read_parquet(tmp_path / "z.parquet")["name"].to_list() == FRAME["name"].to_list()[::-1]


def test_a_finished_result_is_left_alone_and_another_is_replaced_only_when_asked(tmp_path: Path, encoder: Path) -> None:
    table, out = written(tmp_path / "t.parquet"), tmp_path / "z.parquet"
    assert run(encoder, table, "--out", out).exit_code == 0
    before = out.stat().st_mtime_ns
    again = run(encoder, table, "--out", out)
    assert again.exit_code == 0
    assert "nothing to do" in again.stderr
    assert out.stat().st_mtime_ns == before
    refused(MetricError, "must be a new path, .*--overwrite", encoder, table, "--out", out, "--id", "name")
    assert run(encoder, table, "--out", out, "--id", "name", "--overwrite").exit_code == 0
    assert "name" in pl.read_parquet(out).columns


def test_the_result_is_told_as_json_also_where_there_was_nothing_to_do(tmp_path: Path, encoder: Path) -> None:
    table, out = written(tmp_path / "t.parquet"), tmp_path / "z.parquet"
    first, again = (run(encoder, table, "--out", out, "--json", "--threads", 1).stdout for _ in range(2))
    assert json.loads(first)["rows"] == len(pl.read_parquet(table))
    assert first == again


def test_a_full_disk_leaves_no_half_result_and_the_run_can_go_on(tmp_path: Path, encoder: Path) -> None:
    """The limit on the size of a file stands in for a full disk: parts of 100 rows fit, the whole result does not."""
    args = (encoder, written(tmp_path / "t.parquet"), "--out", tmp_path / "z.parquet", "--batch-rows", 100)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8000, hard))
    try:
        refused(StorageError, "got: File too large; nothing was half-written", *args)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "z.parquet").exists()
    assert run(*args).exit_code == 0
    assert pl.read_parquet(tmp_path / "z.parquet").height == N


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda f: f.drop("a"), r"Column must be one of t\.csv, got 'a'"),
        (lambda f: f.rename({"where": "Where"}), r"got 'where'; did you mean Where\?"),
        (
            lambda f: f.with_columns(pl.lit("much").alias("a")),
            "of t.csv must hold numbers, as in training, got words",
        ),
        (lambda f: f.with_columns(pl.lit(float("inf")).alias("a")), "'a'"),
        (lambda f: f[:0], "Table must have rows, got none"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path: Path, encoder: Path, change: Any, match: str) -> None:
    table = written(tmp_path / "t.csv", change(FRAME))
    refused(MetricError, match, encoder, table, "--out", tmp_path / "z.parquet", "--id", "name")
    assert not (tmp_path / "z.parquet").exists()


def test_what_is_no_encoder_is_refused(tmp_path: Path, encoder: Path) -> None:
    table, out = written(tmp_path / "t.parquet"), ("--out", tmp_path / "z.parquet")
    refused(MetricError, "folder or an .onnx file, got nothing at", tmp_path / "enc", table, *out)
    refused(MetricError, "folder or an .onnx file, got 't.parquet'", table, table, *out)
    refused(MetricError, "got no encoder card", tmp_path, table, *out)
    (tmp_path / "x.onnx").write_bytes(b"not onnx")
    refused(MetricError, "must be a whole ONNX file", tmp_path / "x.onnx", table, *out)
    refused(MetricError, "Result must be a Parquet file, got 'z.csv'", encoder, table, "--out", tmp_path / "z.csv")
    plain = TripletEncoder(epochs=1, embedding_dim=3, hidden=(8,), random_state=0)
    plain.fit(FRAME.select("a").to_numpy(), FRAME["y"].to_numpy()).save(tmp_path / "plain")
    refused(MetricError, "must know its columns by name", tmp_path / "plain", table, *out)


def test_an_id_called_like_an_embedding_is_refused(tmp_path: Path, encoder: Path) -> None:
    table = written(tmp_path / "t.parquet", FRAME.rename({"name": "z_1"}))
    args = (encoder, table, "--out", tmp_path / "z.parquet", "--id", "z_1")
    refused(MetricError, "must not be called like an embedding, got 'z_1'", *args)


PROGRAM = "import sys; from holdfast.cli.metric_embed import embed; embed.main(sys.argv[1:])"


@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.long)])
def test_a_process_that_is_stopped_or_killed_goes_on_afterwards(tmp_path: Path, encoder: Path, how: int) -> None:
    frame = table_of(60_000)
    table, out = written(tmp_path / "t.parquet", frame), tmp_path / "z.parquet"
    args = [str(encoder), table, "--out", str(out), "--id", "name", "--batch-rows", "50"]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *args],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    ledger = out.with_name("z.parquet.parts") / "ledger.jsonl"
    while process.poll() is None and not (ledger.exists() and len(ledger.read_text().splitlines()) > 5):
        time.sleep(0.02)
    process.send_signal(how)
    _, said = process.communicate()
    assert not out.exists()
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "go on" in said
    assert run(*args[:-2], "--quiet").exit_code == 0
    assert pl.read_parquet(out)["name"].to_list() == frame["name"].to_list()


MEMORY = """
import resource, sys
import torch, polars
from holdfast.cli.metric_embed import embed
torch.set_num_threads(1)
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
embed.main([sys.argv[1], sys.argv[2], "--quiet", "--out", sys.argv[4] + "1.parquet"], standalone_mode=False)
before = peak()
options = ["--quiet", "--batch-rows", "8192"]
embed.main([sys.argv[1], sys.argv[3], *options, "--out", sys.argv[4] + "2.parquet"], standalone_mode=False)
print("GROWTH", peak() - before)
"""


@pytest.mark.long
@pytest.mark.parametrize("kind", ["folder", "onnx"])
@pytest.mark.parametrize("name", ["t.parquet", "t.csv"])
def test_memory_does_not_grow_with_the_table(tmp_path: Path, name: str, kind: str) -> None:
    """A table of 160 MB as float64, in one row group, is embedded within 64 MiB on top of a small one's peak."""
    random = np.random.default_rng(0)
    frame = pl.DataFrame({f"f{i}": random.normal(size=500_000) for i in range(40)})
    small, large = written(tmp_path / f"s-{name}", frame[:1000]), tmp_path / name
    frame.write_parquet(large, row_group_size=2_000_000) if large.suffix == ".parquet" else frame.write_csv(large)
    assert large.stat().st_size > 150e6
    fitted = TripletEncoder(epochs=1, embedding_dim=3, hidden=(8,), random_state=0)
    fitted.fit(frame[:500], np.arange(500) % 2).save(tmp_path / "enc")
    fitted.export_onnx(tmp_path / "enc.onnx")
    source = tmp_path / ("enc" if kind == "folder" else "enc.onnx")
    args = [sys.executable, "-c", MEMORY, str(source), small, str(large), str(tmp_path / "z")]
    done = subprocess.run(args, capture_output=True, text=True, check=True)
    assert int(done.stdout.split("GROWTH")[1]) < 64
