"""A map brings another study's columns to the names and units of the one that was learnt from."""

from pathlib import Path

import polars as pl
import pytest

from holdfast.errors import ContentError
from holdfast.study.error import StudyError
from holdfast.study.evaluation.column_map import load_column_map

TEXT = """
version: 1
source: a codebook
columns:
  albumin: {column: alb, factor: 10}
  temperature: {column: fahrenheit, factor: 0.5555555556, offset: -17.7777777778}
  sex: {column: gender}
"""
FRAME = pl.DataFrame({"alb": [4.0, None], "fahrenheit": [212.0, 32.0], "gender": ["f", "m"], "age": [50, 60]})


def written(tmp_path: Path, text: str = TEXT) -> Path:
    path = tmp_path / "map.yaml"
    path.write_text(text)
    return path


def test_columns_are_renamed_and_converted_and_the_others_kept(tmp_path: Path) -> None:
    found = load_column_map(written(tmp_path)).renamed(FRAME)
    assert found["albumin"].to_list() == [40.0, None]
    assert found["temperature"].to_list() == pytest.approx([100.0, 0.0], abs=1e-6)
    assert found["sex"].to_list() == ["f", "m"]
    assert found["age"].to_list() == [50, 60]


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        StudyError, match=r"^Map must name columns of the table, got no 'alb' for 'albumin'; mend the map"
    ):
        load_column_map(written(tmp_path)).renamed(FRAME.drop("alb"))


def test_words_are_not_converted(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"^Column 'alb' must hold numbers to be converted, got String"):
        load_column_map(written(tmp_path)).renamed(FRAME.with_columns(pl.lit("high").alias("alb")))


@pytest.mark.parametrize("text", ["version: 1\n", "version: 1\nsource: x\ncolumns: {a: {col: b}}\n"])
def test_a_map_that_does_not_fit_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"map\.yaml"):
        load_column_map(written(tmp_path, text))


@pytest.mark.parametrize(
    ("factor", "message"), [("0", "must not be 0"), (".nan", "finite number"), (".inf", "finite number")]
)
def test_a_factor_that_leaves_nothing_of_a_value_is_refused(factor: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(
        ContentError, match=rf"^map\.yaml does not fit ColumnMap: columns\.albumin\.factor: .*{message}"
    ):
        load_column_map(written(tmp_path, TEXT.replace("factor: 10", f"factor: {factor}")))
