"""All runs of a benchmark, one after the other, each kept at once; runs that are kept already are not made again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import torch

from holdfast.metric.benchmark.data import BenchmarkData
from holdfast.metric.benchmark.data_source import DataSource
from holdfast.metric.benchmark.process import RunRequest, run_apart
from holdfast.metric.benchmark.record import RunRecord, data_identity, environment
from holdfast.metric.benchmark.run import run_one
from holdfast.metric.benchmark.run_store import RunStore
from holdfast.metric.benchmark.spec import RunSpec

__all__ = ["SAMPLE_ROWS", "Benchmark", "Progress"]

SAMPLE_ROWS = 2_000


class Progress(Protocol):
    """Hears how a benchmark goes on."""

    def begin(self, spec: RunSpec) -> None:
        """A run begins."""

    def step(self, done: int) -> None:
        """The run has done so many steps."""

    def end(self, record: RunRecord, *, was_kept: bool) -> None:
        """The run is finished; ``was_kept`` if an earlier call had made it."""


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """Losses compared on the same data, weights, images and budget.

    Args:
        source: The data.
        specs: One run for each loss, of any seed.
        seeds: Each loss is run with each of these.
        folder: Where finished runs are kept.
        device: cpu or cuda.
        threads: Threads of torch; None for its default.
        apart: Make each run in a process of its own, which its peak memory on a CPU needs.
    """

    source: DataSource
    specs: tuple[RunSpec, ...]
    seeds: tuple[int, ...]
    folder: Path
    device: str = "cpu"
    threads: int | None = None
    apart: bool = True

    @property
    def runs(self) -> tuple[RunSpec, ...]:
        """Every run, seed by seed, so that stopping early leaves the losses compared on whole seeds."""
        return tuple(replace(spec, seed=seed) for seed in self.seeds for spec in self.specs)

    def kept(self) -> int:
        """Return how many runs are finished, whatever their settings."""
        store = RunStore(self.folder)
        return sum(store.has(spec) for spec in self.runs)

    def run(self, progress: Progress) -> Iterator[RunRecord]:
        """Yield the record of every run, making those not kept yet.

        Raises:
            MetricError: Runs are kept that were made with other settings, or a run refuses its input.
        """
        if self.threads is not None:
            torch.set_num_threads(self.threads)
        loaded = self.source.load("cpu" if self.apart else self.device)
        store, context = RunStore(self.folder), self._context(loaded)
        data = None if self.apart else loaded  # each process loads its own
        del loaded
        found = [store.find(spec, context=context) for spec in self.runs]
        for spec, kept in zip(self.runs, found, strict=True):
            progress.begin(spec)
            record = kept or self._make(spec, store, data, progress.step)
            progress.end(record, was_kept=kept is not None)
            yield record

    def _context(self, data: BenchmarkData) -> Mapping[str, Any]:
        """Return what must be the same for runs to belong together, beside their own settings."""
        identity, machine = data_identity(data), environment(torch.device(self.device))
        of_data = {name: identity[name] for name in ("fingerprint", "judged_on", "reference_rows")}
        of_machine = {name: machine[name] for name in ("device", "threads", "holdfast", "torch")}
        return {**of_data, **of_machine, "apart": self.apart}

    def _make(
        self, spec: RunSpec, store: RunStore, data: BenchmarkData | None, on_step: Callable[[int], None]
    ) -> RunRecord:
        sample_rows = SAMPLE_ROWS if spec.seed == self.seeds[0] else 0
        if data is None:
            record = run_apart(self._request(spec, sample_rows), on_step)
        else:
            result = run_one(data, spec, device=self.device, sample_rows=sample_rows, on_step=on_step)
            if result.sample is not None:
                store.keep_sample(spec, result.sample)
            record = RunRecord.of(result, data)
        record = replace(record, machine={**record.machine, "apart": self.apart})
        store.keep(record)
        return record

    def _request(self, spec: RunSpec, sample_rows: int) -> RunRequest:
        return RunRequest(
            source=self.source,
            spec=spec,
            device=self.device,
            threads=self.threads,
            sample_rows=sample_rows,
            folder=self.folder,
        )
