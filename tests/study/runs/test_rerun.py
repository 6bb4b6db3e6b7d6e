"""Making a run again: from wherever, of the data that were read, and stopped without a word on figures."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from holdfast.cli.risk import risk

ASKED = ("--time", "years", "--event", "event", "--features", "x", "--methods", "cox", "--seeds", "1", "--quiet")


def table(path: Path, *, seed: int) -> None:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=200)
    years = generator.exponential(np.exp(-x))
    pl.DataFrame({"x": x, "years": np.minimum(years, 1.0), "event": years < 1.0}).write_parquet(path)


def run(*args: object) -> Result:
    return CliRunner().invoke(risk, [str(arg) for arg in args], catch_exceptions=False)


@pytest.fixture
def run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run whose tables were named relative to the folder that it was started in."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for seed, name in enumerate(("a.parquet", "b.parquet")):
        table(Path(name), seed=seed)
    made = run("evaluate", "--train", "a.parquet", "--test", "b.parquet", *ASKED, "--resamples", 5, "--run", "run")
    assert made.exit_code == 0, made.output
    return tmp_path / "here" / "run"


def test_a_run_is_made_again_from_any_folder(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run_folder)
    assert run("rerun", run_folder, "--quiet").output.startswith("The same: ")


def test_a_run_is_made_again_of_its_own_data_where_others_have_their_names(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    for seed, name in enumerate(("a.parquet", "b.parquet"), start=7):
        table(Path(name), seed=seed)
    assert run("rerun", run_folder, "--quiet").output.startswith("The same: ")


def test_stopping_is_not_taken_for_a_figure_that_differs(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("holdfast.study.runs.rerun.evaluate_tables", stopped)
    found = run("rerun", run_folder, "--quiet")
    assert (found.exit_code, found.output.strip()) == (130, "Stopped; nothing was compared.")
