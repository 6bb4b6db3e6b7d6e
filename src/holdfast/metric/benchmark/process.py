"""One run in a process of its own, so that its peak memory is its own; ``python -m holdfast.metric.benchmark.process``.

The process reads one JSON line, the request, and writes JSON lines: ``{"steps": n}`` as it goes on, and at the end
``{"record": ...}`` or, for what the user can mend, ``{"refused": message}``.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from holdfast.errors import HoldfastError
from holdfast.metric.benchmark.data_source import DataSource
from holdfast.metric.benchmark.record import RunRecord
from holdfast.metric.benchmark.run import run_one
from holdfast.metric.benchmark.run_store import RunStore
from holdfast.metric.benchmark.spec import RunSpec
from holdfast.metric.error import MetricError

__all__ = ["RunRequest", "execute", "main", "run_apart"]


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What a process is asked for.

    Args:
        source: The data.
        spec: The run.
        device: cpu or cuda.
        threads: Threads of torch; None for its default.
        sample_rows: Judged rows whose embeddings to keep.
        folder: Where the embeddings are kept.
    """

    source: DataSource
    spec: RunSpec
    device: str
    threads: int | None
    sample_rows: int
    folder: Path

    def to_json(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        return {
            "source": self.source.to_json(),
            "spec": self.spec.to_json(),
            "device": self.device,
            "threads": self.threads,
            "sample_rows": self.sample_rows,
            "folder": str(self.folder),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "RunRequest":
        """Read what ``to_json`` wrote."""
        return cls(
            source=DataSource.from_json(stored["source"]),
            spec=RunSpec.from_json(stored["spec"]),
            device=stored["device"],
            threads=stored["threads"],
            sample_rows=stored["sample_rows"],
            folder=Path(stored["folder"]),
        )


def execute(request: RunRequest, on_step: Callable[[int], None]) -> RunRecord:
    """Load the data, make the run and keep its sample; the record is the caller's to keep."""
    if request.threads is not None:
        torch.set_num_threads(request.threads)
    data = request.source.load(request.device)
    result = run_one(data, request.spec, device=request.device, sample_rows=request.sample_rows, on_step=on_step)
    if result.sample is not None:
        RunStore(request.folder).keep_sample(request.spec, result.sample)
    return RunRecord.of(result, data)


def run_apart(request: RunRequest, on_step: Callable[[int], None]) -> RunRecord:
    """Make a run in a process of its own. Whatever ends this call early, a keystroke too, ends that process.

    Raises:
        MetricError: The run refuses its input, or its process ended without a word, as when memory runs out.
    """
    command = [sys.executable, "-m", "holdfast.metric.benchmark.process"]
    process = subprocess.Popen(  # noqa: S603 - this interpreter, and a module of ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    with process:
        try:
            process.stdin.write(json.dumps(request.to_json()) + "\n")  # type: ignore[union-attr]  # it is a pipe
            process.stdin.close()  # type: ignore[union-attr]
            for line in process.stdout:  # type: ignore[union-attr]
                said = json.loads(line)
                if "steps" in said:
                    on_step(said["steps"])
                elif "refused" in said:
                    raise MetricError(said["refused"])
                else:
                    return RunRecord.from_json(said["record"])
            process.wait()
        except BrokenPipeError:  # it ended before it read the request: said below
            process.wait()
        finally:
            process.terminate()
    spec = request.spec
    raise MetricError(
        f"The run of {spec.loss} with seed {spec.seed} must end with a result, its process ended with status "
        f"`{process.returncode}`; free memory, or make the run smaller."
    )


def main() -> None:
    """Serve one request from standard input."""
    request = RunRequest.from_json(json.loads(sys.stdin.readline()))

    def say(message: Mapping[str, Any]) -> None:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    try:
        say({"record": execute(request, lambda steps: say({"steps": steps})).to_json()})
    except HoldfastError as error:
        say({"refused": str(error)})
    except BrokenPipeError:  # whoever asked is gone, killed perhaps: nobody is left to tell
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - what is left unsaid is flushed at exit
        sys.exit(1)


if __name__ == "__main__":
    main()
