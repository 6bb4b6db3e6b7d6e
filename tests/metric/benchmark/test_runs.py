"""A benchmark goes on where it stopped, and a run in a process of its own is the same run."""

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from holdfast.metric.benchmark import process as benchmark_process
from holdfast.metric.benchmark import runs as benchmark_runs
from holdfast.metric.benchmark.data_source import DataSource
from holdfast.metric.benchmark.peak_memory import watch_memory
from holdfast.metric.benchmark.process import RunRequest, run_apart
from holdfast.metric.benchmark.runs import Benchmark
from holdfast.metric.error import MetricError


@pytest.fixture
def source(dataset, tmp_path) -> DataSource:
    """The small data as a file."""
    parts = {"train": dataset.train, "test": dataset.test}
    arrays = {f"X_{name}": split.inputs.reshape(-1, 4, 4) for name, split in parts.items()}
    np.savez(tmp_path / "clusters.npz", **arrays, **{f"y_{name}": split.labels for name, split in parts.items()})
    return DataSource(path=tmp_path / "clusters.npz")


class Heard:
    """Keeps what a benchmark says."""

    def __init__(self, *, stop_in: int | None = None) -> None:
        self.begun: list[tuple[str, int]] = []
        self.ended: list[bool] = []
        self.stop_in = stop_in

    def begin(self, spec) -> None:
        self.begun.append((spec.loss, spec.seed))

    def step(self, done: int) -> None:
        if self.stop_in is not None and len(self.begun) > self.stop_in:
            raise KeyboardInterrupt

    def end(self, record, *, was_kept: bool) -> None:
        self.ended.append(was_kept)


@pytest.fixture
def benchmark(source, spec, tmp_path) -> Benchmark:
    """Two losses, two seeds, in this process."""
    specs = (spec, replace(spec, loss="nplb"))
    return Benchmark(source=source, specs=specs, seeds=(0, 1), folder=tmp_path / "runs", threads=1, apart=False)


def test_seeds_are_run_whole_one_after_the_other(benchmark):
    heard = Heard()
    list(benchmark.run(heard))
    assert heard.begun == [("triplet", 0), ("nplb", 0), ("triplet", 1), ("nplb", 1)]


def test_a_stopped_benchmark_goes_on_without_making_finished_runs_again(benchmark, monkeypatch):
    made: list[tuple[str, int]] = []

    def counting(data, spec, **options):
        result = run_one(data, spec, **options)
        made.append((spec.loss, spec.seed))
        return result

    run_one = benchmark_runs.run_one
    monkeypatch.setattr(benchmark_runs, "run_one", counting)
    with pytest.raises(KeyboardInterrupt):
        list(benchmark.run(Heard(stop_in=2)))
    assert made == [("triplet", 0), ("nplb", 0)]
    assert benchmark.kept() == 2
    again = Heard()
    records = list(benchmark.run(again))
    assert made == [("triplet", 0), ("nplb", 0), ("triplet", 1), ("nplb", 1)]
    assert again.ended == [True, True, False, False]
    assert [(record.spec.loss, record.spec.seed) for record in records] == again.begun


def test_more_seeds_and_losses_build_on_what_is_kept(benchmark):
    list(benchmark.run(Heard()))
    wider = replace(benchmark, seeds=(0, 1, 2), specs=(*benchmark.specs, replace(benchmark.specs[0], loss="swap")))
    heard = Heard()
    list(wider.run(heard))
    assert heard.ended == [True, True, False] * 2 + [False] * 3


def test_other_settings_are_refused_before_anything_runs(benchmark):
    list(benchmark.run(Heard()))
    longer = replace(benchmark, specs=tuple(replace(spec, steps=30) for spec in benchmark.specs))
    heard = Heard()
    with pytest.raises(MetricError, match="`steps` 20 then and 30 now"):
        list(longer.run(heard))
    assert heard.begun == []


@pytest.mark.parametrize("changed", [{"validate": True}, {"reference_rows": 50}])
def test_other_ways_of_judging_are_other_settings(benchmark, changed):
    list(benchmark.run(Heard()))
    with pytest.raises(MetricError, match="then and"):
        list(replace(benchmark, source=replace(benchmark.source, **changed)).run(Heard()))


def test_runs_of_another_version_are_not_taken_for_ones_of_this(benchmark, monkeypatch):
    list(benchmark.run(Heard()))
    monkeypatch.setattr("holdfast.__version__", "99.0")
    with pytest.raises(MetricError, match=r"`holdfast` .* then and '99.0' now"):
        list(benchmark.run(Heard()))


def test_a_picture_sample_is_kept_for_the_first_seed_only(benchmark):
    list(benchmark.run(Heard()))
    assert sorted(path.name for path in benchmark.folder.glob("*.npz")) == ["nplb-seed0.npz", "triplet-seed0.npz"]


def request_for(benchmark: Benchmark, **changed: object) -> RunRequest:
    plain = {"source": benchmark.source, "spec": benchmark.specs[0], "device": "cpu", "threads": 1}
    return RunRequest(**(plain | {"sample_rows": 0, "folder": benchmark.folder} | changed))


def test_a_run_apart_is_the_same_run_and_its_memory_is_its_own(benchmark):
    here = next(iter(benchmark.run(Heard())))
    heard: list[int] = []
    apart = run_apart(request_for(benchmark, sample_rows=10), heard.append)
    assert apart.scores == here.scores
    assert apart.curve == here.curve
    assert heard == [20]
    assert apart.peak_memory.bytes > 0
    assert (benchmark.folder / "triplet-seed0.npz").is_file()


def test_what_a_run_apart_refuses_is_refused_here(benchmark):
    missing = DataSource(path=Path("nowhere.npz"))
    with pytest.raises(MetricError, match="Data must exist"):
        run_apart(request_for(benchmark, source=missing), lambda done: None)


def test_a_process_that_dies_without_a_word_is_told(benchmark, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(MetricError, match="must end with a result, its process ended with status"):
        run_apart(request_for(benchmark), lambda done: None)


def test_the_process_ends_quietly_when_whoever_asked_is_gone(benchmark, monkeypatch):
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(request_for(benchmark).to_json()) + "\n"))
    monkeypatch.setattr(sys, "stdout", Gone())
    with pytest.raises(SystemExit, match="1"):
        benchmark_process.main()
    sys.stdout.close()


def test_the_process_answers_a_request_in_lines_of_json(benchmark, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(request_for(benchmark).to_json()) + "\n"))
    benchmark_process.main()
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert said[0] == {"steps": 20}
    assert said[1]["record"]["spec"]["loss"] == "triplet"


def test_peak_memory_grows_with_what_a_block_takes():
    import torch

    with watch_memory(torch.device("cpu")) as small:
        pass
    with watch_memory(torch.device("cpu")) as large:
        block = np.ones(8 * 2**20)
    assert block.nbytes == 64 * 2**20
    assert small.peak.how == large.peak.how
    assert large.peak.bytes >= small.peak.bytes + 48 * 2**20


def test_a_peak_is_known_only_at_the_end():
    import torch

    with (
        watch_memory(torch.device("cpu")) as memory,
        pytest.raises(RuntimeError, match="once the watched block has ended"),
    ):
        memory.peak  # noqa: B018 - reading it is what fails
