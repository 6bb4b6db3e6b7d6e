"""The most memory a block of work took, and how that was measured, because the ways do not compare."""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

__all__ = ["MemoryWatch", "PeakMemory", "watch_memory"]

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")

_GROWTH = "resident memory of the process at its peak while training, less what it held before training"
_PROCESS = "resident memory of the process at its peak since it started, data and libraries included"
_DEVICE = "memory allocated by torch on the device at its peak while training, data included"


@dataclass(frozen=True)
class PeakMemory:
    """Bytes, and how they were measured. Only figures measured the same way compare."""

    bytes: int
    how: str


class MemoryWatch:
    """Filled in with the peak when the block it was opened for ends."""

    def __init__(self) -> None:
        self._peak: PeakMemory | None = None

    @property
    def peak(self) -> PeakMemory:
        """What was measured; only after the block."""
        if self._peak is None:
            raise RuntimeError("The peak is known only once the watched block has ended.")
        return self._peak

    def close(self, peak: PeakMemory) -> None:
        """Record the peak."""
        self._peak = peak


@contextmanager
def watch_memory(device: torch.device) -> Iterator[MemoryWatch]:
    """Watch the memory a block of work takes on ``device``.

    On CUDA torch's own count is used. On the CPU of a Linux machine the kernel's high-water mark is set back first, so
    that the block's growth is what counts; memory an earlier block left to the allocator hides growth, so a fair
    comparison gives each run a process of its own. Elsewhere the whole process's peak is all there is.
    """
    watch = MemoryWatch()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        yield watch
        watch.close(PeakMemory(torch.cuda.max_memory_allocated(device), _DEVICE))
        return
    before = _reset_high_water_mark()
    yield watch
    watch.close(_process_peak() if before is None else PeakMemory(max(0, _status("VmHWM") - before), _GROWTH))


def _reset_high_water_mark() -> int | None:
    """Set the mark back to what is resident now and return that in bytes; None where the system cannot."""
    try:
        _CLEAR.write_text("5")
        return _status("VmRSS")
    except OSError:
        return None


def _status(name: str) -> int:
    for line in _STATUS.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"{_STATUS} must tell {name}; it does not.")


def _process_peak() -> PeakMemory:
    unit = 1 if sys.platform == "darwin" else 1024
    return PeakMemory(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit, _PROCESS)
