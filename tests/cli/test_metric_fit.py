"""``holdfast metric fit`` trains on tables of any size and order, and refuses in one line what it cannot learn from."""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from holdfast.cli.metric_fit import fit
from holdfast.errors import HoldfastError, StorageError, UnknownNameError
from holdfast.metric.encoder.triplet_encoder import TripletEncoder
from holdfast.metric.error import MetricError

QUICK = ("--epochs", "2", "--hidden", "16", "--embedding-dim", "4", "--quiet", "--learning-rate", "0.01")


def blobs(n: int, *, seed: int = 0, names: tuple[Any, ...] = (0, 1, 2)) -> pl.DataFrame:
    """Rows of classes that lie apart, with a category, missing values and an id."""
    random = np.random.default_rng(seed)
    y = random.integers(len(names), size=n)
    x = random.normal(size=(n, 3)) + 4 * np.eye(3)[y % 3]
    frame = pl.DataFrame({"id": np.arange(n), "a": x[:, 0], "b": x[:, 1], "c": x[:, 2]})
    where = pl.Series("where", ["north", "south"]).gather(random.integers(2, size=n))
    frame = frame.with_columns(where, pl.Series("y", [names[i] for i in y]))
    return frame.with_columns(pl.when(pl.col("id") % 10 == 0).then(None).otherwise(pl.col("a")).alias("a"))


def written(path: Path, frame: pl.DataFrame) -> str:
    frame.write_parquet(path, row_group_size=500) if path.suffix == ".parquet" else frame.write_csv(path)
    return str(path)


@pytest.fixture
def threads_kept() -> Iterator[None]:
    """Put back torch's threads after a test that sets them."""
    import torch

    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def run(*args: str) -> Result:
    return CliRunner().invoke(fit, [*QUICK, *args])


def report_of(*args: str) -> dict[str, Any]:
    result = run(*args, "--json")
    assert result.exit_code == 0, result.output + repr(result.exception)
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def refused(error: type[HoldfastError], match: str, *args: str) -> None:
    result = run(*args)
    with pytest.raises(error, match=match):
        _raise(result)


def _raise(result: Result) -> None:
    if result.exception:
        raise result.exception


@pytest.mark.parametrize("name", ["t.parquet", "t.csv"])
@pytest.mark.parametrize("is_streamed", [False, True])
def test_an_encoder_learns_in_memory_and_streamed_from_both_formats(
    tmp_path: Path, name: str, is_streamed: bool
) -> None:
    table = written(tmp_path / name, blobs(3000))
    rows = "1024" if is_streamed else "5000"
    report = report_of(table, "--label", "y", "--id", "id", "--out", str(tmp_path / "enc"), "--stream-rows", rows)
    assert report["is_streamed"] is is_streamed
    assert report["features"] == ["a", "b", "c", "where"]
    assert report["rows"] == 3000
    assert report["held_out_map_at_r"] > 0.8
    encoder = TripletEncoder.load(tmp_path / "enc")
    assert encoder.classes_.tolist() == [0, 1, 2]
    other = blobs(500, seed=1)
    assert encoder.score(other.select(report["features"]), other["y"].to_numpy()) > 0.9
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([name, "enc"])


@pytest.mark.parametrize("names", [(7, 8, 9), ("red", "green", "blue"), (True, False)])
@pytest.mark.parametrize("is_streamed", [False, True])
def test_labels_stay_the_numbers_words_or_truths_they_are(
    tmp_path: Path, names: tuple[Any, ...], is_streamed: bool
) -> None:
    table = written(tmp_path / "t.parquet", blobs(1500, names=names))
    rows = "1024" if is_streamed else "5000"
    report_of(table, "--label", "y", "--id", "id", "--out", str(tmp_path / "enc"), "--stream-rows", rows)
    assert TripletEncoder.load(tmp_path / "enc").classes_.tolist() == sorted(names)


@pytest.mark.parametrize("name", ["t.parquet", "t.csv"])
def test_a_streamed_table_may_be_sorted_by_its_label(tmp_path: Path, name: str) -> None:
    table = written(tmp_path / name, blobs(6000).sort("y"))
    report = report_of(table, "--label", "y", "--id", "id", "--out", str(tmp_path / "enc"), "--stream-rows", "1024")
    assert report["is_streamed"]
    assert report["held_out_map_at_r"] > 0.8


def test_streaming_learns_the_encoding_of_all_rows_and_not_of_the_first_ones(tmp_path: Path) -> None:
    frame = blobs(3000).with_columns(
        pl.when(pl.col("id") > 2900).then(pl.lit("late")).otherwise(pl.col("where")).alias("where")
    )
    table = written(tmp_path / "t.parquet", frame)
    report_of(table, "--label", "y", "--id", "id", "--out", str(tmp_path / "enc"), "--stream-rows", "1024")
    encoding = TripletEncoder.load(tmp_path / "enc").encoding_
    assert encoding is not None
    columns = {column.name: column for column in encoding.columns}
    assert columns["where"].categories == ("late", "north", "south")
    assert columns["b"].centre == pytest.approx(frame["b"].mean(), rel=1e-12)


@pytest.mark.parametrize("rows", ["1024", "5000"])
def test_the_same_seed_gives_the_same_encoder(tmp_path: Path, rows: str) -> None:
    table = written(tmp_path / "t.parquet", blobs(1500))
    weights = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        out = tmp_path / name
        report_of(table, "--label", "y", "--id", "id", "--out", str(out), "--stream-rows", rows, "--seed", seed)
        weights.append((out / "weights.safetensors").read_bytes())
    assert weights[0] == weights[1]
    assert weights[0] != weights[2]


def test_rows_without_a_label_are_refused_with_their_number_or_dropped_and_said(tmp_path: Path) -> None:
    frame = blobs(1000).with_columns(pl.when(pl.col("id") < 12).then(None).otherwise(pl.col("y")).alias("y"))
    table, out = written(tmp_path / "t.csv", frame), str(tmp_path / "enc")
    refused(
        MetricError,
        r"got 12 of 1000 rows without one; .*--drop-missing-labels",
        table,
        "--label",
        "y",
        "--out",
        out,
    )
    assert not Path(out).exists()
    result = run(table, "--label", "y", "--out", out, "--drop-missing-labels")
    assert result.exit_code == 0
    assert "988 rows of 3 classes" in result.stdout
    assert "12 rows without a label were left out." in result.stdout


def test_numbers_declared_as_categories_become_categories(tmp_path: Path) -> None:
    for name in ("t.parquet", "t.csv"):
        frame = blobs(600).with_columns((pl.col("id") % 3).alias("ward"))
        table, out = written(tmp_path / name, frame), tmp_path / f"{name}.enc"
        report_of(table, "--label", "y", "--features", "a,b,ward", "--categorical", "ward", "--out", str(out))
        encoding = TripletEncoder.load(out).encoding_
        assert encoding is not None
        assert encoding.columns[2].categories == ("0", "1", "2")


def test_nothing_but_the_result_is_on_standard_output_and_progress_is_on_the_other(tmp_path: Path) -> None:
    table = written(tmp_path / "t.parquet", blobs(1500))
    loud = [option for option in QUICK if option != "--quiet"]
    args = [table, "--label", "y", "--out", str(tmp_path / "enc"), "--stream-rows", "1024", "--json", *loud]
    result = CliRunner().invoke(fit, args)
    assert json.loads(result.stdout)["rows"] == 1500
    assert "pass 1: loss" in result.stderr


@pytest.mark.parametrize(
    ("args", "error", "match"),
    [
        (("--label", "z"), MetricError, "Column must be one of t.csv, got 'z'"),
        (("--label", "y", "--features", "a,hwere"), MetricError, r"got 'hwere'; did you mean where\?"),
        (("--label", "y", "--features", "a,y"), MetricError, "Label must not be learnt from, got 'y'"),
        (("--label", "y", "--features", "a", "--exclude", "b"), MetricError, "got both; give one"),
        (("--label", "y", "--features", "a,id", "--id", "id"), MetricError, "'id' must be learnt from or left out"),
        (("--label", "y", "--features", "a,b,a"), MetricError, "named once each, got 'a' twice"),
        (
            ("--label", "y", "--features", "a", "--categorical", "b"),
            MetricError,
            "Categorical columns must be among",
        ),
        (("--label", "y", "--loss", "nplb-al"), UnknownNameError, "did you mean .*nplb-all"),
        (("--label", "y", "--loss-setting", "margin"), MetricError, "must read NAME=VALUE, got 'margin'"),
        (("--label", "y", "--loss-setting", "margin=-1"), MetricError, "[Mm]argin must"),
        (("--label", "y", "--sampler", "odd"), MetricError, "sampler must be one of"),
        (("--label", "y", "--stream-rows", "10"), MetricError, "Rows in memory must be at least 1024, got `10`"),
        (("--label", "id"), MetricError, "Label 'id' must have a class of two rows or more, got 300 classes"),
        (("--label", "b"), MetricError, "Label 'b' must have a class of two rows or more"),
        (("--label", "one"), MetricError, "Label 'one' must have two classes or more, got 1"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused_and_nothing_is_written(
    tmp_path: Path, args: tuple[str, ...], error: type[HoldfastError], match: str
) -> None:
    table = written(tmp_path / "t.csv", blobs(300).with_columns(pl.lit(1).alias("one")))
    refused(error, match, table, "--out", str(tmp_path / "enc"), *args)
    assert not (tmp_path / "enc").exists()


def test_a_label_of_measurements_is_refused(tmp_path: Path) -> None:
    table = written(tmp_path / "t.parquet", blobs(300))
    refused(
        MetricError,
        "must name classes, got numbers with fractions",
        table,
        "--label",
        "b",
        "--out",
        str(tmp_path / "e"),
    )


def test_labels_stored_as_floats_too_large_to_be_exact_are_refused(tmp_path: Path) -> None:
    table = written(tmp_path / "t.parquet", blobs(300).with_columns(pl.col("y") * 1e20))
    refused(MetricError, "floats of 2\\^53 or more", table, "--label", "y", "--out", str(tmp_path / "e"))


def test_a_table_out_of_reach_or_separated_by_something_else_says_so(tmp_path: Path) -> None:
    out = ("--label", "y", "--out", str(tmp_path / "e"))
    refused(MetricError, "Table must be within reach, got 'xxx.*: File name too long", f"{'x' * 300}.csv", *out)
    (tmp_path / "t.csv").write_text("a;b;y\n1;2;0\n")
    refused(MetricError, "It seems to be separated by ';': write it with commas", str(tmp_path / "t.csv"), *out)


def test_an_identifier_as_label_of_a_large_table_is_refused_early(tmp_path: Path) -> None:
    table = written(tmp_path / "t.parquet", blobs(3000))
    args = ("--label", "id", "--out", str(tmp_path / "enc"), "--stream-rows", "1024")
    refused(MetricError, "must have at most 64 classes, got more; is it an identifier", table, *args)


def test_an_empty_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n")
    refused(
        MetricError,
        "Table must have rows, got none",
        str(tmp_path / "t.csv"),
        "--label",
        "y",
        "--out",
        str(tmp_path / "e"),
    )


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    """/proc takes no new folder, not even from root."""
    refused(StorageError, "must be writable", str(tmp_path / "t.parquet"), "--label", "y", "--out", "/proc/enc")


def test_a_seed_no_generator_takes_exits_two(tmp_path: Path) -> None:
    result = run(str(tmp_path / "t.csv"), "--label", "y", "--out", str(tmp_path / "e"), "--seed", str(2**32))
    assert result.exit_code == 2
    assert "is not in the range" in result.stderr


def test_a_mistake_in_a_setting_is_one_line_without_an_empty_bar_before_it(tmp_path: Path) -> None:
    table = written(tmp_path / "t.csv", blobs(300))
    loud = [arg for arg in QUICK if arg != "--quiet"]
    args = [*loud, table, "--label", "y", "--out", str(tmp_path / "e"), "--patience", "-1"]
    result = CliRunner().invoke(fit, args)
    assert isinstance(result.exception, MetricError)
    assert result.stderr == ""


def test_threads_are_those_asked_for(tmp_path: Path, threads_kept: None) -> None:
    import torch

    table = written(tmp_path / "t.parquet", blobs(300))
    report_of(table, "--label", "y", "--out", str(tmp_path / "enc"), "--threads", "3")
    assert torch.get_num_threads() == 3


def test_what_is_there_is_replaced_only_when_asked_and_never_a_folder_that_is_no_encoder(tmp_path: Path) -> None:
    table, out = written(tmp_path / "t.parquet", blobs(600)), tmp_path / "enc"
    args = (table, "--label", "y", "--out", str(out))
    report_of(*args)
    refused(MetricError, "must be a new path, .*--overwrite", *args)
    report_of(*args, "--overwrite")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letters").write_text("kept")
    other = (table, "--label", "y", "--out", str(tmp_path / "mine"), "--overwrite")
    refused(MetricError, "must be a new folder or an encoder's", *other)
    refused(MetricError, "must be a new folder or an encoder's", *other[:-2], table, "--overwrite")
    refused(
        MetricError,
        "must lie in an existing folder",
        table,
        "--label",
        "y",
        "--out",
        str(tmp_path / "no" / "enc"),
    )


def test_a_full_disk_leaves_no_half_encoder(tmp_path: Path) -> None:
    """The limit on the size of a file stands in for a full disk."""
    table, out = written(tmp_path / "t.parquet", blobs(600)), tmp_path / "enc"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        result = run(table, "--label", "y", "--out", str(out))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with pytest.raises(StorageError, match="to its end, got: File too large; nothing was half-written"):
        _raise(result)
    assert [p.name for p in tmp_path.iterdir()] == ["t.parquet"]


@pytest.mark.parametrize("passes", [0, 2])
def test_ctrl_c_keeps_the_best_pass_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passes: int) -> None:
    table, out = written(tmp_path / "t.parquet", blobs(2000)), tmp_path / "enc"
    learn, seen = TripletEncoder.partial_fit, [0]

    def interrupted(self: TripletEncoder, *args: Any, **options: Any) -> TripletEncoder:
        seen[0] += 1
        if seen[0] > passes * 16:
            raise KeyboardInterrupt
        return learn(self, *args, **options)

    monkeypatch.setattr(TripletEncoder, "partial_fit", interrupted)
    result = run(table, "--label", "y", "--id", "id", "--out", str(out), "--stream-rows", "1024", "--epochs", "9")
    assert result.exit_code == 130
    assert out.exists() is (passes > 0)
    if passes:
        assert TripletEncoder.load(out).training_.stopped == "interrupted"
    else:
        assert "nothing was written" in result.stderr


MEMORY = """
import resource, sys
from holdfast.cli.metric_fit import fit
import torch, torch._dynamo, polars, pyarrow.parquet, pyarrow.csv, holdfast.metric.tables.table_fit
torch.set_num_threads(1)
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
options = ["--label", "y", "--epochs", "1", "--quiet", "--hidden", "8", "--embedding-dim", "4", "--overwrite"]
fit.main([sys.argv[1], *options, "--out", sys.argv[3]], standalone_mode=False)
before = peak()
fit.main([sys.argv[2], *options, "--out", sys.argv[3], "--stream-rows", "16384"], standalone_mode=False)
print("GROWTH", peak() - before)
"""


@pytest.mark.long
@pytest.mark.parametrize("name", ["t.parquet", "t.csv"])
def test_memory_does_not_grow_with_the_table(tmp_path: Path, name: str) -> None:
    """A table of 160 MB as float64, in one row group, is learnt from within 64 MiB on top of a small one's peak."""
    random = np.random.default_rng(0)
    frame = pl.DataFrame({f"f{i}": random.normal(size=500_000) for i in range(40)})
    frame = frame.with_columns(pl.Series("y", random.integers(4, size=500_000)))
    small, large = written(tmp_path / f"s-{name}", frame[:1000]), tmp_path / name
    frame.write_parquet(large, row_group_size=2_000_000) if large.suffix == ".parquet" else frame.write_csv(large)
    assert large.stat().st_size > 150e6
    args = [sys.executable, "-c", MEMORY, small, str(large), str(tmp_path / "enc")]
    done = subprocess.run(args, capture_output=True, text=True, check=True)
    assert int(done.stdout.split("GROWTH")[1]) < 64
