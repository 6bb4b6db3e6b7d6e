"""Claims about risk that only several turns show: it is met on every route, and words without consent stay nowhere."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from starlette.routing import Mount

from holdfast.errors import StorageError
from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.detection.verdict import Level
from holdfast.service.accounts.token import COOKIE
from holdfast.service.security.rates import RateLimits
from holdfast.service.storage.work import Work
from served import Browser, Served

FIRST = "everyone is sick of me"
SECOND = "gave my records away to my nephew"
"""A concern each; together a crisis."""
LONG = " and so on" * 500
API = "/api/v1"

Say = Callable[[str], Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One application for all of these tests; every test brings its own people."""
    served = Served(tmp_path_factory.mktemp("served"), semantic_layer="off")
    yield served
    served.stop()


@contextmanager
def standing_in(served: Served, **parts: Any) -> Iterator[None]:
    """The application uses other ``parts`` while the block runs."""
    services = served.app.state.services
    mounted: Any = next(route.app for route in served.app.routes if isinstance(route, Mount) and route.path == API)
    served.app.state.services = mounted.state.services = replace(services, **parts)
    try:
        yield
    finally:
        served.app.state.services = mounted.state.services = services


def visitor(served: Served, *purposes: str) -> tuple[Browser, Say]:
    """Somebody on the pages, who agreed to these purposes; the form's token outlives the database."""
    browser = served.browser()
    browser.agree("exercises", *purposes)
    token = browser.token()

    def say(words: str) -> Any:
        served.clock.forward(seconds=20)
        return browser.send("POST", "/talk", data={"form_token": token, "message": words})

    return browser, say


def caller(served: Served, *purposes: str) -> tuple[Browser, Say]:
    """Somebody who talks through the API; their token is also put where the pages have it, to look them up."""
    browser = served.browser()
    token = browser.send("POST", f"{API}/people").json()["token"]
    headers = {"authorization": f"Bearer {token}"}
    browser.send("PUT", f"{API}/me/profile", headers=headers, json={"region": "GB", "is_minor": False})
    browser.send("PUT", f"{API}/consents", headers=headers, json={"purposes": list(purposes)})
    browser.keep(COOKIE, token)

    def say(words: str) -> Any:
        served.clock.forward(seconds=20)
        return browser.send("POST", f"{API}/messages", headers=headers, json={"text": words})

    return browser, say


def level(served: Served, browser: Browser) -> Level:
    """The level that stands for whoever uses a browser."""
    tokens, now = served.app.state.services.tokens, served.clock()

    async def read(work: Work) -> CrisisState:
        return await work.crisis.state(await tokens.person(work, browser.cookies[COOKIE], now=now))

    found: CrisisState = served.work(read)
    return found.level


ROUTES = pytest.mark.parametrize("enter", [visitor, caller], ids=["pages", "api"])
CONSENT = pytest.mark.parametrize("purposes", [("conversation",), ()], ids=["agreed", "not agreed"])


@pytest.mark.parametrize("words", [FIRST, SECOND])
@ROUTES
def test_each_message_alone_is_no_crisis(served: Served, enter: Any, words: str) -> None:
    browser, say = enter(served)
    assert say(words).status_code == 200
    assert level(served, browser) is Level.CONCERN


@ROUTES
@CONSENT
def test_risk_that_builds_up_over_two_messages_is_a_crisis(
    served: Served, enter: Any, purposes: tuple[str, ...]
) -> None:
    browser, say = enter(served, *purposes)
    assert [say(words).status_code for words in (FIRST, "I went for a walk", SECOND)] == [200, 200, 200]
    assert level(served, browser) is Level.CRISIS


def test_risk_that_builds_up_from_the_first_words_of_a_stranger_is_a_crisis(served: Served) -> None:
    browser = served.browser()
    token = browser.token()
    for words in (FIRST, SECOND):
        browser.send("POST", "/talk", data={"form_token": token, "message": words})
    assert level(served, browser) is Level.CRISIS


@ROUTES
@CONSENT
def test_a_message_that_is_too_long_is_judged_with_what_was_said_before(
    served: Served, enter: Any, purposes: tuple[str, ...]
) -> None:
    browser, say = enter(served, *purposes)
    say(FIRST)
    page = say(SECOND + LONG)
    assert page.status_code == 422
    assert "999" in page.text
    assert level(served, browser) is Level.CRISIS


@ROUTES
@CONSENT
def test_a_message_that_is_too_long_is_judged_with_what_is_said_after_it(
    served: Served, enter: Any, purposes: tuple[str, ...]
) -> None:
    browser, say = enter(served, *purposes)
    assert say(LONG + FIRST).status_code == 422
    assert level(served, browser) is Level.CONCERN
    say(SECOND)
    assert level(served, browser) is Level.CRISIS


@ROUTES
@CONSENT
def test_one_message_too_many_is_judged_with_what_was_said_before(
    served: Served, enter: Any, purposes: tuple[str, ...]
) -> None:
    browser, say = enter(served, *purposes)
    say(FIRST)
    with standing_in(served, limits=RateLimits({"messages": 0, "requests": 100_000})):
        assert say(SECOND).status_code == 429
    assert level(served, browser) is Level.CRISIS


@CONSENT
def test_one_request_too_many_is_judged_with_what_was_said_before(served: Served, purposes: tuple[str, ...]) -> None:
    browser, say = visitor(served, *purposes)
    say(FIRST)
    with standing_in(served, limits=RateLimits({"messages": 100_000, "requests": 0})):
        page = say(SECOND)
        assert browser.get("/talk").status_code == 429
    assert page.status_code == 429
    assert "999" in page.text
    assert level(served, browser) is Level.CRISIS


@ROUTES
@CONSENT
def test_a_message_to_a_database_that_is_gone_is_judged_with_what_was_said_before(
    served: Served, enter: Any, purposes: tuple[str, ...]
) -> None:
    browser, say = enter(served, *purposes)
    say(FIRST)
    with served.without_database():
        page = say(SECOND)
    assert page.status_code == 503
    if enter is caller:
        assert page.json()["crisis"]["level"] == "crisis"
        return
    browser.get("/about")
    assert level(served, browser) is Level.CRISIS


@ROUTES
def test_of_two_messages_to_a_database_that_is_gone_the_second_is_judged_with_the_first(
    served: Served, enter: Any
) -> None:
    browser, say = enter(served)
    with served.without_database():
        say(FIRST)
        page = say(SECOND)
    if enter is caller:
        assert page.json()["crisis"]["level"] == "crisis"
        return
    browser.get("/about")
    assert level(served, browser) is Level.CRISIS


def test_a_database_gone_for_writing_alone_still_gives_the_window(served: Served) -> None:
    browser, say = visitor(served, "conversation")
    say(FIRST)
    services = served.app.state.services
    services.recent.forget(services.tokens.read(browser.cookies[COOKIE], now=served.clock()).person_id)

    class ReadOnly:
        def __getattr__(self, name: str) -> Any:
            return getattr(services.database, name)

        def work(self, *, write: bool = True) -> Any:
            if write:
                raise StorageError("The database must take this work whole, and has no space left.")
            return services.database.work(write=write)

    with standing_in(served, database=ReadOnly()):
        assert say(SECOND).status_code == 503
    browser.get("/about")
    assert level(served, browser) is Level.CRISIS


@ROUTES
@CONSENT
def test_a_yes_to_the_question_is_understood_whether_or_not_anything_is_kept(
    served: Served, enter: Any, purposes: tuple[str, ...]
) -> None:
    browser, say = enter(served, *purposes)
    asked = say(FIRST).text
    assert re.search(r"[Aa]re you thinking", asked)
    say("yes")
    assert level(served, browser) is Level.CRISIS


def test_old_words_do_not_signal_again_in_a_message_that_was_refused(served: Served) -> None:
    browser, say = visitor(served)
    say(FIRST)
    say("what is a panic attack" + LONG)
    tokens, now = served.app.state.services.tokens, served.clock()

    async def alerts(work: Work) -> int:
        person = await tokens.person(work, browser.cookies[COOKIE], now=now)
        state = await work.crisis.state(person)
        assert state.signalled == state.since
        return len(await work.alerts.of(person))

    assert served.work(alerts) == 1


@CONSENT
def test_questions_to_the_library_are_judged_one_by_one(served: Served, purposes: tuple[str, ...]) -> None:
    browser, say = caller(served, *purposes)
    say(FIRST)
    headers = {"authorization": f"Bearer {browser.cookies[COOKIE]}"}
    for question in (SECOND, SECOND + LONG):
        browser.send("POST", f"{API}/ask", headers=headers, json={"question": question})
        assert level(served, browser) is Level.CONCERN


def forget_by_leaving(served: Served, browser: Browser) -> None:
    browser.press(browser.get("/return"), "Sign out here")


def forget_by_erasing(served: Served, browser: Browser) -> None:
    browser.press(browser.get("/privacy"), "Erase", {"sure": "yes"})


def forget_by_erasing_through_the_api(served: Served, browser: Browser) -> None:
    browser.send("DELETE", f"{API}/me", headers={"authorization": f"Bearer {browser.cookies[COOKIE]}"})


def forget_by_a_new_chat(served: Served, browser: Browser) -> None:
    browser.send("POST", "/talk/new", data={"form_token": browser.token()})


def forget_by_time(served: Served, browser: Browser) -> None:
    served.clock.forward(minutes=31)


def forget_by_withdrawing(served: Served, browser: Browser) -> None:
    browser.send("POST", "/privacy/withdraw", data={"form_token": browser.token(), "purpose": "conversation"})


def forget_by_choosing(served: Served, browser: Browser) -> None:
    browser.agree("exercises")


def forget_by_choosing_through_the_api(served: Served, browser: Browser) -> None:
    headers = {"authorization": f"Bearer {browser.cookies[COOKIE]}"}
    browser.send("PUT", f"{API}/consents", headers=headers, json={"purposes": []})


FORGET = [
    forget_by_leaving,
    forget_by_erasing,
    forget_by_erasing_through_the_api,
    forget_by_a_new_chat,
    forget_by_time,
]
WITHDRAW = [forget_by_withdrawing, forget_by_choosing, forget_by_choosing_through_the_api]


@pytest.mark.parametrize(
    ("forget", "purposes"),
    [*((one, ()) for one in FORGET), *((one, ("conversation",)) for one in (*FORGET, *WITHDRAW))],
)
def test_what_memory_holds_is_forgotten(served: Served, forget: Any, purposes: tuple[str, ...]) -> None:
    browser, say = visitor(served, *purposes)
    say(FIRST)
    say(SECOND + LONG)
    services = served.app.state.services
    person_id = services.tokens.read(browser.cookies[COOKIE], now=served.clock()).person_id
    assert [said.message[:10] for said in services.recent.of(person_id)] != []
    forget(served, browser)
    assert services.recent.of(person_id) == ()


def test_coming_back_as_somebody_else_forgets_who_wrote_before(served: Served) -> None:
    known = served.browser()
    known.agree("conversation")
    shown = known.press(known.get("/return"), "Set", {"passphrase": "a quiet orange boat"}).text
    name = re.search(r"<strong>([a-z]+(?:[ -][a-z]+)+)</strong>", shown)
    assert name is not None
    browser, say = visitor(served)
    say("hello")
    services = served.app.state.services
    person_id = services.tokens.read(browser.cookies[COOKIE], now=served.clock()).person_id
    assert services.recent.of(person_id)
    fields = {"return_name": name.group(1), "passphrase": "a quiet orange boat"}
    browser.send("POST", "/return", data={"form_token": browser.token(), **fields})
    assert services.tokens.read(browser.cookies[COOKIE], now=served.clock()).person_id != person_id
    assert services.recent.of(person_id) == ()


def test_words_that_only_memory_holds_are_in_no_file_no_log_and_no_trace(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser, say = visitor(served)
    say(f"{FIRST}, quillfeather")
    say(f"quillfeather, {SECOND}")
    say(f"quillfeather {LONG}")
    with served.without_database():
        say("quillfeather again")
    exported = browser.press(browser.get("/privacy"), "Download").text
    raw = b"".join(path.read_bytes() for path in sorted(served.settings.data_dir.rglob("*")) if path.is_file())
    assert level(served, browser) is Level.CRISIS
    assert "quillfeather" not in exported + caplog.text
    assert b"quillfeather" not in raw
    assert "nephew" not in exported + caplog.text

    async def rows(work: Work) -> int:
        person = await served.app.state.services.tokens.person(work, browser.cookies[COOKIE], now=served.clock())
        return len(await work.chats.list(person))

    assert served.work(rows) == 0
