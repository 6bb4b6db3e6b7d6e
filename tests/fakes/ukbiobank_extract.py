"""A small UK Biobank extract, made of field values, and written in any layout."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.ukbiobank import Source, UkBiobankReport, UkBiobankSource, build_ukbiobank

TODAY = date(2026, 11, 22)
LAST_DAY = date(2022, 10, 31)
Key = tuple[int, int, int]
Values = Mapping[Key, list[Any]]
"""(field, instance, array) -> a value for each person."""

NOT_INSTANCED = {31, 34, 52, 189, 191, 22032, 41270, 41280}
ARRAYED = {4080, 4079, 93, 94, 102, 41270, 41280, 20002, 20008}
LISTS = {41270}


def six_people() -> dict[Key, list[Any]]:
    """Six people at a visit; who is who is told in ``test_build.py``."""
    none: list[Any] = [None] * 6
    values: dict[Key, list[Any]] = {
        (31, 0, 0): [0, 1, 0, 1, 0, 1],
        (34, 0, 0): [1950, 1945, 1960, 1955, 1948, 1952],
        (52, 0, 0): [6, 1, 12, 3, 7, 9],
        (53, 0, 0): ["2009-03-14", "2008-07-01", "2010-01-20", "2007-11-30", "2009-09-09", "2008-02-29"],
        (54, 0, 0): [11001, 11002, 11003, 11004, 11005, 11006],
        (21003, 0, 0): [58, 63, 49, 52, 61, 55],
        (21000, 0, 0): [1001, 1002, 3001, 4, -1, -3],
        (189, 0, 0): [-3.5, 1.25, 0.0, -1.0, 2.0, None],
        (191, 0, 0): [None, None, "2015-01-01", None, None, None],
        (30750, 0, 0): [36.5, 48.1, 33.0, None, 40.2, 35.0],
        (30500, 0, 0): [None, 12.5, None, None, 30.0, None],
        (30505, 0, 0): ["<6.7", None, "<6.7", None, None, None],
        (4080, 0, 0): [130, 150, None, None, 141, 118],
        (4080, 0, 1): [134, None, None, None, 139, 120],
        (93, 0, 0): [None, None, 122, None, None, None],
        (93, 0, 1): [None, None, 126, None, None, None],
        (1488, 0, 0): [3, -10, -1, -3, 0, 6],
        (864, 0, 0): [7, -2, -1, 3, -3, 0],
        (2050, 0, 0): [1, 2, 3, 4, -1, -3],
        (2178, 0, 0): [1, 2, 3, 4, 2, -1],
        (1920, 0, 0): [0, 1, -1, 0, 1, -3],
        (20002, 0, 0): [1223, 1286, None, None, 1065, None],
        (20002, 0, 1): [1065, None, None, None, None, None],
        (20008, 0, 0): [2001.5, -1, None, None, 1999.5, None],
        (20008, 0, 1): [-3, None, None, None, None, None],
        (40000, 0, 0): [None, "2014-05-05", None, None, None, "2019-12-31"],
        (40001, 0, 0): [None, "I219", None, None, None, "C349"],
        (40005, 0, 0): [None, None, None, "2003-04-05", None, "2018-01-01"],
        (40006, 0, 0): [None, None, None, "C509", None, "C349"],
        (41270, 0, 0): ["E119", "I10", "J449", None, "F329", "C349"],
        (41270, 0, 1): ["I252", None, "F330", None, "G309", None],
        (41270, 0, 2): ["I10", None, None, None, None, None],
        (41280, 0, 0): ["2005-01-01", "2012-02-02", "2013-03-03", None, "1900-01-01", "2018-01-15"],
        (41280, 0, 1): ["2016-06-06", None, "2016-07-07", None, "2020-02-02", None],
        (41280, 0, 2): ["2016-06-06", None, None, None, None, None],
    }
    assert all(len(v) == 6 for v in values.values())
    return values | {(46, 0, 0): none}


def platform_frame(values: Values, people: list[int]) -> pl.DataFrame:
    """Name columns as the platform does, diagnoses as one piped list."""
    columns: dict[str, list[Any]] = {"eid": list(people)}
    for (field, instance, array), held in values.items():
        if field in LISTS:
            continue
        name = f"p{field}" + (f"_i{instance}" if field not in NOT_INSTANCED else "")
        columns[name + (f"_a{array}" if field in ARRAYED else "")] = held
    for field in LISTS & {field for field, *_ in values}:
        arrays = [held for (f, _, _), held in sorted(values.items()) if f == field]
        rows = [[v for v in row if v is not None] for row in zip(*arrays, strict=True)]
        columns[f"p{field}"] = ["|".join(row) or None for row in rows]
    return pl.DataFrame(columns, strict=False)


def classic_frame(values: Values, people: list[int], *, pattern: str = "{}-{}.{}", eid: str = "eid") -> pl.DataFrame:
    """Name columns as the classic layout does; an array is as many columns."""
    return pl.DataFrame(
        {eid: list(people)} | {pattern.format(*key): held for key, held in values.items()}, strict=False
    )


PEOPLE = [1000001, 1000002, 1000003, 1000004, 1000005, 1000006]


def build_paths(paths: list[Path], out: Path, **settings: Any) -> tuple[Cohort, UkBiobankReport]:
    settings.setdefault("censored", dict.fromkeys((Source.HOSPITAL, Source.CANCER, Source.DEATH), LAST_DAY))
    report = build_ukbiobank(UkBiobankSource(inputs=tuple(paths), **settings), out, today=TODAY)
    return Cohort.open(out), report
