"""Scoring tables: the same whatever the batches, the threads and the interruptions; refused where it must be."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from holdfast.metric.tables.reading import open_table
from holdfast.study.error import StudyError
from holdfast.study.scoring import table_scoring
from holdfast.study.scoring.table_scoring import TableScoring, refuse_repeated
from holdfast.study.visits import Visits


def quiet(done: int, total: int | None) -> None:
    """Show nothing."""


def test_every_person_has_a_row_in_the_order_of_the_table_with_what_the_model_says(
    job: TableScoring, people: Visits
) -> None:
    assert job.run(quiet) == people.n_people
    found = pl.read_parquet(job.out)
    assert found["person"].to_list() == people.persons.tolist()
    said = job.stored.model.score(people.values).to_frame(people.persons.tolist())
    assert_frame_equal(found, said.select(found.columns), check_exact=False, rel_tol=1e-12)


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_change_no_byte(job: TableScoring, threads: int) -> None:
    job.run(quiet)
    several = replace(job, out=job.out.with_name("several.parquet"), threads=threads)
    several.run(quiet)
    assert several.out.read_bytes() == job.out.read_bytes()


@pytest.mark.parametrize("batch_rows", [97, 1_024, 5_000])
def test_batches_change_no_score(job: TableScoring, batch_rows: int) -> None:
    job.run(quiet)
    other = replace(job, out=job.out.with_name("other.parquet"), batch_rows=batch_rows)
    other.run(quiet)
    assert_frame_equal(pl.read_parquet(other.out), pl.read_parquet(job.out), check_exact=False, rel_tol=1e-12)


def test_nobody_s_embedding_depends_on_who_is_scored_with_them(job: TableScoring, people: Visits) -> None:
    model = job.stored.model
    together = model.embed(people.values)
    rows = np.array([0, 1_023, 1_024, 2_999])
    for one, alone in zip(together, model.embed(people.values[rows]), strict=True):
        np.testing.assert_array_equal(one[rows], alone)


class StoppedError(Exception):
    """Stands for whatever ends a run."""


def test_a_run_that_was_cut_off_goes_on_and_gives_the_same_bytes(job: TableScoring) -> None:
    job.run(quiet)
    cut = replace(job, out=job.out.with_name("cut.parquet"), threads=2)

    def stop(done: int, total: int | None) -> None:
        if done >= 1_000:
            raise StoppedError("stopped here")

    with pytest.raises(StoppedError, match="stopped here"):
        cut.run(stop)
    assert not cut.out.exists()
    seen: list[int] = []
    cut.run(lambda done, total: seen.append(done))
    assert seen[0] >= 1_000
    assert cut.out.read_bytes() == job.out.read_bytes()


def test_an_id_that_comes_twice_far_apart_is_refused_before_anything_is_scored(
    job: TableScoring, tmp_path: Path
) -> None:
    frame = pl.read_parquet(job.table.path)
    path = tmp_path / "twice.parquet"
    pl.concat([frame, frame[:2]]).write_parquet(path)
    with pytest.raises(StudyError, match=r"^Persons in twice.parquet must be unique, got 2 of 3002 rows repeated"):
        replace(job, table=open_table(path)).run(quiet)
    assert not list(tmp_path.glob("risk*"))


def test_ids_of_a_csv_whose_length_is_unknown_are_looked_at_too(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("person\n" + "\n".join(f"p{i}" for i in range(500)) + "\n", encoding="utf-8")
    refuse_repeated(open_table(path), "person")
    path.write_text("person\na\nb\na\na\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"got 2 of 4 rows repeated"):
        refuse_repeated(open_table(path), "person")


def with_odd_units(table: Path, out: Path, rows: slice) -> Path:
    """Write the table with the heights of some people in metres."""
    frame = pl.read_parquet(table).with_row_index("row")
    is_odd = pl.col("row").is_between(rows.start, rows.stop - 1)
    height = pl.when(is_odd).then(pl.col("standing_height") / 100).otherwise(pl.col("standing_height"))
    frame.with_columns(standing_height=height).drop("row").write_parquet(out)
    return out


def test_a_wrong_unit_in_the_table_is_refused_and_a_few_odd_values_at_its_end_are_not(
    job: TableScoring, tmp_path: Path
) -> None:
    few = with_odd_units(job.table.path, tmp_path / "few.parquet", slice(2_990, 3_000))
    last = replace(job, table=open_table(few), batch_rows=2_990)  # all of the last batch
    assert last.run(quiet) == 3_000
    all_ = with_odd_units(job.table.path, tmp_path / "all.parquet", slice(0, 3_000))
    with pytest.raises(StudyError, match=r"must lie in .* cm, got 497 of 497 values outside, as m would be"):
        replace(job, table=open_table(all_), out=tmp_path / "all_risk.parquet").run(quiet)


def test_no_more_batches_are_held_than_threads_and_one(job: TableScoring, monkeypatch: pytest.MonkeyPatch) -> None:
    """What bounds memory: batches are read no further ahead than they are written."""
    read = 0
    frames = TableScoring.frames

    def counted(self: TableScoring, *, skip: int) -> Any:
        nonlocal read
        for frame in frames(self, skip=skip):
            read += 1
            yield frame

    ahead: list[int] = []
    monkeypatch.setattr(table_scoring.TableScoring, "frames", counted)
    many = replace(job, batch_rows=100, threads=2)
    many.run(lambda done, total: ahead.append(read - done // 100))
    assert len(ahead) > 30
    assert max(ahead) <= 3
