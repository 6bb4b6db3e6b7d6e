"""Claims about coming back: a name and a passphrase, no more; other browsers are signed out; tries are counted."""

import re
from pathlib import Path
from typing import Any

from holdfast.service.accounts.token import COOKIE
from served import Browser, Served, forms_of

PASSPHRASE = "amber kettle under stone"


def set_passphrase(browser: Browser, passphrase: str = PASSPHRASE) -> Any:
    return browser.press(browser.get("/return"), "Set passphrase", {"passphrase": passphrase})


def return_name(page: Any) -> str:
    found = re.search(r"Your return name is <strong>([a-z ]+)</strong>", page.text)
    assert found is not None
    return found[1]


def come_back(browser: Browser, name: str, passphrase: str = PASSPHRASE) -> Any:
    return browser.press(browser.get("/return"), "Come back", {"return_name": name, "passphrase": passphrase})


def agreed(browser: Browser) -> bool:
    return forms_of(browser.get("/consent"))[0].fields.get("purpose") == ["check_ins"]


def test_a_stranger_is_offered_no_passphrase(browser: Browser) -> None:
    labels = [button.label for form in forms_of(browser.get("/return")) for button in form.buttons]
    assert labels == ["Come back"]


def test_a_person_comes_back_from_another_browser(served: Served, browser: Browser) -> None:
    browser.agree("check_ins")
    page = set_passphrase(browser)
    assert page.history[-1].status_code == 303
    assert "Your passphrase is set" in page.text
    other = served.browser()
    page = come_back(other, return_name(page).upper() + "  ")
    assert "Welcome back" in page.text
    assert page.history[-1].status_code == 303
    assert agreed(other)


def test_setting_a_passphrase_signs_other_browsers_out_and_not_this_one(served: Served, browser: Browser) -> None:
    browser.agree("check_ins")
    other = served.browser(like=browser)
    assert agreed(other)
    set_passphrase(browser)
    assert agreed(browser)
    assert not agreed(other)


def test_a_wrong_name_and_a_wrong_passphrase_are_refused_in_the_same_words(served: Served, browser: Browser) -> None:
    browser.agree("check_ins")
    name = return_name(set_passphrase(browser))
    answers = [come_back(served.browser(), name, "not the passphrase"), come_back(served.browser(), "no such name")]
    assert [answer.status_code for answer in answers] == [403, 403]
    errors = [re.findall(r'role="alert"><p>(.*?)</p>', answer.text) for answer in answers]
    assert errors[0] == errors[1] != []
    assert forms_of(answers[0])[-1].fields["return_name"] == [name]
    assert "not the passphrase" not in answers[0].text


def test_a_passphrase_too_short_or_too_long_is_refused_with_a_reason(browser: Browser) -> None:
    browser.agree("check_ins")
    for passphrase in ("short", "x" * 257, ""):
        page = set_passphrase(browser, passphrase)
        assert page.status_code == 422
        assert "Passphrase must have 10 to 256 characters" in page.text


def test_leaving_signs_this_browser_out_and_keeps_what_was_kept(served: Served, browser: Browser) -> None:
    browser.agree("check_ins")
    name = return_name(set_passphrase(browser))
    page = browser.press(browser.get("/return"), "Sign out here")
    assert "You are signed out in this browser" in page.text
    assert COOKIE not in browser.cookies
    come_back(browser, name)
    assert agreed(browser)


def test_tries_are_counted_by_name_and_by_address(tmp_path: Path) -> None:
    served = Served(tmp_path, sign_in_attempts=3)
    statuses = [come_back(served.browser(), "some name", "wrong passphrase") for _ in range(4)]
    assert [answer.status_code for answer in statuses] == [403, 403, 403, 429]
    assert int(statuses[-1].headers["retry-after"]) > 60
    assert "wait 15 minutes" in statuses[-1].text
    served.stop()


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Browser) -> None:
    browser.agree("check_ins")
    page = set_passphrase(browser)
    cookie = next(c for c in page.history[-1].headers.get_list("set-cookie") if c.startswith(COOKIE)).lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_a_stranger_who_sends_the_form_anyway_is_refused(browser: Browser) -> None:
    data = {"form_token": browser.token(), "passphrase": PASSPHRASE}
    assert browser.send("POST", "/return/set", data=data).status_code == 403
