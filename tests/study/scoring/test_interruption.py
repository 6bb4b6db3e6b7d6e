"""The command itself, ended from outside in the middle of its work."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ENOUGH = 5  # parts


def command(model: Path, table: Path, out: Path) -> list[str]:
    run = "import sys; from holdfast.cli.main import main; sys.exit(main())"
    # Ten rows a batch, so that there is time to end it in the middle.
    asked = ["risk", "score", str(model), str(table), "--out", str(out), "--quiet", "--batch-rows=10", "--threads=2"]
    return [sys.executable, "-c", run, *asked]


def ended(asked: list[str], out: Path, how: signal.Signals) -> int:
    """End the command once some parts are done, and return how it exited."""
    parts = out.with_name(out.name + ".parts")
    with subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 120
        while len(list(parts.glob("part-*.parquet"))) < ENOUGH and time.monotonic() < until:
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(how)
        return process.wait()


@pytest.fixture(scope="module")
def whole(model_folder: Path, table_file: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The result of a run that nobody ended."""
    out = tmp_path_factory.mktemp("whole") / "risk.parquet"
    subprocess.run(command(model_folder, table_file, out), check=True, stdout=subprocess.DEVNULL)
    return out.read_bytes()


@pytest.mark.parametrize(("how", "exits"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)])
def test_the_same_command_after_it_was_ended_gives_the_same_file(
    how: signal.Signals, exits: int, model_folder: Path, table_file: Path, tmp_path: Path, whole: bytes
) -> None:
    out = tmp_path / "risk.parquet"
    asked = command(model_folder, table_file, out)
    assert ended(asked, out, how) == exits
    assert not out.exists()
    first = next(iter(sorted(out.with_name(out.name + ".parts").glob("part-*"))))
    made = first.stat().st_mtime_ns
    again = subprocess.Popen(asked, stdout=subprocess.DEVNULL)
    while again.poll() is None:  # the parts that were there are not made anew
        assert not first.exists() or first.stat().st_mtime_ns == made
        time.sleep(0.01)
    assert again.returncode == 0
    assert out.read_bytes() == whole
    assert not out.with_name(out.name + ".parts").exists()
