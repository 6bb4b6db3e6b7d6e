"""Claims about ``holdfast trace``."""

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from holdfast.cli.steward import steward
from holdfast.cli.trace import trace


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A data folder whose trace holds two entries: two stewards were added."""
    monkeypatch.chdir(tmp_path)
    environ = {"HOLDFAST_DATA_DIR": str(tmp_path / "data"), "HOLDFAST_CONFIG": ""}
    for name in ("ada", "eve"):
        arguments = ["add", name, "--role", "operator", "--passphrase-file", "-"]
        result = CliRunner().invoke(steward, arguments, env=environ, input="four plain words\n")
        assert result.exit_code == 0
    return environ


def run(environ: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(trace, arguments, env=environ)


def tamper(environ: dict[str, str], *statements: str) -> None:
    with sqlite3.connect(Path(environ["HOLDFAST_DATA_DIR"]) / "holdfast.db") as connection:
        for statement in ("DROP TRIGGER trace_entry_no_update", *statements):
            connection.execute(statement)
    connection.close()


def test_a_trace_that_holds_is_said_so_with_an_anchor_to_note_down(environ: dict[str, str]) -> None:
    result = run(environ, "verify")
    assert result.exit_code == 0
    assert result.stdout.startswith("The trace holds: 2 entries, 0 of them with their payload erased.\n")
    anchor = result.stdout.split()[-1]
    assert anchor.startswith("2:")
    assert run(environ, "verify", "--anchor", anchor).exit_code == 0
    report = json.loads(run(environ, "verify", "--json").stdout)
    assert report == {"count": 2, "erased": 0, "head": anchor.removeprefix("2:")}


def test_a_broken_trace_exits_1_and_names_the_first_bad_entry(environ: dict[str, str]) -> None:
    tamper(environ, "UPDATE trace_entry SET kind = 'x' WHERE seq = 2")
    result = run(environ, "verify")
    assert result.exit_code == 1
    assert "Trace entry 2 must hold, and does not have the hash that follows from it" in result.stderr
    assert result.stdout == ""


def test_a_trace_that_was_put_back_does_not_fit_its_anchor(environ: dict[str, str]) -> None:
    result = run(environ, "verify", "--anchor", "9:" + "0" * 64)
    assert result.exit_code == 1
    assert "the trace once reached 9" in result.stderr


@pytest.mark.parametrize("anchor", ["", "2", "x:" + "0" * 64, "2:short"])
def test_an_anchor_of_the_wrong_form_is_refused(environ: dict[str, str], anchor: str) -> None:
    result = run(environ, "verify", "--anchor", anchor)
    assert result.exit_code == 2
    assert "a number, a colon and 64 hexadecimal digits" in result.stderr


def test_one_entry_is_shown_as_json(environ: dict[str, str]) -> None:
    shown = json.loads(run(environ, "show", "1").stdout)
    assert (shown["seq"], shown["kind"], shown["prev_hash"]) == (1, "steward", "0" * 64)
    assert shown["payload"] == {"action": "added", "steward": "ada", "role": "operator"}


def test_an_entry_that_does_not_exist_is_said_so(environ: dict[str, str]) -> None:
    assert "Trace entry must exist, got number 7" in str(run(environ, "show", "7").exception)
    assert run(environ, "show", "0").exit_code == 2
