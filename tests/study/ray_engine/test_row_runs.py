"""How rows are dealt out. No cluster is needed."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from holdfast.study.ray_engine.scoring import RowRun, row_runs


@dataclass
class File:
    groups: tuple[int | None, ...]


@dataclass
class Job:
    """Stands for a scoring: its files and batches."""

    groups: list[tuple[int | None, ...]]
    batch_rows: int = 100
    table: Any = field(init=False)

    def __post_init__(self) -> None:
        self.table = self
        self.files = [File(groups) for groups in self.groups]


@pytest.mark.parametrize("skip", [0, 100, 900, 1_000, 1_300, 1_750])
def test_every_row_that_is_not_done_is_in_one_run_and_in_order(skip: int) -> None:
    groups: list[tuple[int | None, ...]] = [(1_000, 350), (400,)]
    rows = [(f, g, row) for f, file in enumerate(groups) for g, n in enumerate(file) for row in range(n or 0)]
    runs = row_runs(Job(groups), skip=skip)  # type: ignore[arg-type]
    dealt = [(run.file, run.group, row) for run in runs for row in range(run.start, run.stop or 0)]
    assert dealt == rows[skip:]
    assert all((run.stop or 0) - run.start <= 400 for run in runs)


def test_a_file_whose_length_is_unknown_is_one_run() -> None:
    runs = row_runs(Job([(None,)]), skip=300)  # type: ignore[arg-type]
    assert runs == [RowRun(file=0, group=0, start=300, stop=None)]
