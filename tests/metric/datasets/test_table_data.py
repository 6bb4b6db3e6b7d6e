"""Tables become a training and a test split, encoded by what the training split alone shows."""

import numpy as np
import polars as pl
import pytest

from holdfast.metric.benchmark.data_source import DataSource, load_dataset
from holdfast.metric.benchmark.table_data import read_table
from holdfast.metric.error import MetricError


def frame(n: int = 40) -> pl.DataFrame:
    generator = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "age": generator.normal(50, 10, n),
            "sex": generator.choice(["f", "m"], n),
            "group": ["case" if i % 4 == 0 else "control" for i in range(n)],
        }
    )


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_table_is_split_by_class_and_encoded(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    frame().write_parquet(path) if suffix == "parquet" else frame().write_csv(path)
    data = read_table(path, label="group")
    assert data.classes == ("case", "control")
    assert np.bincount(data.train.labels).tolist() == [8, 24]
    assert np.bincount(data.test.labels).tolist() == [2, 6]
    assert data.train.inputs.dtype == np.float32
    assert data.image_shape is None


def test_numbers_are_standardised_by_the_training_split_alone(tmp_path):
    frame().write_parquet(tmp_path / "t.parquet")
    data = read_table(tmp_path / "t.parquet", label="group")
    spread = data.train.inputs.std(axis=0)
    column = int(np.argmin(np.abs(spread - 1)))
    assert abs(data.train.inputs[:, column].mean()) < 1e-5
    assert abs(data.test.inputs[:, column].mean()) > 1e-3


def test_rows_without_a_class_are_left_out_and_counted_never_filled(tmp_path):
    holes = frame().with_columns(group=pl.when(pl.int_range(pl.len()) < 4).then(None).otherwise(pl.col("group")))
    holes.write_parquet(tmp_path / "t.parquet")
    data = read_table(tmp_path / "t.parquet", label="group")
    assert len(data.train) + len(data.test) == 36
    assert "4 rows left out that have no class" in data.notes


def test_a_class_stored_as_nan_is_missing_and_no_class_of_its_own(tmp_path):
    """Whole numbers with gaps are often stored as floats, the gaps as NaN."""
    codes = np.arange(40) % 2 + np.where(np.arange(40) < 4, np.nan, 0.0)
    frame().with_columns(group=codes).write_parquet(tmp_path / "t.parquet")
    data = read_table(tmp_path / "t.parquet", label="group")
    assert data.classes == ("0.0", "1.0")
    assert "4 rows left out that have no class" in data.notes


def test_a_csv_is_read_as_fit_reads_it(tmp_path):
    """NA is missing and not a word, so that the column stays one of numbers; equal names are refused, not altered."""
    frame().write_parquet(tmp_path / "t.parquet")
    holes = frame().with_columns(age=pl.when(pl.int_range(pl.len()) < 4).then(None).otherwise(pl.col("age")))
    holes.write_csv(tmp_path / "t.csv", null_value="NA")
    assert (
        read_table(tmp_path / "t.csv", label="group").n_features
        == read_table(tmp_path / "t.parquet", label="group").n_features + 1
    )
    (tmp_path / "t.csv").write_text("age,age,group\n1,2,a\n")
    with pytest.raises(MetricError, match="different names, got 'age' twice"):
        read_table(tmp_path / "t.csv", label="group")


def test_a_table_with_a_header_only_or_no_class_at_all_is_refused(tmp_path):
    frame()[:0].write_csv(tmp_path / "t.csv")
    with pytest.raises(MetricError, match="must have rows, got none"):
        read_table(tmp_path / "t.csv", label="group")
    frame().with_columns(group=pl.lit(None, dtype=pl.String)).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(MetricError, match="rows with a class, got none of 40"):
        read_table(tmp_path / "t.parquet", label="group")


def test_an_upper_case_suffix_is_a_suffix(tmp_path):
    frame().write_parquet(tmp_path / "T.PARQUET")
    assert read_table(tmp_path / "T.PARQUET", label="group").classes == ("case", "control")


def test_an_unknown_column_is_refused_with_those_there_are(tmp_path):
    frame().write_csv(tmp_path / "t.csv")
    with pytest.raises(MetricError, match="it has: age, sex, group"):
        read_table(tmp_path / "t.csv", label="diagnosis")


def test_columns_left_out_are_no_features_and_are_told(tmp_path):
    frame().with_columns(code=pl.int_range(pl.len())).write_parquet(tmp_path / "t.parquet")
    whole = read_table(tmp_path / "t.parquet", label="group")
    less = read_table(tmp_path / "t.parquet", label="group", leave_out=["code"])
    assert less.n_features == whole.n_features - 1
    assert "columns left out: code" in less.notes
    with pytest.raises(MetricError, match="got 'cod'; did you mean code"):
        read_table(tmp_path / "t.parquet", label="group", leave_out=["cod"])


def test_a_quantity_is_not_taken_for_classes(tmp_path):
    frame().write_parquet(tmp_path / "t.parquet")
    with pytest.raises(MetricError, match="cut it into classes first"):
        read_table(tmp_path / "t.parquet", label="age")


def test_a_damaged_table_is_refused(tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(MetricError, match="whole Parquet file"):
        read_table(tmp_path / "t.parquet", label="x")


def test_a_table_of_labels_alone_is_refused(tmp_path):
    frame().select("group").write_csv(tmp_path / "t.csv")
    with pytest.raises(MetricError, match="must have features"):
        read_table(tmp_path / "t.csv", label="group")


@pytest.mark.parametrize(
    ("name", "label", "message"),
    [
        ("missing.npz", None, "must exist"),
        ("t.csv", None, "name the column of classes"),
        ("x.npz", "group", "leave it out"),
        ("x.pkl", None, "must be of a known format"),
    ],
)
def test_what_cannot_be_read_as_data_says_what_could(tmp_path, name, label, message):
    frame().write_csv(tmp_path / "t.csv")
    for other in ("x.npz", "x.pkl"):
        (tmp_path / other).write_bytes(b"")
    with pytest.raises(MetricError, match=message):
        load_dataset(tmp_path / name, label=label)


@pytest.mark.parametrize(
    ("name", "message"),
    [("train-images-idx3-ubyte", "must hold one file"), ("data_batch_1", "pickle"), ("x.txt", "it has no images")],
)
def test_the_kind_of_a_folder_is_told_by_its_files(tmp_path, name, message):
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(MetricError, match=message):
        load_dataset(tmp_path)


def test_only_a_folder_of_images_is_resized(tmp_path):
    frame().write_csv(tmp_path / "t.csv")
    with pytest.raises(MetricError, match="only images resize"):
        load_dataset(tmp_path / "t.csv", label="group", image_size=8)
    (tmp_path / "t.csv").rename(tmp_path / "data_batch_1.bin")
    with pytest.raises(MetricError, match="only images resize"):
        load_dataset(tmp_path, image_size=8)


def test_a_source_survives_its_own_json(tmp_path):
    source = DataSource(path=tmp_path / "t.csv", label="group", leave_out=("age",), validate=True, reference_rows=None)
    assert DataSource.from_json(source.to_json()) == source
