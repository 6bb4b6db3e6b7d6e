"""One evaluation from end to end: run what is left, sum up, and write the folder's results and report."""

import platform
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from holdfast.measured import measurement_to_dict
from holdfast.proof.evidence import RESULTS, Measured
from holdfast.proof.gate import Reason, judge_bound
from holdfast.proof.manifest import Manifest
from holdfast.proof.policy import Bound, ReleasePolicy
from holdfast.proof.suites.record import CaseRecord
from holdfast.proof.suites.run_folder import REPORT, RunFolder
from holdfast.proof.suites.runner import Progress, run_suites
from holdfast.proof.suites.served import Served
from holdfast.proof.suites.suite import Suite
from holdfast.proof.suites.summary import MetricResult, summarise

__all__ = ["Evaluation", "Judged", "describe_run", "open_evaluation"]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A metric's result, the bound that the policy sets for it (if any) and why it is not met (if it is not)."""

    result: MetricResult
    bound: Bound | None
    reasons: tuple[Reason, ...]

    @property
    def verdict(self) -> str:
        """The verdict in a few words."""
        if self.bound is None:
            return "no bound set"
        if not self.reasons:
            return "meets the bound"
        return ", ".join(dict.fromkeys(reason.defect.value.replace("_", " ") for reason in self.reasons))


@dataclass(kw_only=True)
class Evaluation:
    """A run under way. ``records`` grows as cases finish; ``write`` can be called at any time."""

    name: str
    suites: tuple[Suite[Any], ...]
    folder: RunFolder
    manifest: Manifest
    policy: ReleasePolicy
    records: list[CaseRecord]

    @property
    def total(self) -> int:
        """How many cases there are."""
        return sum(len(suite.cases) for suite in self.suites)

    @property
    def is_complete(self) -> bool:
        """Whether every case was run."""
        return len(self.records) == self.total

    @property
    def failures(self) -> tuple[CaseRecord, ...]:
        """The records of cases in which something was raised."""
        return tuple(record for record in self.records if record.is_failed)

    async def run(self, served: Served, progress: Callable[[Progress], None]) -> None:
        """Run every case that has no record yet, keeping each record as it comes."""
        await run_suites(self.suites, served, known=tuple(self.records), keep=self._keep, progress=progress)

    def judged(self) -> tuple[Judged, ...]:
        """Return every metric with its verdict against the policy."""
        return tuple(self._judge(result) for result in summarise(self.suites, self.records))

    def results(self) -> dict[str, Any]:
        """Return the results as JSON-ready values."""
        return {
            "format": 1,
            "suite": self.name,
            "started": self.folder.started,
            "is_complete": self.is_complete,
            "cases": {"done": len(self.records), "total": self.total},
            "release_sha256": self.manifest.sha256,
            "model": self.manifest.model,
            "metrics": [_metric(judged) for judged in self.judged()],
            "failures": [record.to_dict() for record in self.failures],
        }

    def write(self) -> None:
        """Write results and report; with cases left to run, what they would have measured is unscored.

        Raises:
            EvidenceError: The folder cannot be written.
        """
        from holdfast.proof.suites.report import render_report

        self.folder.write_json(RESULTS, self.results())
        self.folder.write(REPORT, render_report(self))

    def _keep(self, record: CaseRecord) -> None:
        self.folder.keep(record)
        self.records.append(record)

    def _judge(self, result: MetricResult) -> Judged:
        bound = self.policy.bound_of(result.metric.id)
        if bound is None:
            return Judged(result=result, bound=None, reasons=())
        started = datetime.fromisoformat(self.folder.started)
        measured = Measured(
            metric=result.metric.id,
            measurement=result.measurement,
            at=started,
            suite=result.suite,
            suite_sha256=result.suite_sha256,
            release_sha256=self.manifest.sha256,
        )
        reasons = judge_bound(measured, bound, self.policy, self.manifest, started)
        return Judged(result=result, bound=bound, reasons=reasons)


def open_evaluation(
    name: str,
    suites: Iterable[Suite[Any]],
    out: Path,
    *,
    manifest: Manifest,
    policy: ReleasePolicy,
    now: datetime,
) -> Evaluation:
    """Begin an evaluation in ``out``, or go on with the one there.

    Raises:
        EvidenceError: The folder holds something else, or a run of another release, suite or model.
    """
    chosen = tuple(suites)
    folder = RunFolder.open(out, describe_run(name, chosen, manifest, now))
    records = list({(record.suite, record.case): record for record in folder.records()}.values())
    return Evaluation(name=name, suites=chosen, folder=folder, manifest=manifest, policy=policy, records=records)


def describe_run(name: str, suites: Iterable[Suite[Any]], manifest: Manifest, now: datetime) -> dict[str, Any]:
    """Return what a run is made of, JSON-ready: release, suites, settings, environment and when it started."""
    return {
        "format": 1,
        "started": now.isoformat(),
        "release": manifest.to_dict(),
        "suites": {
            suite.id: {"version": suite.version, "file": suite.file, "sha256": suite.sha256, "cases": len(suite.cases)}
            for suite in suites
        },
        "settings": {"suite": name, "model": manifest.model},
        "environment": {
            "holdfast": manifest.version,
            "python": f"{platform.python_implementation()} {platform.python_version()}",
            "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        },
    }


def _metric(judged: Judged) -> dict[str, Any]:
    result, bound = judged.result, judged.bound
    return {
        "metric": result.metric.id,
        "title": result.metric.title,
        "better": result.metric.better,
        "unit": result.metric.unit,
        "suite": result.suite,
        "suite_version": result.suite_version,
        "suite_sha256": result.suite_sha256,
        "measurement": measurement_to_dict(result.measurement),
        "missed": list(result.missed),
        "parts": [{"name": part.name, "measurement": measurement_to_dict(part.measurement)} for part in result.parts],
        "bound": None
        if bound is None
        else {"direction": bound.direction, "bound": bound.bound, "minimum_n": bound.minimum_n},
        "verdict": judged.verdict,
        "reasons": [reason.words for reason in judged.reasons],
    }
