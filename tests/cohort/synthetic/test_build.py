"""Building a made-up cohort: the same bytes from the same seed, refusals, and nothing left when it stops."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from holdfast.cohort import CohortError
from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.synthetic import build_synthetic
from holdfast.cohort.synthetic.build import BLOCK

TODAY = date(2026, 11, 22)
TABLES = ("people", "conditions", "outcomes", "truth")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_and_size_give_the_same_bytes_whatever_the_batch(tmp_path: Path) -> None:
    sizes = {"one": 1, "two": 2 * BLOCK + 1, "all": 10**6}
    for name, size in sizes.items():
        build_synthetic(tmp_path / name, people=30_000, seed=5, today=TODAY, batch_people=size)
    one = contents(tmp_path / "one")
    assert set(one) == {*(f"{t}.parquet" for t in TABLES), "schema.json", "flow.json", "provenance.json"}
    assert one == contents(tmp_path / "two") == contents(tmp_path / "all")


def test_another_seed_gives_other_people(tmp_path: Path) -> None:
    first, second = (build_synthetic(tmp_path / str(s), people=1000, seed=s, today=TODAY) for s in (1, 2))
    assert not first.people().collect().equals(second.people().collect())


def test_a_smaller_cohort_is_the_beginning_of_a_larger_one(tmp_path: Path, made_up: Cohort) -> None:
    small = build_synthetic(tmp_path / "small", people=1234, seed=1, today=TODAY)
    ids = small.people().select("person").collect()
    for table in TABLES:
        whole = pl.read_parquet(made_up.folder / f"{table}.parquet").join(ids, on="person", maintain_order="left")
        assert_frame_equal(pl.read_parquet(small.folder / f"{table}.parquet"), whole)


def test_progress_adds_up_to_everyone(tmp_path: Path) -> None:
    told: list[int] = []
    build_synthetic(tmp_path / "c", people=20_000, seed=0, today=TODAY, batch_people=BLOCK, progress=told.append)
    assert told == [8192, 8192, 3616]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"people": 999}, "People must be 1000 to 5000000, got 999"),
        ({"people": 5_000_001}, "People must be 1000 to 5000000, got 5000001"),
        ({"seed": -1}, "Seed must be 0 to 9223372036854775807, got -1"),
        ({"batch_people": 0}, "People a batch must be 1 to 5000000, got 0"),
    ],
)
def test_numbers_out_of_range_are_refused(tmp_path: Path, settings: dict[str, int], message: str) -> None:
    with pytest.raises(CohortError, match=message):
        build_synthetic(tmp_path / "c", **({"people": 1000, "seed": 0} | settings), today=TODAY)
    assert list(tmp_path.iterdir()) == []


def stopping() -> Callable[[int], None]:
    def stop(_: int) -> None:
        raise KeyboardInterrupt("stopped")

    return stop


def test_a_build_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt, match="stopped"):
        build_synthetic(tmp_path / "c", people=1000, seed=0, today=TODAY, progress=stopping())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_taken_is_refused_before_anything_is_made(tmp_path: Path, made_up: Cohort) -> None:
    with pytest.raises(CohortError, match="Cohort must be a new folder"):
        build_synthetic(made_up.folder, people=1000, seed=0, today=TODAY, progress=stopping())


def test_it_is_a_valid_cohort_without_findings(made_up: Cohort) -> None:
    assert made_up.validate(today=TODAY) == ()
