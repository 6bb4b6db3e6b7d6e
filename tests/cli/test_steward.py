"""Claims about ``holdfast steward``."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from holdfast.cli.steward import steward
from holdfast.errors import InputError, SettingsError


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    return {"HOLDFAST_DATA_DIR": str(tmp_path / "data"), "HOLDFAST_CONFIG": ""}


def run(environ: dict[str, str], *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(steward, arguments, env=environ, input=typed, catch_exceptions=True)


def test_a_steward_is_added_listed_and_disabled(environ: dict[str, str]) -> None:
    typed = "four plain words\nfour plain words\n"
    added = run(environ, "add", "ada", "--role", "clinician", typed=typed)
    assert (added.exit_code, added.stdout) == (0, "Added ada (clinician).\n")
    assert "four plain words" not in added.output
    assert run(environ, "list").stdout.startswith("ada\tclinician\tsince 20")
    disabled = run(environ, "disable", "ada")
    assert disabled.stdout == "Disabled ada. Their sign-ins have ended.\n"
    assert "\tdisabled 20" in run(environ, "list").stdout


def test_a_passphrase_can_come_from_a_file_or_standard_input(environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text("four plain words\nanother line\n")
    assert run(environ, "add", "ada", "--role", "operator", "--passphrase-file", str(file)).exit_code == 0
    piped = run(environ, "add", "eve", "--role", "ethics_lead", "--passphrase-file", "-", typed="four plain words\n")
    assert piped.exit_code == 0
    assert run(environ, "list").stdout.count("\n") == 2


def test_a_short_passphrase_is_refused_and_nobody_is_added(environ: dict[str, str]) -> None:
    result = run(environ, "add", "ada", "--role", "operator", typed="short\nshort\n")
    assert isinstance(result.exception, InputError)
    assert "Passphrase must have 10 to 256 characters, got 5" in str(result.exception)
    assert run(environ, "list").stdout == ""


def test_a_passphrase_must_differ_from_the_name(environ: dict[str, str]) -> None:
    result = run(environ, "add", "ada-lovelace", "--role", "operator", typed="ada-lovelace\nada-lovelace\n")
    assert "Passphrase must differ from the name" in str(result.exception)


def test_an_unknown_role_is_refused_with_the_known_ones(environ: dict[str, str]) -> None:
    result = run(environ, "add", "ada", "--role", "wizard")
    assert result.exit_code == 2
    assert "'clinician', 'lived_experience', 'ethics_lead', 'operator'" in result.stderr


def test_a_name_that_is_taken_is_refused(environ: dict[str, str]) -> None:
    typed = "four plain words\nfour plain words\n"
    run(environ, "add", "ada", "--role", "operator", typed=typed)
    result = run(environ, "add", "ada", "--role", "clinician", typed=typed)
    assert "'ada' is taken" in str(result.exception)


def test_unknown_settings_are_refused_before_anything_happens(environ: dict[str, str], tmp_path: Path) -> None:
    result = run({**environ, "HOLDFAST_PROT": "1"}, "list")
    assert isinstance(result.exception, SettingsError)
    assert not (tmp_path / "data").exists()
