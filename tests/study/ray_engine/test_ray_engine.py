"""A cluster gives what one machine gives, to the bit, also where a worker dies."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from holdfast.metric.tables.reading import open_table
from holdfast.study.error import StudyError
from holdfast.study.risk_model.executor import Executor
from holdfast.study.risk_model.fitting import fit_risk_model
from holdfast.study.risk_model.model_folder import StoredModel
from holdfast.study.risk_model.settings import RiskModelSettings, preset
from holdfast.study.risk_model.visit_encoder import EncoderSettings
from holdfast.study.runs.run_record import RunRecord
from holdfast.study.scoring.table_scoring import ScoredBatch, TableScoring
from holdfast.study.visits import Visits

pytestmark = [
    pytest.mark.long,  # Ray takes about twelve seconds to start
    # Ray copies its own settings one by one, deprecated ones too.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
    # Ray leaves sockets and pipes to the collector, which comes by in whatever test is running then.
    pytest.mark.filterwarnings("ignore:.*ResourceWarning:pytest.PytestUnraisableExceptionWarning"),
]


def quiet(done: int, total: int | None) -> None:
    """Show nothing."""


@dataclass(frozen=True, kw_only=True)
class FragileScoring(TableScoring):
    """Kills the worker that scores the first batch, once."""

    marker: Path

    def score_batch(self, frame: pl.DataFrame) -> ScoredBatch:
        die_once(self.marker)
        return super().score_batch(frame)


@dataclass(frozen=True, kw_only=True)
class Fragile:
    """A unit that kills the worker it is done by, once."""

    function: Callable[[Any], Any]
    marker: Path

    def __call__(self, item: Any) -> Any:
        die_once(self.marker)
        return self.function(item)


@dataclass(frozen=True, kw_only=True)
class FragileExecutor:
    """Loses a worker in every map."""

    inside: Executor
    folder: Path

    def map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        marker = self.folder / f"killed-{len(list(self.folder.iterdir()))}"
        return self.inside.map(Fragile(function=function, marker=marker), items)


def die_once(marker: Path) -> None:
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module", autouse=True)
def sent_by_value(cluster: ModuleType) -> Iterator[None]:
    """Workers cannot import this file."""
    module = sys.modules[__name__]
    cluster.cloudpickle.register_pickle_by_value(module)
    yield
    cluster.cloudpickle.unregister_pickle_by_value(module)


@pytest.fixture(scope="module")
def settings() -> RiskModelSettings:
    fast = preset("fast")
    risk = replace(fast.risk, interval=replace(fast.risk.interval, replicates=5))
    return replace(fast, teachers=("cox", "trees", "kernel"), is_led=True, encoder=EncoderSettings(steps=15), risk=risk)


def digest(people: Visits, settings: RiskModelSettings, **how: Any) -> str:
    model = fit_risk_model(people, settings, age="age", seed=2, **how)
    return StoredModel(model=model, outcome="Death", run=RunRecord(command="fit", configuration={}, data=())).digest


@pytest.fixture(scope="module")
def here(few: Visits, settings: RiskModelSettings) -> str:
    return digest(few, settings)


@pytest.fixture(scope="module")
def job(
    few: Visits, settings: RiskModelSettings, made_up: Any, tmp_path_factory: pytest.TempPathFactory
) -> TableScoring:
    """What is to be scored, and its result on this machine."""
    folder = tmp_path_factory.mktemp("ray")
    table = folder / "people.parquet"
    pl.read_parquet(made_up.folder / "people.parquet").write_parquet(table, row_group_size=1_100)
    model = fit_risk_model(few, replace(settings, teachers=("cox",), is_led=False), age="age", seed=2)
    stored = StoredModel(model=model, outcome="Death", run=RunRecord(command="fit", configuration={}, data=()))
    job = TableScoring(
        stored=stored, table=open_table(table), person="person", out=folder / "here.parquet", batch_rows=100
    )
    job.run(quiet)
    return job


def test_a_cluster_scores_to_the_bit_as_one_machine_does(
    cluster: ModuleType, job: TableScoring, tmp_path: Path
) -> None:
    from holdfast.study.ray_engine.scoring import score_on_ray

    seen: list[tuple[int, int | None]] = []
    there = replace(job, out=tmp_path / "there.parquet")
    assert score_on_ray(there, lambda done, total: seen.append((done, total))) == 3_000
    assert there.out.read_bytes() == job.out.read_bytes()
    assert seen[0] == (0, 3_000)
    assert seen[-1] == (3_000, 3_000)


def test_a_worker_killed_while_scoring_changes_no_byte(cluster: ModuleType, job: TableScoring, tmp_path: Path) -> None:
    from holdfast.study.ray_engine.scoring import score_on_ray

    said = {name: getattr(job, name) for name in ("stored", "table", "person", "batch_rows")}
    fragile = FragileScoring(**said, out=tmp_path / "there.parquet", marker=tmp_path / "killed")
    score_on_ray(fragile, quiet)
    assert fragile.marker.exists()
    assert fragile.out.read_bytes() == job.out.read_bytes()


def test_a_cluster_goes_on_with_what_one_machine_left(cluster: ModuleType, job: TableScoring, tmp_path: Path) -> None:
    from holdfast.study.ray_engine.scoring import score_on_ray

    there = replace(job, out=tmp_path / "there.parquet")

    def stop(done: int, total: int | None) -> None:
        if done >= 1_500:
            raise InterruptedError("stopped here")

    with pytest.raises(InterruptedError, match="stopped here"):
        there.run(stop)
    seen: list[int] = []
    score_on_ray(there, lambda done, total: seen.append(done))
    assert seen[0] == 1_500
    assert there.out.read_bytes() == job.out.read_bytes()


def test_a_cluster_fits_the_same_model(
    cluster: ModuleType, few: Visits, settings: RiskModelSettings, here: str
) -> None:
    from holdfast.study.ray_engine.executor import RayExecutor

    assert digest(few, settings, executor=RayExecutor(cluster)) == here


def test_workers_killed_while_fitting_change_nothing(
    cluster: ModuleType, few: Visits, settings: RiskModelSettings, here: str, tmp_path: Path
) -> None:
    from holdfast.study.ray_engine.executor import RayExecutor

    fragile = FragileExecutor(inside=RayExecutor(cluster), folder=tmp_path)
    assert digest(few, settings, executor=fragile) == here
    assert len(list(tmp_path.iterdir())) == 8  # three teachers, twice; encoders; held-out scores


def test_what_a_worker_refuses_in_a_table_is_refused_here(
    cluster: ModuleType, job: TableScoring, tmp_path: Path
) -> None:
    from holdfast.study.ray_engine.scoring import score_on_ray

    table = tmp_path / "infinite.parquet"
    frame = pl.read_parquet(job.table.path)
    heights = pl.when(pl.int_range(pl.len()) == 2_500).then(float("inf")).otherwise(pl.col("standing_height"))
    frame.with_columns(standing_height=heights).write_parquet(table)
    odd = replace(job, table=open_table(table), out=tmp_path / "there.parquet")
    said = r"^Column 'standing_height' of infinite.parquet must be finite, got 1 of 100 values that are not"
    with pytest.raises(StudyError, match=said) as refused:
        score_on_ray(odd, quiet)
    assert (refused.value.columns, refused.value.rows) == (("standing_height",), 1)


def test_what_a_unit_refuses_is_refused_here(cluster: ModuleType) -> None:
    from holdfast.study.ray_engine.executor import RayExecutor

    def refuse(item: int) -> int:
        raise StudyError("Unit must be even", repr(item), "add one")

    with pytest.raises(StudyError, match="Unit must be even, got 3; add one"):
        list(RayExecutor(cluster).map(refuse, [3]))
