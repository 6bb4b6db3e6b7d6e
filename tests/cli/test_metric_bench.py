"""``holdfast metric bench`` runs every loss, writes what was asked for, goes on where it stopped, explains itself."""

import json
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from holdfast.cli.metric_bench import bench
from holdfast.errors import ContentError, StorageError, UnknownNameError
from holdfast.metric.error import MetricError

LOSSES = ["triplet", "triplet-all", "npair", "swap", "mdr", "supcon", "nplb", "nplb-all"]
TINY = ["--steps", "8", "--images-per-step", "12", "--embedding-dim", "4", "--hidden", "8", "--threads", "1"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Sixty 4 x 4 pictures of three classes to learn from, thirty to judge."""
    generator = np.random.default_rng(0)

    def split(n: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(n) % 3
        return (generator.integers(0, 120, (n, 4, 4)) + 60 * labels[:, None, None]).astype(np.uint8), labels

    (x_train, y_train), (x_test, y_test) = split(60), split(30)
    np.savez(tmp_path / "small.npz", X_train=x_train, y_train=y_train, X_test=x_test, y_test=y_test)
    return tmp_path / "small.npz"


def call(data: Path, *arguments: str, in_process: bool = True) -> Result:
    """Run the command, its mistakes raised as the top of the command line receives them."""
    where = ["--data", str(data), "--json", str(data.with_name("out.json"))]
    quick = ["--in-process"] if in_process else []
    result = CliRunner().invoke(bench, [*where, *TINY, *quick, *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_all_eight_losses_from_data_to_results_plot_and_pictures(data, tmp_path):
    plot, pictures = tmp_path / "out.svg", tmp_path / "pictures"
    result = call(data, "--seeds", "2", "--plot", str(plot), "--projection", str(pictures))
    assert result.exit_code == 0, result.output
    stored = json.loads((tmp_path / "out.json").read_text())
    assert [loss["loss"] for loss in stored["losses"]] == LOSSES
    assert len(stored["runs"]) == 16
    assert {loss["settings"]["images_per_step"] for loss in stored["losses"]} == {12}
    drawn = {loss["loss"]: loss["drawn"] for loss in stored["losses"]}
    assert drawn["nplb"] == "4 x random triplets a step"
    assert drawn["npair"] == "6 x random pairs a step"
    assert drawn["nplb-all"] == "1 x class-balanced batch a step"
    assert all(0 <= loss["figures"]["knn_weighted_f1"]["value"] <= 1 for loss in stored["losses"])
    assert all(loss in result.stdout for loss in LOSSES)
    assert "above 0: better" in result.stdout
    assert "<svg" in plot.read_text()
    assert sorted(path.stem for path in pictures.glob("*.svg")) == sorted(LOSSES)


def test_runs_on_a_cpu_are_made_in_processes_of_their_own_by_default(data):
    call(data, "--seeds", "1", "--losses", "triplet", in_process=False)
    (run,) = json.loads(data.with_name("out.json").read_text())["runs"]
    assert run["machine"]["apart"] is True
    assert run["peak_memory"]["bytes"] > 0


def test_a_second_call_makes_only_what_is_missing(data):
    call(data, "--seeds", "1", "--losses", "triplet,nplb")
    kept = data.with_name("out.runs") / "nplb-seed0.json"
    before = kept.stat().st_mtime_ns
    result = call(data, "--seeds", "2", "--losses", "triplet,nplb")
    assert kept.stat().st_mtime_ns == before
    assert result.stderr.count("kept from before") == 2
    assert len(json.loads(data.with_name("out.json").read_text())["runs"]) == 4


def test_other_settings_are_refused_until_fresh_is_given(data):
    call(data, "--seeds", "1", "--losses", "triplet")
    with pytest.raises(MetricError, match=r"`lr` 0.001 then and 0.01 now; start anew with --fresh"):
        call(data, "--seeds", "1", "--losses", "triplet", "--lr", "0.01")
    result = call(data, "--seeds", "1", "--losses", "triplet", "--lr", "0.01", "--fresh")
    assert "Starting anew: 1 kept runs removed" in result.stderr
    assert result.exit_code == 0


def test_a_file_gives_each_loss_its_settings_and_options_win(data, tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text("losses: {nplb: {lr: 0.02, loss: {margin: 0.4, weight: 0.5}}}")
    call(data, "--seeds", "1", "--losses", "triplet,nplb", "--config", str(config), "--weight", "0.25", "--normalize")
    triplet, nplb = json.loads(data.with_name("out.json").read_text())["losses"]
    assert (triplet["settings"]["lr"], nplb["settings"]["lr"]) == (0.001, 0.02)
    assert nplb["settings"]["loss_settings"] == {"margin": 0.4, "weight": 0.25}
    assert triplet["settings"]["normalize"] is True


def test_validation_is_told_from_the_test_split(data):
    result = call(data, "--seeds", "1", "--losses", "triplet", "--validate", "--reference", "all")
    assert "judged on validation" in result.stdout
    assert "every training row" in result.stdout


def test_a_table_needs_its_column_of_classes_and_takes_it(tmp_path):
    rows = ["a,b,kind"] + [f"{i % 7},{i % 3},{'x' if i % 3 else 'y'}" for i in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(rows))
    with pytest.raises(MetricError, match="name the column of classes"):
        call(tmp_path / "t.csv", "--losses", "triplet")
    result = call(tmp_path / "t.csv", "--losses", "triplet", "--label", "kind", "--seeds", "1")
    assert result.exit_code == 0


def test_diverging_is_said_and_exits_one(data):
    result = call(data, "--seeds", "1", "--losses", "triplet", "--lr", "1e30", "--steps", "100")
    assert result.exit_code == 1
    assert "training diverged" in result.stderr
    assert "1 diverged" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["--losses", "nlpb"], UnknownNameError, "did you mean nplb"),
        (["--losses", ""], MetricError, "named once each"),
        (["--losses", "npair", "--margin", "1"], MetricError, "none has it"),
        (["--losses", "triplet", "--margin=-1"], MetricError, "margin"),
        (["--baseline", "tripelt"], UnknownNameError, "did you mean triplet"),
        (["--plot", "/proc/no/plot.svg"], StorageError, "'/proc/no' must be writable"),
        (["--projection", "/proc/no"], StorageError, "'/proc/no' must be writable"),
        (["--json", "/proc/no/out.json"], StorageError, "'/proc/no/out.runs' must be writable"),
        (["--images-per-step", "10"], MetricError, "a multiple of 6 fits every loss"),
        (["--label", "x"], MetricError, "leave it out"),
        (["--config", "nowhere.yaml"], ContentError, "must be a readable file"),
    ],
)
def test_a_mistake_is_explained(data, arguments, error, message):
    with pytest.raises(error, match=message):
        call(data, *arguments)
    assert not data.with_name("out.json").exists()
    assert not list(data.parent.glob("out.runs/*"))


def test_a_baseline_that_is_not_run_is_said_to_leave_nothing_compared(data):
    result = call(data, "--seeds", "1", "--losses", "nplb,swap")
    assert "triplet is not among the losses: nothing is compared" in result.stderr


def test_a_full_disk_is_said_and_finished_runs_go_on_from_there(data):
    """The limit on the size of a file stands in for a full disk: a run fits in it, the sum of two does not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, hard))
    try:
        with pytest.raises(StorageError, match=r"got: File too large; .* finished runs are kept"):
            call(data, "--seeds", "3", "--losses", "triplet,nplb")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not data.with_name("out.json").exists()
    assert not list(data.parent.rglob(".*out*"))
    assert "kept from before" in call(data, "--seeds", "3", "--losses", "triplet,nplb").stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--hidden", "wide"], "give widths as 512,256"),
        (["--reference", "some"], "give a number of rows, or all"),
        (["--seeds", "0"], "0 is not in the range"),
        (["--network", "resnet"], "is not one of"),
    ],
)
def test_a_mistyped_option_exits_two(data, arguments, message):
    result = call(data, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.parametrize("apart", [True, False])
def test_stopping_by_keystroke_keeps_finished_runs_and_says_how_to_go_on(data, apart):
    """A real interrupt, sent while a run that would take hours is under way."""
    code = "from holdfast.cli.metric_bench import bench; bench()"
    where = ["--data", str(data), "--json", str(data.with_name("out.json"))]
    config = data.with_name("c.yaml")
    config.write_text("defaults: {steps: 8}\nlosses: {nplb: {steps: 5000000}}")
    arguments = [*where, *TINY[2:], "--seeds", "1", "--losses", "triplet,nplb", "--config", str(config)]
    arguments += [] if apart else ["--in-process"]
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE, text=True)
    try:
        first = process.stderr.readline()
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=60)
    finally:
        process.kill()
    assert first.startswith("triplet, seed 0: weighted F1")
    assert process.returncode == 130
    assert "1 of 2 runs are finished and kept" in rest
    assert "Give the same command again to go on." in rest
    assert "Traceback" not in rest
