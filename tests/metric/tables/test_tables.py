"""Tables are read whole and in order, whatever their format, batches and parts, and refused in one clear line."""

import gzip
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from holdfast.metric.error import MetricError
from holdfast.metric.tables.reading import Rows, Table, open_table

FRAME = pl.DataFrame(
    {
        "id": [f"{i:03d}" for i in range(100)],
        "a": [float(i) if i % 7 else None for i in range(100)],
        "b": [["x", "y", None][i % 3] for i in range(100)],
        "c": [i % 2 == 0 for i in range(100)],
        "y": [i % 4 for i in range(100)],
    }
)


def written(path: Path, frame: pl.DataFrame = FRAME, *, row_group_size: int = 16) -> Path:
    if path.suffix == ".parquet":
        frame.write_parquet(path, row_group_size=row_group_size)
    else:
        frame.write_csv(path, separator="\t" if path.suffix == ".tsv" else ",")
    return path


def gathered(batches: list[Rows]) -> pl.DataFrame:
    return pl.concat([rows.frame for rows in batches])


def types_of(table: Table) -> dict[str, pl.DataType]:
    return table.types(["a", "b", "c"], ["id", "y"])


@pytest.mark.parametrize("name", ["t.parquet", "t.csv", "t.tsv"])
@pytest.mark.parametrize("batch_rows", [1, 7, 1000])
@pytest.mark.parametrize("skip", [0, 1, 16, 55, 99, 100, 200])
def test_batches_hold_the_rows_in_order_from_the_one_asked_for(
    tmp_path: Path, name: str, batch_rows: int, skip: int
) -> None:
    table = open_table(written(tmp_path / name))
    types = types_of(table)
    batches = list(table.batches(types, batch_rows=batch_rows, skip=skip))
    assert all(rows.frame.height <= batch_rows for rows in batches)
    assert [rows.start for rows in batches[:1]] == ([skip] if skip < 100 else [])
    if skip < 100:
        expected = FRAME.slice(skip).select(list(types)).with_columns(pl.col("c").cast(types["c"]))
        assert_frame_equal(gathered(batches), expected)


def test_a_folder_is_one_table_in_the_order_of_its_names_and_rows_know_their_file(tmp_path: Path) -> None:
    for number in range(3):
        written(tmp_path / f"part-{number}.parquet", FRAME.slice(number * 40, 40))
    (tmp_path / "_SUCCESS").write_text("")
    (tmp_path / ".hidden").write_text("")
    table = open_table(tmp_path)
    assert table.rows == 100
    batches = list(table.batches({"id": pl.String()}, batch_rows=9, skip=45))
    assert gathered(batches)["id"].to_list() == FRAME["id"].to_list()[45:]
    assert (batches[0].file, batches[0].start) == (1, 5)


@pytest.mark.parametrize("name", ["t.parquet", "t.csv"])
def test_a_shuffled_pass_yields_every_row_once_with_its_number_and_the_same_for_the_same_seed(
    tmp_path: Path, name: str
) -> None:
    table = open_table(written(tmp_path / name))
    passes = [list(table.shuffled({"id": pl.String()}, batch_rows=5, seed=seed)) for seed in ([3, 1], [3, 1], [3, 2])]
    for batches in passes:
        numbers = [rows.start + i for rows in batches for i in range(rows.frame.height)]
        assert sorted(numbers) == list(range(100))
        assert [int(i) for rows in batches for i in rows.frame["id"]] == numbers
    assert gathered(passes[0]).equals(gathered(passes[1]))
    assert gathered(passes[0]).equals(gathered(passes[2])) == (name == "t.csv")


def test_csv_types_hold_for_the_whole_file_and_not_only_for_its_start(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    rows = [f"{i},{i},{i},true" for i in range(400_000)]
    path.write_text("\n".join(["late,half,whole,truth", *rows, "word,0.5,7,false"]) + "\n")
    table = open_table(path)
    assert path.stat().st_size > 8 << 20
    types = table.types(["late", "half", "whole", "truth"], [])
    assert types == {"late": pl.String(), "half": pl.Float64(), "whole": pl.Float64(), "truth": pl.Boolean()}
    last = list(table.batches(types, batch_rows=1000))[-1].frame.row(-1)
    assert last == ("word", 0.5, 7.0, False)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (["1", "20", "-3"], pl.Int64()),
        (["007", "12"], pl.String()),
        (["1", "x"], pl.String()),
        (["1.0", "2.0"], pl.String()),
        (["true", "false"], pl.Boolean()),
        (["1", "true"], pl.String()),
        (["99999999999999999999", "1"], pl.String()),
    ],
)
def test_ids_and_labels_of_a_csv_lose_nothing(tmp_path: Path, values: list[str], dtype: pl.DataType) -> None:
    path = tmp_path / "k.csv"
    path.write_text("k,x\n" + "".join(f"{v},1\n" for v in [*values, ""]))
    table = open_table(path)
    types = table.types([], ["k"])
    assert types == {"k": dtype}
    read = gathered(list(table.batches(types, batch_rows=10)))["k"]
    assert [v if v is None else str(v).lower() for v in read] == [*values, None]


def test_missing_is_what_the_docstring_says_and_a_quoted_na_is_a_word(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text('x,w\n1,NA\n,"NA"\nNaN,\nnull,n\n')
    table = open_table(path)
    types = table.types(["x", "w"], [])
    frame = gathered(list(table.batches(types, batch_rows=10)))
    assert frame["x"].to_list() == [1.0, None, None, None]
    assert frame["w"].to_list() == [None, "NA", None, "n"]


def test_quoted_line_breaks_byte_order_marks_and_gzip_are_read(tmp_path: Path) -> None:
    path = tmp_path / "q.csv.gz"
    path.write_bytes(gzip.compress('\ufeffid,w\n1,"two\nlines"\n2,b\n'.encode()))
    table = open_table(path)
    assert table.columns == ("id", "w")
    frame = gathered(list(table.batches(table.types(["w"], ["id"]), batch_rows=10)))
    assert frame.rows() == [("two\nlines", 1), ("b", 2)]


def test_a_parquet_column_of_each_useful_type_is_read_as_a_number_or_a_word(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "i": pl.Series([1, None], dtype=pl.Int16),
            "f": pl.Series([0.5, None], dtype=pl.Float32),
            "d": pl.Series(["1.25", None]).cast(pl.Decimal(10, 2)),
            "t": [True, None],
            "n": pl.Series([None, None], dtype=pl.Null),
            "s": ["a", None],
            "c": pl.Series(["a", None], dtype=pl.Categorical),
        }
    )
    frame.write_parquet(tmp_path / "t.parquet")
    table = open_table(tmp_path / "t.parquet")
    types = table.types(frame.columns, [])
    assert [name for name, dtype in types.items() if dtype == pl.String()] == ["s", "c"]
    assert gathered(list(table.batches(types, batch_rows=5))).row(0) == (1.0, 0.5, 1.25, 1.0, None, "a", "a")


def test_a_column_of_dates_is_refused_by_name_with_a_way_out(tmp_path: Path) -> None:
    pl.DataFrame({"born": [date(2020, 1, 1)]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(MetricError, match=r"Column 'born' must hold numbers or words, .*--exclude born"):
        open_table(tmp_path / "t.parquet").types(["born"], [])


def test_an_unknown_column_or_file_is_met_with_the_closest(tmp_path: Path) -> None:
    written(tmp_path / "people.csv", pl.DataFrame({"age": [1], "height": [2]}))
    with pytest.raises(MetricError, match=r"Column must be one of people\.csv, got 'hieght'; did you mean height\?"):
        open_table(tmp_path / "people.csv").types(["hieght"], [])
    with pytest.raises(MetricError, match=r"it has: age, height\."):
        open_table(tmp_path / "people.csv").require(["zzz"])
    with pytest.raises(MetricError, match=r"existing file or folder, .* did you mean people\.csv\?"):
        open_table(tmp_path / "poeple.csv")


SECRET = "SomethingPrivate"


def _read_through(path: Path) -> None:
    table = open_table(path)
    table.types(table.columns, [])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("e.csv", b"", r"e\.csv must have a header and rows, got an empty file"),
        ("e.parquet", b"", r"e\.parquet must be a whole Parquet file, got an empty file"),
        ("r.csv", f"a,b\n1,2\n{SECRET}\n".encode(), r"Row 3 of r\.csv must have 2 fields, got 1"),
        ("l.csv", f"a,b\n1,2\n3,4,{SECRET}\n".encode(), r"Row 3 of l\.csv must have 2 fields, got 3"),
        ("u.csv", b"a,b\n1,\xff\xfe\n", r"u\.csv must be CSV text in UTF-8"),
        ("d.csv", b"a,a\n1,2\n", r"Columns of d\.csv must have different names, got 'a' twice"),
        ("p.parquet", b"PAR1 and then nothing", r"p\.parquet must be a whole Parquet file, got one that is cut short"),
        ("x.xlsx", b"PK", r"Table must end in one of \.parquet"),
    ],
)
def test_files_that_cannot_be_read_are_refused_without_quoting_them(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MetricError, match=message) as refused:
        _read_through(tmp_path / name)
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_parquet_file_cut_short_or_damaged_inside_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(size=200_000)
    whole = written(tmp_path / "whole.parquet", pl.DataFrame({"a": noise}), row_group_size=50_000).read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MetricError, match="cut short or damaged"):
        open_table(tmp_path / "cut.parquet")
    (tmp_path / "bad.parquet").write_bytes(whole[:1000] + bytes(len(whole) - 4000) + whole[-3000:])
    table = open_table(tmp_path / "bad.parquet")
    with pytest.raises(MetricError, match="cut short or damaged"):
        list(table.batches({"a": pl.Float64()}, batch_rows=1000))


def test_a_folder_of_two_formats_other_columns_or_key_types_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MetricError, match="Folder must hold Parquet or CSV files, got none"):
        open_table(tmp_path)
    written(tmp_path / "1.csv", pl.DataFrame({"a": [1], "k": [1]}))
    written(tmp_path / "2.csv", pl.DataFrame({"a": [1], "k": ["x"]}))
    with pytest.raises(MetricError, match=r"Column 'k' must have one type in every file, .* in 2\.csv"):
        open_table(tmp_path).types(["a"], ["k"])
    written(tmp_path / "2.csv", pl.DataFrame({"a": [1], "j": [1]}))
    with pytest.raises(MetricError, match=r"Files of .* must have the same columns, got 'j'"):
        open_table(tmp_path)
    written(tmp_path / "3.parquet", pl.DataFrame({"a": [1]}))
    with pytest.raises(MetricError, match="Folder must hold files of one format"):
        open_table(tmp_path)


def test_a_fingerprint_changes_with_the_content_and_not_by_being_taken_twice(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv")
    before = open_table(path).fingerprint()
    assert open_table(path).fingerprint() == before
    path.write_text(path.read_text().replace("0", "1", 1))
    assert open_table(path).fingerprint() != before


def test_a_header_that_is_not_utf8_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("größe,b\n1,2\n".encode("latin-1"))
    with pytest.raises(MetricError, match=r"^latin\.csv must be CSV text in UTF-8, got something else"):
        open_table(path)
