"""Claims about ``holdfast steward counts``."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from holdfast.cli.steward import steward
from holdfast.errors import InputError
from holdfast.safety.crisis.protocol import load_protocol

LAST_YEAR = str(datetime.now(UTC).year - 1)


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    return {"HOLDFAST_DATA_DIR": str(tmp_path / "data"), "HOLDFAST_CONFIG": ""}


def run(environ: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(steward, ["counts", *arguments], env=environ, catch_exceptions=True)


def test_a_year_can_be_had_as_text_json_and_csv(environ: dict[str, str]) -> None:
    text = run(environ, "--year", LAST_YEAR)
    assert (text.exit_code, text.stdout.splitlines()[0]) == (0, "notices that this is software\t0")
    found = json.loads(run(environ, "--year", LAST_YEAR, "--json").stdout)
    assert found["year"] == int(LAST_YEAR)
    assert len(found["months"]) == 12
    assert found["protocol"]["sha256"] == load_protocol().sha256
    lines = run(environ, "--year", LAST_YEAR, "--csv").stdout.splitlines()
    assert lines[0] == ",".join(["what", *found["months"], "total"])
    assert len(lines) == 1 + len(found["counts"])


def test_a_year_is_needed_and_one_form_only(environ: dict[str, str]) -> None:
    assert "Missing option '--year'" in run(environ).stderr
    both = run(environ, "--year", LAST_YEAR, "--json", "--csv")
    assert (both.exit_code, "Choose one of --json and --csv." in both.stderr) == (2, True)


def test_a_year_to_come_is_refused(environ: dict[str, str]) -> None:
    refused = run(environ, "--year", "2999")
    assert isinstance(refused.exception, InputError)
    assert "got 2999" in str(refused.exception)
