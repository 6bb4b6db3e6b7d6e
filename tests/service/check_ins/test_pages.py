"""Claims about checking in on the web: kept or not, resumable, risk met first, and clear about what is missing."""

import re
from pathlib import Path
from typing import Any

import pytest

from holdfast.care.assessment.catalogue import instruments
from holdfast.care.assessment.result import NOT_A_DIAGNOSIS
from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.detection.verdict import Level
from holdfast.service.accounts.token import COOKIE
from holdfast.service.storage.work import Work
from served import Browser, Served, forms_of

PHQ9 = instruments().get("phq-9")
BEFORE_WE_GO_ON = "Before we go on"


def answer(browser: Browser, page: Any, *values: int) -> Any:
    """Answer one question after another with Next; return the page after the last."""
    for value in values:
        page = browser.press(page, "Next", {"answer": value})
        assert page.status_code == 200
    return page


def question(number: int) -> str:
    return f"Question {number} of 9"


def crisis_of(served: Served, browser: Browser) -> CrisisState:
    tokens, now = served.app.state.services.tokens, served.clock()

    async def state(work: Work) -> CrisisState:
        return await work.crisis.state(await tokens.person(work, browser.cookies[COOKIE], now=now))

    return served.work(state)


def alerts_of(served: Served, browser: Browser) -> list[Level]:
    tokens, now = served.app.state.services.tokens, served.clock()

    async def levels(work: Work) -> list[Level]:
        person = await tokens.person(work, browser.cookies[COOKIE], now=now)
        return [alert.level for alert in await work.alerts.of(person)]

    return served.work(levels)


def test_every_instrument_is_listed_and_opens_both_ways(browser: Browser) -> None:
    browser.agree("check_ins")
    listed = browser.get("/check-in").text
    for instrument in instruments():
        assert f'href="/check-in/{instrument.id}"' in listed
        assert browser.get(f"/check-in/{instrument.id}").status_code == 200
        whole = browser.get(f"/check-in/{instrument.id}?all=yes")
        assert whole.status_code == 200
        assert {item.id for item in instrument.items} <= forms_of(whole)[0].named


def test_an_unknown_instrument_is_answered_with_the_closest(browser: Browser) -> None:
    page = browser.get("/check-in/phq-99")
    assert page.status_code == 404
    assert "did you mean phq-9" in page.text


def test_without_consent_a_check_in_works_and_nothing_is_kept(browser: Browser) -> None:
    page = browser.get("/check-in/phq-9")
    assert "Your answers are not kept" in page.text
    page = answer(browser, page, 1, 1, 1, 1, 1, 1, 1, 1, 0)
    assert "One last question, which is not scored" in page.text
    page = browser.press(page, "Rather not answer")
    assert "You scored 8 out of 27" in page.text
    assert NOT_A_DIAGNOSIS in page.text
    assert "This result is not kept" in page.text
    assert COOKIE not in browser.cookies


def test_with_consent_every_answer_is_kept_by_a_redirect_and_survives_a_restart(tmp_path: Path) -> None:
    served = Served(tmp_path)
    browser = served.browser()
    browser.agree("check_ins")
    page = answer(browser, browser.get("/check-in/phq-9"), 2, 2, 2)
    assert page.history[0].status_code == 303
    assert "/continue/" in str(page.url)
    served.stop()
    served.start()
    again = served.browser(like=browser)
    listed = again.get("/check-in").text
    assert "Go on where you stopped" in listed
    path = re.search(r'href="(/check-in/phq-9/continue/[0-9a-f-]+)"', listed)
    assert path is not None
    page = again.get(path[1])
    assert question(4) in page.text
    page = answer(again, page, 0, 0, 0, 0, 0, 0)
    page = again.press(page, "Next", {"answer": 1})
    assert "/result/" in str(page.url)
    assert "You scored 6 out of 27" in page.text
    assert "somewhat difficult" in page.text
    assert "Go on where you stopped" not in again.get("/check-in").text
    assert again.get(path[1]).url.path.startswith("/check-in/phq-9/result/")
    served.stop()


@pytest.mark.parametrize("is_kept", [False, True])
@pytest.mark.parametrize(("value", "level"), [(1, Level.CONCERN), (3, Level.CRISIS)])
def test_a_positive_risk_item_is_met_before_the_next_question_whatever_the_total(
    served: Served, browser: Browser, *, is_kept: bool, value: int, level: Level
) -> None:
    if is_kept:
        browser.agree("check_ins")
    page = answer(browser, browser.get("/check-in/phq-9"), *[0] * 8)
    page = browser.press(page, "Next", {"answer": value})
    assert BEFORE_WE_GO_ON in page.text
    assert 'aria-label="People you can reach"' in page.text
    assert "One last question" not in page.text
    assert crisis_of(served, browser).level is level
    assert alerts_of(served, browser) == [level]
    assert 'aria-label="Support"' in browser.get("/learn").text
    if is_kept:
        link = re.search(r'href="(/check-in/phq-9/continue/[^"]+)">Go on', page.text)
        assert link is not None
        page = browser.get(link[1])
    else:
        page = browser.press(page, "Go on with the check-in")
    assert "One last question" in page.text
    page = browser.press(page, "Next", {"answer": 0})
    assert f"You scored {value} out of 27" in page.text
    assert "That matters more than any score" in page.text


def test_a_risk_item_is_met_even_where_the_database_is_gone(tmp_path: Path) -> None:
    served = Served(tmp_path)
    browser = served.browser()
    browser.agree("check_ins")
    page = answer(browser, browser.get("/check-in/phq-9"), *[0] * 8)
    served.database_file.rename(tmp_path / "gone.db")
    page = browser.press(page, "Next", {"answer": 2})
    assert page.status_code == 200
    assert BEFORE_WE_GO_ON in page.text
    assert "Go on with the check-in" in page.text
    (tmp_path / "gone.db").rename(served.database_file)
    page = browser.press(page, "Go on with the check-in")
    assert "One last question" in page.text
    page = browser.press(page, "Rather not answer")
    assert "/result/" in str(page.url)
    assert "Go on where you stopped" not in browser.get("/check-in").text
    served.stop()


def test_all_at_once_risk_stands_above_the_result_and_is_kept(served: Served, browser: Browser) -> None:
    page = browser.get("/check-in/phq-9?all=yes")
    page = browser.press(page, "See what it may mean", {**{str(n): 0 for n in range(1, 9)}, "9": 1})
    lead, summary = page.text.index('class="turn crisis"'), page.text.index("You scored 1 out of 27")
    assert lead < summary
    assert crisis_of(served, browser).level is Level.CONCERN


def test_all_at_once_risk_is_met_where_the_answers_cannot_be_scored(served: Served, browser: Browser) -> None:
    page = browser.press(browser.get("/check-in/phq-9?all=yes"), "See what it may mean", {"1": 0, "9": 3})
    assert page.status_code == 422
    assert page.text.index('class="turn crisis"') < page.text.index("at most 2 answers missing")
    assert crisis_of(served, browser).level is Level.CRISIS


def test_all_at_once_a_question_that_seemed_not_to_apply_still_counts_as_risk(served: Served, browser: Browser) -> None:
    page = browser.get("/check-in/asq?all=yes")
    page = browser.press(page, "See what it may mean", {"1": 0, "2": 0, "3": 0, "4": 0, "5": 1})
    assert 'class="turn crisis"' in page.text
    assert "Acute positive screen" in page.text
    assert crisis_of(served, browser).level is Level.CRISIS


def test_missing_answers_are_refused_with_what_was_chosen_kept(browser: Browser) -> None:
    page = browser.press(browser.get("/check-in/gad-7?all=yes"), "See what it may mean", {"1": 2, "2": 3})
    assert page.status_code == 422
    assert "items 3, 4, 5, 6, 7 are missing" in page.text
    assert page.text.count("This one has no answer yet.") == 5
    form = forms_of(page)[0]
    assert (form.fields["1"], form.fields["2"]) == (["2"], ["3"])
    page = browser.press(page, "See what it may mean", {str(n): 0 for n in range(3, 8)})
    assert "You scored 5 out of 21" in page.text


def test_missing_answers_are_filled_in_only_where_the_source_allows(browser: Browser) -> None:
    page = answer(browser, browser.get("/check-in/phq-9"), 2, 2, 2, 2, 2, 2, 2)
    page = browser.press(page, "Rather not answer")
    page = answer(browser, page, 0)
    page = browser.press(page, "Rather not answer")
    assert "You left one question blank" in page.text
    page = browser.get("/check-in/gad-7")
    for _ in range(7):
        page = browser.press(page, "Rather not answer")
    assert "Too many questions were left blank" in page.text
    page = browser.press(page, "Answer them")
    assert "Question 1 of 7" in page.text


def test_next_without_an_answer_says_so_and_stays(browser: Browser) -> None:
    page = browser.press(browser.get("/check-in/gad-7"), "Next")
    assert page.status_code == 422
    assert "Please choose an answer" in page.text
    assert "Question 1 of 7" in page.text


@pytest.mark.parametrize("odd", ["99", "-1", "1.0", "two", "", "1; DROP", "\u0661", "9" * 500])
def test_an_answer_that_is_none_is_asked_again_and_never_breaks(browser: Browser, odd: str) -> None:
    page = browser.press(browser.get("/check-in/gad-7"), "Next", {"answer": odd})
    assert page.status_code == 422
    assert "Question 1 of 7" in page.text


@pytest.mark.parametrize("is_kept", [False, True])
def test_back_shows_the_answer_given_and_lets_it_change(browser: Browser, *, is_kept: bool) -> None:
    if is_kept:
        browser.agree("check_ins")
    page = answer(browser, browser.get("/check-in/gad-7"), 1, 3)
    page = browser.press(page, "Back")
    assert "Question 2 of 7" in page.text
    assert forms_of(page)[0].fields["answer"] == ["3"]
    page = answer(browser, page, 0, 0, 0, 0, 0, 0)
    if "One last question" in page.text:
        page = browser.press(page, "Next", {"answer": 0})
    assert "You scored 1 out of 21" in page.text


def test_going_back_in_the_browser_answers_the_question_that_is_shown(browser: Browser) -> None:
    browser.agree("check_ins")
    first = browser.get("/check-in/gad-7")
    second = answer(browser, first, 3)
    answer(browser, second, 3)
    page = browser.press(second, "Next", {"answer": 0})
    assert "Question 3 of 7" in page.text
    page = answer(browser, page, 0, 0, 0, 0, 0)
    page = browser.press(page, "Next", {"answer": 0})
    assert "You scored 3 out of 21" in page.text


def test_stop_keeps_what_may_be_kept_and_says_so(browser: Browser) -> None:
    page = answer(browser, browser.get("/check-in/gad-7"), 1)
    assert "Nothing was kept" in browser.press(page, "Stop here").text
    browser.agree("check_ins")
    page = answer(browser, browser.get("/check-in/gad-7"), 1)
    page = browser.press(page, "Stop here")
    assert "Your answers so far are kept" in page.text
    page = browser.press(page, "Delete")
    assert "That check-in is deleted" in page.text
    assert "Go on where you stopped" not in page.text


def test_a_form_of_a_finished_or_deleted_check_in_is_refused_kindly(browser: Browser) -> None:
    browser.agree("check_ins")
    page = answer(browser, browser.get("/check-in/gad-2"), 1)
    last = browser.press(page, "Next", {"answer": 1})
    late = browser.press(page, "Next", {"answer": 1})
    assert "You scored 2 out of 6" in last.text
    assert late.status_code == 409
    assert "finished or deleted in the meantime" in late.text


def test_a_stale_forged_or_foreign_form_starts_anew(served: Served, browser: Browser) -> None:
    page = answer(browser, browser.get("/check-in/gad-7"), 1)
    for state in ("", "x.y", forms_of(page)[0].fields["state"][0] + "x"):
        refused = browser.press(page, "Next", {"answer": 1, "state": state})
        assert refused.status_code == 409
        assert "Start again" in refused.text
    other = browser.get("/check-in/phq-9")
    assert browser.press(other, "Next", {"answer": 1, "state": forms_of(page)[0].fields["state"][0]}).status_code == 409
    served.clock.forward(hours=13)
    assert browser.press(page, "Next", {"answer": 1}).status_code == 409
    served.clock.forward(hours=-13)


def test_an_instrument_updated_since_says_so_kindly_and_keeps_what_was_there(
    served: Served, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.agree("check_ins")
    page = answer(browser, browser.get("/check-in/gad-7"), 1, 2)
    path = page.url.path
    catalogue = served.app.state.services.parts.instruments
    newer = catalogue.get("gad-7").model_copy(update={"version": 2})
    loaded = {**catalogue.loaded, "gad-7": type(catalogue.loaded["gad-7"])(newer, Path("gad-7.yaml"), "0" * 64)}
    monkeypatch.setattr(type(catalogue), "get", lambda self, name: loaded[name].value)
    page = browser.get(path)
    assert page.status_code == 409
    assert "has been updated since" in page.text
    assert "Please start it again" in page.text
    monkeypatch.undo()
    assert "Question 3 of 7" in browser.get(path).text


def test_results_over_time_are_drawn_marked_and_told_in_a_table(served: Served, browser: Browser) -> None:
    browser.agree("check_ins")
    for values in ([2] * 8, [0] * 8):
        page = answer(browser, browser.get("/check-in/phq-9"), *values, 0)
        if "One last question" in page.text:
            page = browser.press(page, "Rather not answer")
        served.clock.forward(days=14)
    assert "<svg" in page.text
    page = browser.get("/check-in/phq-9/history")
    assert 'class="chart-change chart-change-better"' in page.text
    assert "fallen by 16 points. That is a clear change" in page.text
    assert re.search(r"<td>16</td><td>Moderately severe symptoms</td>", page.text)
    assert " style=" not in page.text
    for _ in range(2):
        page = browser.press(browser.get("/check-in/phq-9/history"), "Delete")
    assert "Nothing is kept yet" in browser.get("/check-in/phq-9/history").text
    served.clock.forward(days=-28)


def test_results_without_a_total_are_listed_without_a_drawing(browser: Browser) -> None:
    browser.agree("check_ins")
    page = answer(browser, browser.get("/check-in/asq"), 0, 0, 0, 0)
    assert "Negative screen" in page.text
    page = browser.get("/check-in/asq/history")
    assert "Negative screen" in page.text
    assert "<svg" not in page.text


def test_instruments_not_tested_with_minors_are_not_offered_to_them(browser: Browser) -> None:
    page = browser.get("/consent")
    browser.press(page, "Save my choices", {"purpose": ["check_ins"], "region": "GB", "age": "minor"})
    listed = browser.get("/check-in").text
    for instrument in instruments():
        assert (f'href="/check-in/{instrument.id}"' in listed) is instrument.minors
        opened = browser.get(f"/check-in/{instrument.id}")
        assert opened.status_code == (200 if instrument.minors else 403)


def test_withdrawing_consent_midway_goes_on_without_keeping(browser: Browser) -> None:
    browser.agree("check_ins")
    page = answer(browser, browser.get("/check-in/gad-7"), 1, 1)
    browser.agree("conversation")
    page = answer(browser, page, 1)
    assert "Your answers are not kept" in page.text
    assert "Question 4 of 7" in page.text


def test_nobody_opens_or_deletes_anothers_check_in(served: Served, browser: Browser) -> None:
    browser.agree("check_ins")
    page = answer(browser, browser.get("/check-in/gad-7"), 1)
    path, record = page.url.path, page.url.path.rpartition("/")[2]
    other, stranger = served.browser(), served.browser()
    other.agree("check_ins")
    for who in (other, stranger):
        assert who.get(path).status_code == 403
        assert who.get(f"/check-in/gad-7/result/{record}").status_code == 403
        deleted = who.send("POST", f"/check-in/{record}/delete", data={"form_token": who.token()})
        assert deleted.status_code == 403
    assert browser.get(path).status_code == 200
