"""The fixed-width linked mortality file: columns as NCHS documents them, anything else refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.mortality import MORTALITY_COLUMNS, read_mortality

Write = Callable[..., Path]
Line = Callable[..., str]


def test_lines_as_published_are_read_column_by_column(write_mortality: Write) -> None:
    """The shapes of lines are NCHS's; the months stand at the left of their columns."""
    path = write_mortality(
        [
            "73557         10   ..                     78 78",
            "73558         1100710                     58 58",
            "73559         10   ..                     103102",
            "73560         2.   ..                     .  .",
            "73561         1101000                     10 .",
            "173562        1101011                     1  0",
        ]
    )
    read = read_mortality(path)
    assert read.columns == ["SEQN", *MORTALITY_COLUMNS]
    assert read.rows() == [
        (73557, 1, 0, None, 78, 78),
        (73558, 1, 1, 7, 58, 58),
        (73559, 1, 0, None, 103, 102),
        (73560, 2, None, None, None, None),
        (73561, 1, 1, 10, 10, None),
        (173562, 1, 1, 10, 1, 0),
    ]


def test_diabetes_and_hypertension_of_the_certificate_are_not_read(write_mortality: Write, line: Line) -> None:
    read = read_mortality(write_mortality([line(1, died="1", cause="001")]))
    assert not {"DIABETES", "HYPERTEN"} & set(read.columns)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("73557         10   ..", "must be 46 to 48 characters wide, got 1 of 2 of another width"),
        ("73557         10   ..                     78 78      110", "must be 46 to 48 characters wide"),
        ("73557ABC      10   ..                     78 78", "Columns 7-14 and 22-42 of .* must be blank, got 1"),
        ("73557         10   ..42006                78 78", "Columns 7-14 and 22-42 of .* must be blank, got 1"),
        ("73557         1x   ..                     78 78", "MORTSTAT of .* must be a number or a full stop, got 1"),
        ("73557         10   ..                     7a 78", "PERMTH_INT of .* must be a number"),
        (
            "73558         10   ..                     78 78",
            "must name each line, got 1 of 2 lines without or repeated",
        ),
        ("73557         .0   ..                     78 78", "ELIGSTAT must be 1, 2 or 3 in .*, got 1 of 2 rows"),
        ("73557         4.   ..                     .  .", "ELIGSTAT must be 1, 2 or 3 in .*, got 1 of 2 rows"),
        ("73557         20   ..                     .  .", "MORTSTAT must be 0 or 1, for those eligible only"),
        ("73557         1.   ..                     78 78", "MORTSTAT must be 0 or 1, for those eligible only"),
        ("73557         15   ..                     78 78", "MORTSTAT must be 0 or 1, for those eligible only"),
        ("73557         10001..                     78 78", "UCOD_LEADING must be given for those who died only"),
        ("73557         10   ..                     .  78", "PERMTH_INT must be given for those eligible only"),
        ("73557         2.   ..                     .  78", "PERMTH_EXM must be given for those eligible only"),
        ("73557         10   ..                     78 -1", "Months must be 0 or more"),
    ],
)
def test_a_line_that_does_not_fit_is_refused(write_mortality: Write, line: Line, bad: str, said: str) -> None:
    path = write_mortality([line(73558), bad])
    with pytest.raises(CohortError, match=said):
        read_mortality(path)


def test_a_file_that_is_empty_or_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "NHANES_2013_2014_MORT_2019_PUBLIC.dat"
    path.write_bytes(b"\r\n")
    with pytest.raises(CohortError, match="must hold lines, got none"):
        read_mortality(path)
    path.write_bytes(b"\xff\xfe7")
    with pytest.raises(CohortError, match="must be plain text"):
        read_mortality(path)
    path.unlink()
    with pytest.raises(CohortError, match="must be a readable file"):
        read_mortality(path)
