"""20,000 people in the platform's layout, with every field of the list: the same cohort in any batches."""

import random
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from holdfast.cohort.schema import Kind
from holdfast.cohort.ukbiobank.dictionary import FieldDictionary
from holdfast.cohort.ukbiobank.field_list import load_field_list
from ukbiobank_extract import build_paths

N = 20_000
ARRAYS = 40


def extract(n: int, dictionary: Path, seed: int) -> pl.DataFrame:
    """Draw every feature of the field list, and up to 40 diagnoses a person."""
    draw, known = np.random.default_rng(seed), FieldDictionary.open(dictionary)
    age = draw.integers(40, 70, n)
    year = draw.integers(2007, 2010, n)
    columns: dict[str, pl.Series] = {
        "eid": pl.Series(draw.permutation(n) + 1_000_000),
        "p34": pl.Series(year - age - 1),
        "p52": pl.Series(np.full(n, 12)),
        "p53_i0": pl.Series([date(int(y), 6, 1) for y in year]),
    }
    for feature in load_field_list().value.features:
        field = known.fields[feature.field]
        name = f"p{field.id}" + ("_i0" if field.is_instanced else "")
        if feature.name == "age":
            columns[name] = pl.Series(year - 1 - (year - age - 1))
        elif feature.kind is Kind.NUMERIC:
            low, high = feature.plausible or (0.0, 1.0)
            columns[name] = pl.Series(draw.uniform(low, high, n).round(3)).cast(pl.Float64)
        else:
            codes = [int(code) for code in known.codings[field.coding or 0] if int(code) >= 0]
            columns[name] = pl.Series(draw.choice(codes, n))
    return pl.DataFrame(columns).with_columns(diagnoses(n, seed))


def diagnoses(n: int, seed: int) -> list[pl.Series]:
    draw = random.Random(seed)
    codes = ["E119", "I251", "F320", "I10", "J449", "Z867", "K219", "M170", "N183", "G309"]
    lists = [draw.sample(codes, draw.randrange(len(codes))) for _ in range(n)]
    days = [[date(1998, 1, 1) + timedelta(days=draw.randrange(9000)) for _ in row] for row in lists]
    joined = pl.Series("p41270", ["|".join(row) or None for row in lists])
    arrays = [pl.Series(f"p41280_a{i}", [row[i] if i < len(row) else None for row in days]) for i in range(ARRAYS)]
    deaths = [date(2011, 1, 1) + timedelta(days=draw.randrange(4000)) if draw.random() < 0.1 else None for _ in lists]
    causes = [None if day is None else draw.choice(codes) for day in deaths]
    return [joined, *arrays, pl.Series("p40000_i0", deaths, dtype=pl.Date), pl.Series("p40001_i0", causes)]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, dictionary: Path) -> Path:
    path = tmp_path_factory.mktemp("many") / "extract.csv"
    extract(N, dictionary, seed=7).write_csv(path)
    return path


def test_twenty_thousand_people_are_the_same_in_any_batches(path: Path, tmp_path: Path, dictionary: Path) -> None:
    whole, _ = build_paths([path], tmp_path / "whole", dictionary=dictionary, batch_rows=N)
    cut, _ = build_paths([path], tmp_path / "cut", dictionary=dictionary, batch_rows=3000)
    assert whole.n_people == N
    assert len(whole.schema.features) == len(load_field_list().value.features)
    for name in ("people", "conditions", "outcomes", "undated_conditions"):
        assert (cut.folder / f"{name}.parquet").read_bytes() == (whole.folder / f"{name}.parquet").read_bytes(), name
