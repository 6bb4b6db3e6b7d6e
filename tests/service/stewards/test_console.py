"""Claims about what the console shows of clocks, owners, duty and the fallback, and what stewards can do about them."""

from collections.abc import Callable
from typing import Any

import pytest

from holdfast.service.accounts.steward import StewardRole
from holdfast.service.crisis.drill import begin_drill
from holdfast.service.storage.work import Work
from served import Browser, Served, forms_of

PASSPHRASE = "a long passphrase for tests"
RISK = "I want to kill myself tonight"
ROLES = {
    "ann": StewardRole.CLINICIAN,
    "bob": StewardRole.LIVED_EXPERIENCE,
    "cleo": StewardRole.CLINICIAN,
    "otto": StewardRole.OPERATOR,
}


@pytest.fixture(scope="module")
def enter(served: Served) -> Callable[[str], Browser]:
    """Signs one of the stewards in, in a browser of their own."""
    for name, role in ROLES.items():
        served.add_steward(name, role, PASSPHRASE)

    def signed_in(name: str) -> Browser:
        browser = served.browser()
        browser.press(browser.get("/steward"), "Sign in", {"name": name, "passphrase": PASSPHRASE})
        return browser

    return signed_in


@pytest.fixture
def alert(served: Served) -> None:
    """One person has just signalled risk, and nobody else's alert waits; nobody is on duty."""

    async def calm(work: Work) -> None:
        for waiting in await work.alerts.queue():
            await work.alerts.clear(await work.persons.open(waiting.person_id), by="tests", now=served.clock())
        for one in await work.stewards.list():
            await work.duty.go_off(one, now=served.clock())

    served.work(calm)
    browser = served.browser()
    page = browser.press(browser.get("/practise/thought-record"), "Start")
    browser.press(page, "Next", {"value": RISK})


def look(served: Served) -> None:
    portal = served.client.portal
    assert portal is not None
    portal.call(served.app.state.services.escalator.look)


def buttons(page: Any) -> list[str]:
    return [button.label.split(":")[0] for form in forms_of(page) for button in form.buttons]


def test_going_on_duty_is_shown_to_everybody_and_told_to_people(
    served: Served, enter: Callable[[str], Browser], alert: None
) -> None:
    ann, bob = enter("ann"), enter("bob")
    assert "Nobody is on duty." in ann.get("/steward").text
    page = ann.press(ann.get("/steward"), "Go on duty")
    assert "You are on duty" in page.text
    assert "Until 13:00 UTC" in page.text
    assert "On duty: ann." in bob.get("/steward").text
    person = served.browser()
    page = person.press(person.get("/practise/thought-record"), "Start")
    assert "A person on duty has been told" in person.press(page, "Next", {"value": RISK}).text
    ann.press(ann.get("/steward"), "Go off duty")
    person = served.browser()
    page = person.press(person.get("/practise/thought-record"), "Start")
    assert "No person from this service is reading along" in person.press(page, "Next", {"value": RISK}).text


def test_doing_something_keeps_a_steward_on_duty_and_a_page_that_reloads_itself_does_not(
    served: Served, enter: Callable[[str], Browser], alert: None
) -> None:
    ann = enter("ann")
    ann.press(ann.get("/steward"), "Go on duty")
    for _ in range(2):
        served.clock.forward(minutes=25)
        page = ann.get("/steward?watch=1")
        assert 'http-equiv="refresh"' in page.text
        ann.get("/steward")
    served.clock.forward(minutes=9)
    page = ann.press(ann.get("/steward"), "I am still here")
    assert "Until 13:59 UTC" in page.text
    for _ in range(3):
        served.clock.forward(minutes=20)
        page = ann.get("/steward")
    assert "You are not on duty" in page.text
    served.clock.forward(minutes=-119)


def test_a_page_that_reloads_itself_does_not_keep_a_steward_signed_in(
    served: Served, enter: Callable[[str], Browser], alert: None
) -> None:
    ann = enter("ann")
    for _ in range(3):
        served.clock.forward(minutes=11)
        page = ann.get("/steward?watch=1")
    assert "Signed in as" not in page.text
    served.clock.forward(minutes=-33)


def test_the_clock_of_an_alert_is_shown_until_it_runs_out_and_then_how_late_it_is(
    served: Served, enter: Callable[[str], Browser], alert: None
) -> None:
    ann = enter("ann")
    assert "To be seen within 5 minutes" in ann.get("/steward").text
    served.clock.forward(minutes=7)
    assert "Overdue by 2 minutes; nobody has seen it" in ann.get("/steward").text
    page = ann.press(ann.get("/steward"), "I have seen it")
    assert "Seen by ann after 7 minutes" in page.text
    assert "Owner: ann (you)" in page.text
    served.clock.forward(minutes=-7)


def test_an_alert_is_handed_only_to_somebody_who_is_on_duty_and_by_its_owner_alone(
    served: Served, enter: Callable[[str], Browser], alert: None
) -> None:
    ann, bob = enter("ann"), enter("bob")
    page = ann.press(ann.get("/steward"), "I have seen it")
    assert "Hand over" not in buttons(page)
    bob.press(bob.get("/steward"), "Go on duty")
    page = ann.get("/steward")
    path = next(form.action for form in forms_of(page) if form.action.endswith("/hand-over"))
    away = ann.send("POST", path, data={"form_token": ann.token(), "to": "cleo"})
    assert away.status_code == 422
    assert "must be handed to another steward who is on duty" in away.text
    page = ann.press(page, "Hand over", {"to": "bob"})
    assert "Owner: bob." in page.text
    again = ann.send("POST", path, data={"form_token": ann.token(), "to": "bob"})
    assert "must be yours to hand over" in again.text
    assert "Owner: bob (you)." in bob.get("/steward").text
    page = ann.press(ann.get("/steward"), "Take it over")
    assert "Owner: ann (you)." in page.text


def test_an_alert_that_went_to_nobody_says_that_nobody_was_told(
    served: Served, enter: Callable[[str], Browser], alert: None
) -> None:
    look(served)
    page = enter("ann").get("/steward")
    assert "First message: not sent. No fallback is set, so nobody was told." in page.text
    assert "<strong>No fallback is set</strong>" in page.text


def test_a_drill_is_marked_as_one(served: Served, enter: Callable[[str], Browser], alert: None) -> None:
    async def begun(work: Work) -> None:
        await begin_drill(work, now=served.clock())

    served.work(begun)
    page = enter("ann").get("/steward")
    assert "<h3>Drill: Crisis: not clear</h3>" in page.text
    assert "<h3>Crisis: suicide</h3>" in page.text


def test_who_does_not_see_alerts_sees_no_duty_either_and_cannot_go_on_it(
    served: Served, enter: Callable[[str], Browser], alert: None
) -> None:
    otto = enter("otto")
    page = otto.get("/steward")
    assert buttons(page) == ["Sign out"]
    refused = otto.send("POST", "/steward/duty/on", data={"form_token": otto.token()})
    assert refused.status_code == 403


def test_nobody_acts_without_being_signed_in(served: Served, browser: Browser, alert: None) -> None:
    for path in ("/steward/duty/on", "/steward/duty/off"):
        assert browser.send("POST", path, data={"form_token": browser.token()}).status_code == 403
