"""Claims about what people are asked to agree to: nothing that does not exist here can be agreed to."""

from pathlib import Path
from typing import Any

import pytest

from holdfast.service.accounts.token import COOKIE
from served import Browser, Served


def choose(browser: Browser, purpose: str) -> Any:
    data = {"form_token": browser.token(), "purpose": purpose, "region": "GB", "age": "adult"}
    return browser.send("POST", "/consent", data=data)


@pytest.mark.parametrize("purpose", ["quality_review", "language_model", "no such purpose"])
def test_a_purpose_that_is_not_offered_is_not_on_the_page_and_cannot_be_sent(tmp_path: Path, purpose: str) -> None:
    served = Served(tmp_path)
    browser = served.browser()
    assert f'value="{purpose}"' not in browser.get("/consent").text
    assert choose(browser, purpose).status_code == 422
    assert COOKIE not in browser.cookies
    assert choose(browser, "conversation").status_code == 200
    assert COOKIE in browser.cookies
    served.stop()
