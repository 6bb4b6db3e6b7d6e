"""A finished run as it is kept: exact JSON, with the data it was on and the machine and versions it ran with."""

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

import holdfast
from holdfast.measured import Failed, Interval, Measurement, Scored, Unscored
from holdfast.metric.benchmark.data import BenchmarkData
from holdfast.metric.benchmark.peak_memory import PeakMemory
from holdfast.metric.benchmark.run import RunResult
from holdfast.metric.benchmark.scores import RetrievalScores
from holdfast.metric.benchmark.spec import RunSpec
from holdfast.metric.error import MetricError

__all__ = ["FORMAT", "RunRecord", "data_identity", "environment", "measurement_from_json", "measurement_to_json"]

FORMAT = "holdfast-metric-run"
FORMAT_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """What a run was given and what came of it.

    Args:
        spec: The run.
        data: Name, fingerprint, split judged on and notes.
        machine: Where it ran and how: device, threads, versions.
        loss_settings: Every setting of the loss.
        normalize: Whether embeddings had length one.
        scores: How well the embedding retrieves.
        curve: The loss over stretches of equally many steps.
        training_s: Seconds of training.
        steps_per_s: Steps a second.
        peak_memory: The most memory training took, and how that was measured.
        parameters: Numbers the network learnt.
    """

    spec: RunSpec
    data: Mapping[str, Any]
    machine: Mapping[str, Any]
    loss_settings: Mapping[str, object]
    normalize: bool
    scores: RetrievalScores
    curve: tuple[float, ...]
    training_s: float
    steps_per_s: float
    peak_memory: PeakMemory
    parameters: int

    @classmethod
    def of(cls, result: RunResult, data: BenchmarkData) -> "RunRecord":
        """Record a result with the data it came from and the machine this is."""
        kept = {item.name: getattr(result, item.name) for item in fields(RunResult) if item.name != "sample"}
        return cls(data=data_identity(data), machine=environment(data.device), **kept)

    def to_json(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        scores = {item.name: measurement_to_json(getattr(self.scores, item.name)) for item in fields(RetrievalScores)}
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            **plain,
            "spec": self.spec.to_json(),
            "scores": scores,
            "curve": list(self.curve),
            "peak_memory": asdict(self.peak_memory),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "RunRecord":
        """Read what ``to_json`` wrote.

        Raises:
            MetricError: It is not a run, of another version, or damaged.
        """
        known = (stored.get("format"), stored.get("format_version")) if isinstance(stored, Mapping) else None
        if known != (FORMAT, FORMAT_VERSION):
            raise MetricError(f"A kept run must be {FORMAT} {FORMAT_VERSION}, got `{known!r}`; start anew.")
        try:
            plain: dict[str, Any] = {item.name: stored[item.name] for item in fields(cls)}
            plain["spec"] = RunSpec.from_json(stored["spec"])
            plain["scores"] = RetrievalScores(
                **{name: measurement_from_json(figure) for name, figure in stored["scores"].items()}
            )
            plain["curve"] = tuple(stored["curve"])
            plain["peak_memory"] = PeakMemory(**stored["peak_memory"])
        except (KeyError, TypeError, AttributeError) as error:
            raise MetricError("A kept run must be whole; this one is damaged: start anew.") from error
        return cls(**plain)


def data_identity(data: BenchmarkData) -> dict[str, Any]:
    """Return what tells one set of data from another, and what a reader must know of it."""
    return {
        "name": data.name,
        "fingerprint": data.fingerprint,
        "judged_on": data.judged_on,
        "classes": list(data.classes),
        "reference_rows": len(data.reference),
        "notes": list(data.notes),
    }


def environment(device: torch.device) -> dict[str, Any]:
    """Return the machine and the versions that figures and timings depend on."""
    on_cuda = device.type == "cuda"
    return {
        "device": device.type,
        "device_name": torch.cuda.get_device_name(device) if on_cuda else platform.processor() or platform.machine(),
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "holdfast": holdfast.__version__,
        **{name: _version(name) for name in ("torch", "numpy", "scikit-learn")},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def measurement_to_json(measurement: Measurement) -> dict[str, Any]:
    """Return a figure as JSON: value, n and interval; or why there is none."""
    match measurement:
        case Scored(value=value, n=n, interval=interval):
            return {"value": value, "n": n, "interval": None if interval is None else asdict(interval)}
        case Unscored(reason=reason):
            return {"unscored": reason}
        case Failed(error=error):
            return {"failed": error}


def measurement_from_json(stored: Mapping[str, Any]) -> Measurement:
    """Read what ``measurement_to_json`` wrote."""
    if "failed" in stored:
        return Failed(stored["failed"])
    if "unscored" in stored:
        return Unscored(stored["unscored"])
    interval = stored["interval"]
    return Scored(value=stored["value"], n=stored["n"], interval=None if interval is None else Interval(**interval))
