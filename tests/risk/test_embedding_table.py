"""Embeddings made elsewhere, read back as they were written, and what is refused, in counts."""

import numpy as np
import polars as pl
import pytest

from holdfast.risk.embedding_table import read_embeddings
from holdfast.risk.error import RiskError

VALUES = np.array([[0.1, -2.0], [3.5, 4.0], [1e-8, 7.0]])
TABLE = pl.DataFrame({"person": ["007", "b", "c"], "z_0": VALUES[:, 0], "z_1": VALUES[:, 1]})


def written(folder, table, suffix):
    path = folder / f"z{suffix}"
    if suffix == ".csv":
        table.write_csv(path)
    else:
        table.write_parquet(path)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_persons_and_numbers_come_back_as_written(tmp_path, suffix):
    found = read_embeddings(written(tmp_path, TABLE, suffix))
    assert found.persons == ("007", "b", "c")
    assert found.columns == ("z_0", "z_1")
    np.testing.assert_array_equal(found.embeddings, VALUES)
    assert found.embeddings.flags.c_contiguous


def test_the_person_may_be_a_number_in_any_place_and_single_precision_is_kept(tmp_path):
    table = pl.DataFrame({"z": pl.Series([1.5, 2.5], dtype=pl.Float32), "eid": [12, 11]})
    found = read_embeddings(written(tmp_path, table, ".parquet"), person="eid")
    assert found.persons == ("12", "11")
    assert found.embeddings.dtype == np.float32


def test_a_numpy_file_has_rows_for_persons(tmp_path):
    np.save(tmp_path / "z.npy", VALUES.astype(np.float32))
    found = read_embeddings(tmp_path / "z.npy")
    assert found.persons == ("0", "1", "2")
    assert found.embeddings.dtype == np.float32
    np.testing.assert_array_equal(found.embeddings, VALUES.astype(np.float32))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda t: t.drop("person"), "must have a column 'person', got 2 columns without it"),
        (lambda t: t.with_columns(person=pl.Series(["a", "a", "a"])), "unique, got 2 of 3 rows repeated"),
        (lambda t: t.with_columns(person=pl.Series(["a", None, "b"])), "given, got 1 of 3 rows without"),
        (lambda t: t.with_columns(name=pl.lit("x")), "must be numbers, got 1 of 3 columns that are not"),
        (lambda t: t.select("person"), "must be numbers, got 0 of 0 columns"),
        (
            lambda t: t.with_columns(z_0=pl.Series([1.0, None, 2.0])),
            "complete, got 1 of 3 rows with an empty cell",
        ),
        (lambda t: t.with_columns(z_1=pl.Series([1.0, np.nan, np.inf])), "finite, got 2 of 3 rows"),
        (lambda t: t.clear(), "must have rows, got 0"),
    ],
)
def test_tables_that_cannot_be_scored_are_refused_without_naming_anybody(tmp_path, change, match):
    with pytest.raises(RiskError, match=match) as caught:
        read_embeddings(written(tmp_path, change(TABLE), ".parquet"))
    assert "007" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("z.xlsx", b"", "must be a .parquet, .csv or .npy file"),
        ("z.parquet", b"no", "z.parquet must be a readable .parquet file"),
        ("z.npy", b"no", "z.npy must be a readable .npy file"),
        ("z.csv", b"", "z.csv must be a readable .csv file"),
    ],
)
def test_files_that_are_not_what_their_name_says_are_refused(tmp_path, name, content, match):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RiskError, match=match):
        read_embeddings(tmp_path / name)


def test_a_missing_file_a_pickle_and_other_shapes_are_refused(tmp_path):
    with pytest.raises(RiskError, match=r"must be a readable .parquet file"):
        read_embeddings(tmp_path / "none.parquet")
    np.save(tmp_path / "o.npy", np.array([[{}]], dtype=object), allow_pickle=True)
    with pytest.raises(RiskError, match=r"must be a readable .npy file"):
        read_embeddings(tmp_path / "o.npy")
    np.save(tmp_path / "flat.npy", np.zeros(3))
    with pytest.raises(RiskError, match=r"must be \(people, dimensions\) of floating numbers, got shape \(3,\)"):
        read_embeddings(tmp_path / "flat.npy")
