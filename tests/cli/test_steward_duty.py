"""Claims about ``holdfast steward duty`` and ``holdfast steward drill``."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from holdfast.cli.steward import steward
from holdfast.errors import AccessError, InputError
from mail_server import Post


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    return {"HOLDFAST_DATA_DIR": str(tmp_path / "data"), "HOLDFAST_CONFIG": ""}


def run(environ: dict[str, str], *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(steward, arguments, env=environ, input=typed, catch_exceptions=True)


@pytest.fixture
def ada(environ: dict[str, str]) -> None:
    run(environ, "add", "ada", "--role", "clinician", "--passphrase-file", "-", typed="four plain words\n")


def test_a_steward_goes_on_and_off_duty_and_is_listed(environ: dict[str, str], ada: None) -> None:
    assert run(environ, "duty", "list").stdout.startswith("Nobody is on duty.")
    on = run(environ, "duty", "on", "ada", "--minutes", "30")
    assert (on.exit_code, on.stdout[:23]) == (0, "ada is on duty until 20")
    assert run(environ, "duty", "list").stdout.startswith("ada\tclinician\tuntil 20")
    assert run(environ, "duty", "off", "ada").stdout == "ada is off duty.\n"
    assert run(environ, "duty", "off", "ada").stdout == "ada was not on duty.\n"


def test_somebody_unknown_or_of_another_role_is_refused(environ: dict[str, str], ada: None) -> None:
    assert isinstance(run(environ, "duty", "on", "eve").exception, InputError)
    run(environ, "add", "otto", "--role", "operator", "--passphrase-file", "-", typed="four plain words\n")
    assert isinstance(run(environ, "duty", "on", "otto").exception, AccessError)


def test_the_rota_names_who_is_missing(environ: dict[str, str], ada: None, tmp_path: Path) -> None:
    days = "[mon, tue, wed, thu, fri, sat, sun]"
    shifts = [
        f"  - {{steward: ada, days: {days}, start: '{start}', end: '{end}'}}"
        for start, end in (("00:00", "12:00"), ("12:00", "00:00"))
    ]
    (tmp_path / "rota.yaml").write_text("time_zone: UTC\nshifts:\n" + "\n".join(shifts) + "\n")
    listed = run({**environ, "HOLDFAST_ROTA_FILE": str(tmp_path / "rota.yaml")}, "duty", "list")
    assert "ada\tshould be on duty by the rota, and is not" in listed.stdout


def test_a_drill_reaches_a_mail_server_and_says_how_long_it_took(environ: dict[str, str]) -> None:
    with Post() as server:
        mail = {
            "HOLDFAST_ALERT_EMAIL_TO": "ann@help.example",
            "HOLDFAST_ALERT_EMAIL_FROM": "holdfast@help.example",
            "HOLDFAST_SMTP_HOST": "127.0.0.1",
            "HOLDFAST_SMTP_PORT": str(server.port),
            "HOLDFAST_SMTP_SECURITY": "none",
        }
        result = run({**environ, **mail}, "drill", "--wait-minutes", "0", "--json")
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert said["delivered"]["email"]["seconds"] >= 0
    assert said["seen"] == {"seconds": None, "reason": "nobody acknowledged it while the drill lasted", "by": None}
    assert "Subject: Holdfast drill:" in server.messages[0]


def test_a_drill_that_reaches_nobody_ends_with_status_1(environ: dict[str, str]) -> None:
    nobody = run(environ, "drill", "--wait-minutes", "0")
    assert nobody.exit_code == 1
    assert "No fallback is set" in nobody.stdout
    refused = {
        "HOLDFAST_ALERT_WEBHOOK_URL": "http://127.0.0.1:9/",
        "HOLDFAST_ALERT_WEBHOOK_SECRET": "a secret of thirty-two characters or more",
    }
    result = run({**environ, **refused}, "drill", "--wait-minutes", "0")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (1, "webhook: not delivered (ConnectError)")
