"""The public-use linked mortality file: fixed width, one line a participant.

Columns as NCHS documents them for the 2015 and 2019 linkages (counted from 1): SEQN 1-6, ELIGSTAT 15, MORTSTAT 16,
UCOD_LEADING 17-19, DIABETES 20, HYPERTEN 21, PERMTH_INT 43-45, PERMTH_EXM 46-48; the columns between belong to other
surveys and are blank. Numbers stand at the left of their columns, a full stop or blanks mean none, blanks at the end
of a line are left out, and lines end in CR LF. The 2006 to 2011 linkages have other columns and are refused.

DIABETES and HYPERTEN say what the death certificate mentions, not what a person had at the exam. They are not read:
as baseline they would tell the outcome.
"""

from pathlib import Path

import polars as pl

from holdfast.cohort.error import CohortError

__all__ = ["MORTALITY_COLUMNS", "check_mortality", "read_mortality"]

MORTALITY_COLUMNS = ("ELIGSTAT", "MORTSTAT", "UCOD_LEADING", "PERMTH_INT", "PERMTH_EXM")

_PLACES = {
    "SEQN": (0, 6),
    "ELIGSTAT": (14, 1),
    "MORTSTAT": (15, 1),
    "UCOD_LEADING": (16, 3),
    "PERMTH_INT": (42, 3),
    "PERMTH_EXM": (45, 3),
}
_BLANK = ((6, 8), (21, 21))
_SHORTEST, _LONGEST = 46, 48


def read_mortality(path: Path) -> pl.DataFrame:
    """Read a linked mortality file.

    Returns:
        ``SEQN``, and ``MORTALITY_COLUMNS`` (Int64, null where none).

    Raises:
        CohortError: A line is too short or too long or holds something between the columns, a column holds no number,
            a participant stands twice, or a status contradicts itself.
    """
    lines = _lines(path)
    _check_layout(lines, path.name)
    table = pl.DataFrame([_numbers(lines, column, path.name) for column in _PLACES])
    again = table.height - table["SEQN"].drop_nulls().n_unique()
    if again:
        raise CohortError(
            f"SEQN of {path.name} must name each line",
            f"{again} of {table.height} lines without or repeated",
            "download it again",
            columns=["SEQN"],
            rows=again,
        )
    check_mortality(table, path.name)
    return table


def check_mortality(table: pl.DataFrame, name: str) -> None:
    """Check that statuses, causes and months agree with each other.

    Args:
        table: ``MORTALITY_COLUMNS``.
        name: Of the file, for the message.

    Raises:
        CohortError: A code is unknown, somebody not eligible has a status, somebody eligible has none or no months,
            somebody alive has a cause of death, or months are below 0.
    """
    eligible, died = pl.col("ELIGSTAT") == 1, pl.col("MORTSTAT") == 1
    wrong = {
        "ELIGSTAT must be 1, 2 or 3": ~pl.col("ELIGSTAT").is_in([1, 2, 3]) | pl.col("ELIGSTAT").is_null(),
        "MORTSTAT must be 0 or 1, for those eligible only": (pl.col("MORTSTAT").is_in([0, 1]) != eligible)
        | (pl.col("MORTSTAT").is_null() == eligible),
        "PERMTH_INT must be given for those eligible only": pl.col("PERMTH_INT").is_null() == eligible,
        "PERMTH_EXM must be given for those eligible only": pl.col("PERMTH_EXM").is_not_null() & ~eligible,
        "UCOD_LEADING must be given for those who died only": pl.col("UCOD_LEADING").is_not_null()
        & ~died.fill_null(value=False),
        "Months must be 0 or more": (pl.col("PERMTH_INT") < 0) | (pl.col("PERMTH_EXM") < 0),
    }
    counts = table.select(is_wrong.fill_null(value=False).sum().alias(rule) for rule, is_wrong in wrong.items())
    for rule, rows in counts.row(0, named=True).items():
        if rows:
            raise CohortError(
                f"{rule} in {name}",
                f"{rows} of {table.height} rows where it is not so",
                "download it again; it may be another linkage",
                columns=[rule.split()[0]],
                rows=rows,
            )


def _lines(path: Path) -> pl.Series:
    try:
        text = path.read_bytes().decode("ascii")
    except OSError as error:
        raise CohortError(
            f"{path.name} must be a readable file", error.strerror or "an error", "copy it again"
        ) from error
    except UnicodeDecodeError as error:
        raise CohortError(f"{path.name} must be plain text", "other bytes", "download it again") from error
    lines = [stripped for line in text.splitlines() if (stripped := line.rstrip())]
    if not lines:
        raise CohortError(f"{path.name} must hold lines", "none", "download it again")
    return pl.Series("line", lines)


def _check_layout(lines: pl.Series, name: str) -> None:
    width = lines.str.len_bytes()
    wrong = int(((width < _SHORTEST) | (width > _LONGEST)).sum())
    if wrong:
        raise CohortError(
            f"Lines of {name} must be {_SHORTEST} to {_LONGEST} characters wide",
            f"{wrong} of {len(lines)} of another width",
            "use the 2015 or 2019 linkage of NHANES as NCHS publishes it",
            rows=wrong,
        )
    filled = int(sum((lines.str.slice(at, n).str.strip_chars(" ") != "").sum() for at, n in _BLANK))
    if filled:
        raise CohortError(
            f"Columns 7-14 and 22-42 of {name} must be blank",
            f"{filled} that are not",
            "use the file of NHANES, not of another survey or linkage",
            rows=filled,
        )


def _numbers(lines: pl.Series, column: str, name: str) -> pl.Series:
    at, n = _PLACES[column]
    said = lines.str.slice(at, n).str.strip_chars(" ")
    said = said.set((said == "") | (said == "."), None)
    numbers = said.cast(pl.Int64, strict=False).alias(column)
    lost = numbers.null_count() - said.null_count()
    if lost:
        raise CohortError(
            f"{column} of {name} must be a number or a full stop",
            f"{lost} of {len(lines)} lines with something else",
            "download it again",
            columns=[column],
            rows=lost,
        )
    return numbers
