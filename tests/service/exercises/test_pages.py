"""Claims about practising on the web: warnings first, words kept or not, risk met first, and the words theirs."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from holdfast.care.intervention.catalogue import exercises
from holdfast.safety.detection.verdict import Category, Detection, Evidence, Level
from holdfast.service.accounts.token import COOKIE
from holdfast.service.storage.work import Work
from holdfast.turn import Turn
from served import Browser, Served, forms_of

RISK = "I want to kill myself tonight"
BEFORE_WE_GO_ON = "Before we go on"
GENTLE = "It sounds as if something heavy may be behind what you wrote."


def begin(browser: Browser, exercise: str) -> Any:
    return browser.press(browser.get(f"/practise/{exercise}"), "Start")


def give(browser: Browser, page: Any, *values: Any) -> Any:
    """Answer one step after another; return the page after the last."""
    for value in values:
        page = browser.press(page, "Next", {"value": value}) if value != "" else browser.press(page, "Go on")
    return page


def through_grounding(browser: Browser, page: Any, *, before: int = 5, after: int = 3) -> Any:
    return give(browser, page, before, "", "breathing", "", "fine", after)


def level_of(served: Served, browser: Browser) -> Level:
    tokens, now = served.app.state.services.tokens, served.clock()

    async def level(work: Work) -> Level:
        return (await work.crisis.state(await tokens.person(work, browser.cookies[COOKIE], now=now))).level

    return served.work(level)


def stored_bytes(served: Served) -> bytes:
    return b"".join(path.read_bytes() for path in served.database_file.parent.glob("holdfast.db*"))


@pytest.mark.parametrize("exercise_id", exercises().ids)
def test_when_an_exercise_may_not_be_for_now_comes_before_the_start(browser: Browser, exercise_id: str) -> None:
    page = browser.get(f"/practise/{exercise_id}").text
    first = exercises().get(exercise_id).contraindications[0]
    assert "This may not be for you right now if" in page
    assert page.index(first.when) < page.index(">Start<")
    assert page.index("This may not be for you") < page.index(exercises().get(exercise_id).summary[:30])


def test_an_unknown_exercise_is_answered_with_the_closest(browser: Browser) -> None:
    page = browser.get("/practise/thought-records")
    assert page.status_code == 404
    assert "did you mean thought-record" in page.text


def test_without_consent_an_exercise_works_and_nothing_is_kept(served: Served, browser: Browser) -> None:
    page = begin(browser, "thought-record")
    assert "Your entries are not kept" in page.text
    page = give(browser, page, "PLANTED-ONE at ten", "sad", 60, "nobody likes <b>me</b>", 70)
    page = browser.press(browser.press(page, "I cannot find any"), "I cannot find any")
    assert "If a friend you care about" in page.text
    page = give(browser, page, "be kind", "it was one morning", 50, 40, 40)
    page = browser.press(page, "Not now")
    assert "You have finished a thought record" in page.text
    assert "nobody likes &lt;b&gt;me&lt;/b&gt;" in page.text
    assert "These words are not kept" in page.text
    assert COOKIE not in browser.cookies
    assert b"PLANTED-ONE" not in stored_bytes(served)


def test_with_consent_entries_survive_a_restart_and_can_be_taken_away_and_deleted(tmp_path: Path) -> None:
    served = Served(tmp_path)
    browser = served.browser()
    browser.agree("exercises")
    page = begin(browser, "thought-record")
    assert page.history[-1].status_code == 303
    page = give(browser, page, "Monday at ten", "worried")
    assert "Monday at ten" not in page.text
    assert b"Monday at ten" not in stored_bytes(served)
    served.stop()
    served.start()
    again = served.browser(like=browser)
    link = re.search(r'href="(/practise/thought-record/entries/[0-9a-f-]+)"', again.get("/practise").text)
    assert link is not None
    words = again.get(link[1])
    assert "Monday at ten" in words.text
    assert "You have not reached the end yet" in words.text
    page = again.get(f"{link[1]}/continue")
    assert "How strong was the strongest feeling" in page.text
    taken = again.press(words, "Download")
    assert taken.headers["content-type"].startswith("text/plain")
    assert 'filename="thought-record-2026-11-22.txt"' in taken.headers["content-disposition"]
    assert "Monday at ten" in taken.text
    assert "worried" in taken.text
    gone = again.press(words, "Delete them")
    assert "Those words are deleted" in gone.text
    assert again.get(link[1]).status_code == 403
    served.stop()


@pytest.mark.parametrize("is_kept", [False, True])
def test_risk_in_what_is_written_is_met_first_and_the_words_stay(
    served: Served, browser: Browser, *, is_kept: bool
) -> None:
    if is_kept:
        browser.agree("exercises")
    page = begin(browser, "thought-record")
    page = give(browser, page, RISK)
    assert BEFORE_WE_GO_ON in page.text
    assert 'aria-label="People you can reach"' in page.text
    assert level_of(served, browser) is Level.CRISIS
    if is_kept:
        link = re.search(r'href="([^"]+/continue)">Go on', page.text)
        assert link is not None
        page = browser.get(link[1])
    else:
        page = browser.press(page, "Go on with the exercise")
    assert "What did you feel then?" in page.text
    page = browser.press(page, "Next", {"value": "sad"})
    assert BEFORE_WE_GO_ON not in page.text
    page = browser.press(page, "Stop here")
    assert RISK in page.text


@pytest.mark.parametrize("button", ["Stop here", "Back"])
def test_risk_is_met_whichever_button_is_pressed(browser: Browser, button: str) -> None:
    page = give(browser, begin(browser, "thought-record"), "Monday")
    page = browser.press(page, button, {"value": RISK})
    assert BEFORE_WE_GO_ON in page.text


def test_risk_is_met_in_words_that_are_too_long_or_on_a_stale_page(browser: Browser) -> None:
    page = give(browser, begin(browser, "thought-record"), "Monday")
    long = browser.press(page, "Next", {"value": f"{RISK}. " + "so tired " * 100})
    assert BEFORE_WE_GO_ON in long.text
    stale = browser.press(page, "Next", {"value": RISK, "state": "stale"})
    assert BEFORE_WE_GO_ON in stale.text


def test_risk_is_met_even_where_the_database_is_gone(tmp_path: Path) -> None:
    served = Served(tmp_path)
    browser = served.browser()
    browser.agree("exercises")
    page = begin(browser, "thought-record")
    served.database_file.rename(tmp_path / "gone.db")
    page = browser.press(page, "Next", {"value": RISK})
    assert page.status_code == 200
    assert BEFORE_WE_GO_ON in page.text
    (tmp_path / "gone.db").rename(served.database_file)
    served.stop()


def test_an_answer_that_says_unsafe_stops_the_exercise_and_opens_the_crisis_path(
    served: Served, browser: Browser
) -> None:
    page = give(browser, begin(browser, "grounding-and-breathing"), 9, "unsure")
    assert BEFORE_WE_GO_ON in page.text
    assert level_of(served, browser) is Level.CONCERN
    page = browser.press(page, "Go on with the exercise")
    assert "Let us stop here" in page.text
    assert "Thank you for saying so" in page.text


@pytest.mark.parametrize("is_kept", [False, True])
def test_a_stop_rule_ends_kindly_and_offers_people(browser: Browser, *, is_kept: bool) -> None:
    if is_kept:
        browser.agree("exercises")
    page = through_grounding(browser, begin(browser, "grounding-and-breathing"), before=4, after=6)
    assert "Let us stop here" in page.text
    assert "You feel more upset now than when you began" in page.text
    assert 'href="/help">Help now' in page.text
    assert ("Download these words" in page.text) is is_kept
    assert ">Go on<" not in page.text


def test_the_breathing_step_is_whole_without_a_script(browser: Browser) -> None:
    page = give(browser, begin(browser, "grounding-and-breathing"), 5, "", "breathing")
    assert "Breathe in while you count to 4. Breathe out while you count to 6. Do this 12 times." in page.text
    assert 'data-in="4" data-hold="0" data-out="6" data-rounds="12"' in page.text
    assert '<script src="/static/breathing.js" defer></script>' in page.text


@pytest.mark.parametrize("is_kept", [False, True])
def test_every_exercise_can_be_walked_to_its_end_with_every_kind_of_input(browser: Browser, *, is_kept: bool) -> None:
    if is_kept:
        browser.agree("exercises")
    kinds = set()
    for exercise in exercises():
        page = begin(browser, exercise.id)
        for _ in range(40):
            if "practise_end" in page.text or "Back to the exercises" in page.text:
                break
            form = forms_of(page)[0]
            kinds.add(_kind(page))
            values = re.findall(r'type="(?:radio|checkbox)" name="value" value="([^"]+)"', page.text)
            chosen = values[:2] if 'type="checkbox"' in page.text else values[:1]
            if values:
                page = browser.press(page, "Next", {"value": chosen})
            elif form.fields.get("value") == ["done"]:
                page = browser.press(page, "Go on")
            else:
                page = browser.press(page, "Next", {"value": "5" if 'type="number"' in page.text else "some words"})
            assert page.status_code == 200
        assert "You have finished" in page.text or "My safety plan" in page.text, exercise.id
    assert kinds == {"textarea", "text", "number", "radio", "checkbox", "hidden"}


def _kind(page: Any) -> str:
    for kind in ("textarea", 'type="radio"', 'type="checkbox"', 'type="number"', 'type="text"'):
        if f"<{kind}" in page.text or (kind in page.text and kind != "textarea"):
            return kind.removeprefix('type="').rstrip('"')
    return "hidden"


def test_what_cannot_be_used_is_asked_again_with_what_was_typed(browser: Browser) -> None:
    page = give(browser, begin(browser, "thought-record"), "Monday")
    page = browser.press(page, "Next", {"value": "é" * 301})
    assert page.status_code == 422
    assert "at most 300 characters" in page.text
    assert forms_of(page)[0].fields["value"] == ["é" * 301]
    page = give(browser, page, "sad")
    page = browser.press(page, "Next", {"value": "250"})
    assert page.status_code == 422
    assert "from 0 to 100" in page.text
    page = give(browser, begin(browser, "grounding-and-breathing"), 5, "")
    page = browser.press(page, "Next")
    assert page.status_code == 422
    assert "Choose one." in page.text


@pytest.mark.parametrize("is_kept", [False, True])
def test_back_shows_what_was_written_and_lets_it_change(browser: Browser, *, is_kept: bool) -> None:
    if is_kept:
        browser.agree("exercises")
    page = give(browser, begin(browser, "thought-record"), "Monday\nat ten", "sad")
    page = browser.press(browser.press(page, "Back"), "Back")
    assert forms_of(page)[0].fields["value"] == ["Monday\nat ten"]
    page = give(browser, page, "Tuesday")
    page = browser.press(page, "Stop here")
    assert "Tuesday" in page.text
    assert "Monday" not in page.text


def test_going_back_in_the_browser_answers_the_step_that_is_shown(browser: Browser) -> None:
    browser.agree("exercises")
    first = begin(browser, "thought-record")
    give(browser, give(browser, first, "Monday"), "sad")
    page = give(browser, first, "Tuesday")
    assert "What did you feel then?" in page.text
    page = browser.press(page, "Stop here")
    assert "Tuesday" in page.text
    assert "sad" not in page.text


def test_words_too_many_to_carry_are_refused_with_what_was_typed_and_nothing_lost(tmp_path: Path) -> None:
    served = Served(tmp_path, max_body_bytes=40_000)
    browser = served.browser()
    page = begin(browser, "thought-record")
    heavy = "".join(chr(0xAC00 + (n * 7919) % 11000) for n in range(2000))
    page = give(browser, page, heavy, heavy[:300], 50, heavy[::-1], 50)
    for number in range(2):
        text = "".join(chr(0x3400 + (n * 104729 + number) % 6000) for n in range(4000))
        page = browser.press(page, "Next", {"value": text})
    assert page.status_code == 422
    assert "or choose to have it kept" in page.text
    assert len(forms_of(page)[0].fields["value"][0]) == 4000
    page = browser.press(page, "Next", {"value": "short"})
    assert page.status_code == 200
    served.stop()


def test_an_exercise_changed_since_says_so_and_loses_no_words(
    served: Served, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.agree("exercises")
    page = give(browser, begin(browser, "thought-record"), "Monday at ten")
    path = page.url.path.removesuffix("/continue")
    catalogue = served.app.state.services.parts.exercises
    newer = catalogue.get("thought-record").model_copy(update={"version": "2.0"})
    monkeypatch.setattr(type(catalogue), "get", lambda self, name: newer)
    for shown in (browser.get(path), browser.get(f"{path}/continue")):
        assert "This exercise has changed since you began it. Nothing you wrote is lost" in shown.text
        assert "Monday at ten" in shown.text
    assert "Monday at ten" in browser.press(browser.get(path), "Download").text
    late = browser.press(page, "Next", {"value": "sad"})
    assert late.status_code == 409
    assert "start it again" in late.text


def test_withdrawing_consent_deletes_the_words_and_the_page_says_so(served: Served, browser: Browser) -> None:
    browser.agree("exercises")
    page = give(browser, begin(browser, "thought-record"), "Monday at ten")
    browser.agree("conversation")
    late = browser.press(page, "Next", {"value": "sad"})
    assert late.status_code == 409
    assert "Monday" not in browser.get("/practise").text


def test_nobody_opens_takes_or_deletes_anothers_words(served: Served, browser: Browser) -> None:
    browser.agree("exercises")
    page = give(browser, begin(browser, "thought-record"), "PLANTED-TWO")
    path = page.url.path.removesuffix("/continue")
    other, stranger = served.browser(), served.browser()
    other.agree("exercises")
    for who in (other, stranger):
        token = who.token()
        answers = [
            who.get(path),
            who.get(f"{path}/continue"),
            who.send("POST", f"{path}/download", data={"form_token": token}),
            who.send("POST", f"{path}/delete", data={"form_token": token}),
        ]
        assert [answer.status_code for answer in answers] == [403] * 4
        state = forms_of(page)[0].fields["state"][0]
        stolen = who.press(begin(who, "thought-record"), "Next", {"state": state, "value": "mine"})
        assert stolen.status_code == 409
        assert not any("PLANTED-TWO" in answer.text for answer in [*answers, stolen])
    assert "PLANTED-TWO" in browser.get(path).text


class _HearsShadows:
    """A detector that takes the word "shadow" for a passing sign, and nothing else for any."""

    def detect(self, turns: Sequence[Turn]) -> Detection:
        found = [(number, turn.text.find("shadow")) for number, turn in enumerate(turns) if "shadow" in turn.text]
        signs = tuple(
            Evidence(turn=n, start=at, end=at + 6, category=Category.SUICIDE, level=Level.NOTICE, rule="t")
            for n, at in found
        )
        level = Level.NOTICE if signs else Level.NONE
        return Detection(level=level, categories=(Category.SUICIDE,) if signs else (), evidence=signs)


@pytest.mark.parametrize("is_kept", [False, True])
def test_a_passing_sign_gets_a_gentle_line_once_beside_the_next_step(tmp_path: Path, *, is_kept: bool) -> None:
    served = Served(tmp_path)
    services = served.app.state.services
    served.app.state.services = replace(services, conversation=replace(services.conversation, detector=_HearsShadows()))
    browser = served.browser()
    if is_kept:
        browser.agree("exercises")
    page = begin(browser, "thought-record")
    page = give(browser, page, "a passing shadow at work")
    assert page.status_code == 200
    assert BEFORE_WE_GO_ON not in page.text
    assert GENTLE in page.text
    assert "What did you feel then?" in page.text
    page = give(browser, page, "sad")
    assert GENTLE not in page.text
    assert GENTLE not in browser.press(page, "Stop here").text
    if is_kept:
        assert level_of(served, browser) is Level.NONE
    served.stop()


@pytest.mark.parametrize("button", ["Stop here", "Back", "Next"])
def test_a_passing_sign_is_met_whichever_button_is_pressed_and_whatever_becomes_of_the_words(
    tmp_path: Path, button: str
) -> None:
    served = Served(tmp_path)
    services = served.app.state.services
    served.app.state.services = replace(services, conversation=replace(services.conversation, detector=_HearsShadows()))
    browser = served.browser()
    browser.agree("exercises")
    page = give(browser, begin(browser, "thought-record"), "Monday")
    page = browser.press(page, button, {"value": "a passing shadow " + "so it was " * 100})
    assert GENTLE in page.text
    served.stop()
