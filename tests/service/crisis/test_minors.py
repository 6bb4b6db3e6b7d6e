"""Claims about whom somebody is shown who said that they are under 18: lines for children and young people first."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from served import Browser, Served

RISK = "I want to kill myself tonight"
CHILDREN, EVERYBODY = "Childline", "Samaritans"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    yield served
    served.stop()


def signed_in(served: Served, age: str) -> Browser:
    browser = served.browser()
    fields = {"region": "GB", "age": age, "purpose": ["conversation", "exercises"]}
    browser.press(browser.get("/consent"), "Save my choices", fields)
    return browser


def order(text: str) -> list[str]:
    return sorted((name for name in (CHILDREN, EVERYBODY) if name in text), key=text.index)


def pages(browser: Browser) -> Iterator[tuple[str, str]]:
    """Yield every page that shows people to reach, with its name."""
    yield "help", browser.get("/help").text
    yield (
        "refused question",
        browser.send("POST", "/learn", data={"form_token": browser.token(), "q": f"{RISK} {'and so on ' * 500}"}).text,
    )
    yield "exercise in a crisis", browser.get("/practise/safety-plan").text
    page = browser.press(browser.get("/practise/thought-record"), "Start")
    yield "words in an exercise", browser.press(page, "Next", {"value": RISK}).text
    yield "message", browser.press(browser.get("/talk"), "Send", {"message": RISK}).text
    yield (
        "message refused",
        browser.press(browser.get("/talk"), "Send", {"message": f"{RISK} {'and so on ' * 500}"}).text,
    )


def test_a_minor_is_shown_lines_for_children_first_wherever_people_to_reach_are_shown(served: Served) -> None:
    found = {name: order(text) for name, text in pages(signed_in(served, "minor"))}
    assert found == {name: [CHILDREN, EVERYBODY] for name in found}
    assert len(found) == 6


@pytest.mark.parametrize("age", ["adult", "unknown"])
def test_an_adult_and_whoever_has_not_said_are_shown_lines_for_everybody_first(served: Served, age: str) -> None:
    for name, text in pages(signed_in(served, age)):
        assert order(text)[:1] == [EVERYBODY], name


def test_a_minor_who_calls_the_api_is_shown_lines_for_children_first(served: Served) -> None:
    browser = served.browser()
    token = browser.send("POST", "/api/v1/people").json()["token"]
    headers = {"authorization": f"Bearer {token}"}
    browser.send("PUT", "/api/v1/me/profile", headers=headers, json={"region": "GB", "is_minor": True})
    asked = browser.send("POST", "/api/v1/ask", headers=headers, json={"question": RISK}).json()["crisis"]
    said = browser.send("POST", "/api/v1/messages", headers=headers, json={"text": RISK}).json()["reply"]
    for met in (asked, said):
        assert order(met["text"]) == [CHILDREN, EVERYBODY]
        listed = [resource["name"] for resource in met["resources"]]
        assert listed.index(CHILDREN) < listed.index(EVERYBODY)
