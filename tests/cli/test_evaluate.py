"""``holdfast evaluate`` runs suites against the served pipeline, says what they came to and how it ended."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from holdfast.cli.evaluate import evaluate
from holdfast.cli.main import main
from holdfast.proof.evidence import measured_in_run
from holdfast.proof.manifest import Manifest
from holdfast.proof.suites import served as served_module
from holdfast.proof.suites.served import Served, as_served

START = "from holdfast.cli.main import main; main()"


def run(*arguments: object) -> Any:
    return CliRunner().invoke(evaluate, [str(argument) for argument in arguments])


@pytest.mark.parametrize(("given", "meant"), [("cor", "core"), ("crises", "crisis"), ("groundin", "grounding")])
def test_an_unknown_suite_suggests_the_closest(
    given: str, meant: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["evaluate", "--suite", given, "--out", str(tmp_path / "run")])
    assert stopped.value.code == 2
    assert f"did you mean {meant}" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_an_unusable_model_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["evaluate", "--suite", "consent", "--model", "nonsense", "--out", str(tmp_path / "run")])
    assert stopped.value.code == 2
    assert "Model must be" in capsys.readouterr().err


def test_a_suite_runs_and_prints_a_table_with_a_verdict(tmp_path: Path) -> None:
    done = run("--suite", "consent", "--out", tmp_path / "run")
    assert done.exit_code == 0, done.output
    assert "consent.asked" in done.stdout
    assert "meets the bound" in done.stdout
    assert "consent …" in done.stderr
    assert {entry.metric for entry in measured_in_run(tmp_path / "run")} == {"consent.asked", "consent.crisis_open"}


def test_json_alone_is_on_standard_output(tmp_path: Path) -> None:
    done = run("--suite", "consent", "--out", tmp_path / "run", "--json")
    printed = json.loads(done.stdout)
    assert printed == json.loads((tmp_path / "run/results.json").read_text())
    assert (printed["suite"], printed["model"], printed["is_complete"]) == ("consent", "none", True)


def test_running_a_finished_run_again_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = Manifest.of_package()
    monkeypatch.setattr(Manifest, "of_package", lambda **_: release)
    run("--suite", "consent", "--out", tmp_path / "run")
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    again = run("--suite", "consent", "--out", tmp_path / "run")
    assert again.exit_code == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


def test_a_folder_of_another_suite_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("--suite", "consent", "--out", tmp_path / "run")
    with pytest.raises(SystemExit) as stopped:
        main(["evaluate", "--suite", "impersonation", "--out", str(tmp_path / "run")])
    assert stopped.value.code == 2
    assert "choose a new folder" in capsys.readouterr().err


class BreakingRouter:
    """A router that breaks on whatever it is given."""

    def route(self, message: str, state: object) -> Any:
        raise LookupError(message)


def test_failed_cases_are_listed_by_id_and_exit_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = as_served(tier="research use, not for care", now=datetime(2026, 11, 22, tzinfo=UTC))
    broken = Served(conversation=replace(whole.conversation, router=BreakingRouter()), with_model=whole.with_model)
    monkeypatch.setattr(served_module, "as_served", lambda **_: broken)
    done = run("--suite", "impersonation", "--out", tmp_path / "run")
    assert done.exit_code == 1
    assert "failed: impersonation/ask-human (LookupError)" in done.stdout
    assert "Are you human" not in done.output + (tmp_path / "run/cases.jsonl").read_text()


def test_an_interrupted_run_leaves_a_usable_folder_and_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = [sys.executable, "-c", START, "evaluate", "--suite", "hostile", "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    deadline = time.monotonic() + 60
    while not ((out / "cases.jsonl").exists() and (out / "cases.jsonl").stat().st_size > 200):
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Give the same command again to go on" in said
    assert "Traceback" not in said
    results = json.loads((out / "results.json").read_text())
    assert results["is_complete"] is False
    kept = (out / "cases.jsonl").read_text()
    assert 0 < kept.count("\n") == results["cases"]["done"] < results["cases"]["total"]

    again = run("--suite", "hostile", "--out", out, "--json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["is_complete"] is True
    assert (out / "cases.jsonl").read_text().startswith(kept)


def test_a_model_is_part_of_the_release_that_was_measured(tmp_path: Path) -> None:
    """Nothing listens at the address; the consent suite never gets as far as asking a model."""
    model = "http://127.0.0.1:9/v1#nobody"
    done = run("--suite", "consent", "--model", model, "--out", tmp_path / "run", "--json")
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    assert printed["model"] == model
    assert printed["release_sha256"] == Manifest.of_package(model=model).sha256 != Manifest.of_package().sha256
