"""Claims about helplines whose check has run out: whoever runs the service is told, by the clock."""

import logging
from datetime import date, timedelta
from pathlib import Path

import pytest

from holdfast.safety.crisis.helplines import load_helplines
from holdfast.service.accounts.steward import StewardRole
from holdfast.service.crisis.overdue import overdue_lines
from served import Browser, Served

PASSPHRASE = "a long passphrase for tests"
HELPLINES = load_helplines()
FIRST = min(line.expires for lines in HELPLINES.lines.values() for line in lines)


def test_a_line_is_overdue_from_the_day_its_check_runs_out() -> None:
    assert overdue_lines(HELPLINES, FIRST - timedelta(days=1)) is None
    overdue = overdue_lines(HELPLINES, FIRST)
    expected = [line for lines in HELPLINES.lines.values() for line in lines if line.expires == FIRST]
    assert overdue is not None
    assert (overdue.count, overdue.since) == (len(expected), FIRST)
    assert set(overdue.countries) == {HELPLINES.regions[line.region] for line in expected}


def test_the_start_warns_once_lines_have_run_out_and_not_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    served = Served(tmp_path)
    served.stop()
    assert "must be looked up and dialled again" not in caplog.text
    served.clock.forward(days=(FIRST - date(2026, 11, 22)).days)
    served.start()
    served.stop()
    warned = [one for one in caplog.records if "dialled again" in one.getMessage()]
    assert [(one.name, one.levelno) for one in warned] == [("holdfast.service", logging.WARNING)]
    assert FIRST.isoformat() in warned[0].getMessage()
    assert "United Kingdom" in warned[0].getMessage()


def sign_in(served: Served, name: str) -> Browser:
    browser = served.browser()
    browser.press(browser.get("/steward"), "Sign in", {"name": name, "passphrase": PASSPHRASE})
    return browser


@pytest.mark.parametrize("role", [StewardRole.CLINICIAN, StewardRole.OPERATOR])
def test_stewards_see_on_their_console_that_lines_ran_out(tmp_path: Path, role: StewardRole) -> None:
    served = Served(tmp_path)
    served.add_steward("test", role, PASSPHRASE)
    assert "dialled again" not in sign_in(served, "test").get("/steward").text
    served.clock.forward(days=(FIRST - date(2026, 11, 22)).days)
    page = sign_in(served, "test").get("/steward").text
    assert "dialled again" in page
    assert FIRST.strftime("%d %B %Y") in page
    assert "United Kingdom" in page
    served.stop()
