"""Claims about what happens when things break in a crisis: the person sees people to reach, and nothing is dropped."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from holdfast.care.conversation.templates import LAST_RESORT
from holdfast.errors import ContentError, StorageError
from holdfast.safety.crisis import protocol as protocol_module
from holdfast.safety.crisis.protocol import load_protocol
from holdfast.safety.crisis.state import CrisisState, raise_state
from holdfast.safety.detection.verdict import Category, Detection, Level, Subject
from holdfast.service.accounts.token import COOKIE
from holdfast.service.conversation.talk import take_turn
from holdfast.service.crisis.carried_risk import COOKIE as RISK_COOKIE
from holdfast.service.crisis.escalation import Channel
from holdfast.service.crisis.keeping import keep_crisis
from holdfast.service.storage.database import Database
from holdfast.service.storage.work import Work
from served import Browser, Served

RISK = "I want to kill myself tonight"
Plant = Callable[[str], Any]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    yield served
    served.stop()


def say(browser: Browser, words: str, page: Any = None) -> Any:
    return browser.press(page or browser.get("/talk"), "Send", {"message": words})


def say_on_an_open_page(browser: Browser, words: str, token: str) -> Any:
    return browser.send("POST", "/talk", data={"form_token": token, "message": words})


def kept(served: Served, browser: Browser) -> tuple[CrisisState, list[Any], list[Any]]:
    """What the database holds about whoever uses a browser: their state, their alerts and their records."""
    tokens, now = served.app.state.services.tokens, served.clock()

    async def read(work: Work) -> tuple[CrisisState, list[Any], list[Any]]:
        person = await tokens.person(work, browser.cookies[COOKIE], now=now)
        records = [record.payload for record in await work.trace.about(person) if record.kind == "risk"]
        return await work.crisis.state(person), list(await work.alerts.of(person)), records

    return served.work(read)


def test_a_database_gone_in_mid_crisis_leaves_the_protocol_speaking_and_loses_nothing(served: Served) -> None:
    browser = served.browser()
    browser.agree("conversation")
    say(browser, RISK)
    token = browser.token()
    with served.without_database():
        page = say_on_an_open_page(browser, "it has been raining all day", token)
        assert page.status_code == 503
        assert "I am still here with you." in page.text
        assert "999" in page.text
        again = say_on_an_open_page(browser, "nothing", token)
        assert "999" in again.text
        assert "I am still here with you." not in again.text
        assert "116 123" in browser.get("/help").text
    assert "Reach someone now" in browser.get("/about").text
    state, alerts, records = kept(served, browser)
    assert state.level is Level.CRISIS
    assert len(alerts) == 1
    assert {"action": "kept late", "level": "crisis"} in records


def test_a_stranger_whose_first_words_met_a_database_that_is_gone_is_not_forgotten(served: Served) -> None:
    browser = served.browser()
    token = browser.token()
    with served.without_database():
        page = say_on_an_open_page(browser, RISK, token)
        assert "Are you thinking about killing yourself right now" in page.text
        assert RISK_COOKIE in browser.cookies
        assert COOKIE not in browser.cookies
    browser.get("/about")
    state, alerts, _ = kept(served, browser)
    assert (state.level, state.categories) == (Level.CRISIS, (Category.SUICIDE,))
    assert [alert.level for alert in alerts] == [Level.CRISIS]
    browser.get("/about")
    assert len(kept(served, browser)[1]) == 1


def test_a_calm_message_while_the_database_is_gone_is_refused_as_before(served: Served) -> None:
    browser = served.browser()
    token = browser.token()
    with served.without_database():
        page = say_on_an_open_page(browser, "what is a panic attack", token)
    assert page.status_code == 503
    assert RISK_COOKIE not in browser.cookies


def test_the_database_gone_for_writing_alone_is_met_alike(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = served.browser()
    browser.agree("conversation")
    opened = browser.get("/talk")
    database, services = served.app.state.services.database, served.app.state.services

    class ReadOnly:
        def __getattr__(self, name: str) -> Any:
            return getattr(database, name)

        def work(self, *, write: bool = True) -> Any:
            if write:
                raise StorageError("The database must take this work whole, and has no space left.")
            return database.work(write=write)

    served.app.state.services = replace(services, database=ReadOnly())
    page = say(browser, RISK, opened)
    assert page.status_code == 503
    assert "999" in page.text
    served.app.state.services = services
    browser.get("/talk")
    assert kept(served, browser)[0].level is Level.CRISIS


def test_the_browser_carries_what_stands_and_lets_go_when_it_is_cleared(served: Served) -> None:
    browser = served.browser()
    browser.agree("conversation")
    assert RISK_COOKIE not in browser.cookies
    page = say(browser, RISK)
    assert RISK_COOKIE in browser.cookies
    page = browser.press(page, "Check in with me")
    for answer in ("Yes, I am safe", "No, I am not", "No, neither", "Yes, or there is nothing", "Yes, I know whom"):
        page = browser.press(page, answer)
    assert "I am glad that you are safe" in page.text
    assert RISK_COOKIE not in browser.cookies


def test_signing_out_and_erasing_take_the_carried_crisis_along(served: Served) -> None:
    browser = served.browser()
    browser.agree("conversation")
    say(browser, RISK)
    browser.press(browser.get("/privacy"), "Erase", {"sure": "yes"})
    assert RISK_COOKIE not in browser.cookies


def test_a_carried_crisis_that_was_altered_is_left_aside_and_logged_without_its_value(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    browser = served.browser()
    browser.keep(RISK_COOKIE, "altered-value")
    assert browser.get("/help").status_code == 200
    assert "StorageError" in caplog.text
    assert "altered-value" not in caplog.text


def test_risk_in_a_message_that_is_too_long_is_kept_and_not_only_shown(served: Served) -> None:
    browser = served.browser()
    browser.agree("conversation")
    page = say(browser, f"{RISK} {'and so on ' * 500}")
    assert page.status_code == 422
    state, alerts, _ = kept(served, browser)
    assert (state.level, len(alerts)) == (Level.CRISIS, 1)


def test_risk_in_one_message_too_many_is_kept_and_not_only_shown(tmp_path: Path) -> None:
    served = Served(tmp_path, messages_per_minute=1)
    browser = served.browser()
    browser.agree("conversation")
    say(browser, "hello")
    page = say(browser, RISK)
    assert page.status_code == 429
    assert kept(served, browser)[0].level is Level.CRISIS
    served.stop()


class _Breaking:
    """A crisis path that always breaks, with words in its error."""

    artefacts = ()

    def respond(self, *args: object) -> None:
        raise RuntimeError("words that must not be shown")


def test_a_crisis_path_that_breaks_shows_the_last_resort_and_the_state_and_alert_are_kept(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    services = served.app.state.services
    broken = replace(services.conversation, crisis_path=_Breaking())
    served.app.state.services = replace(services, conversation=broken)
    browser = served.browser()
    browser.agree("conversation")
    page = say(browser, RISK)
    assert LAST_RESORT[:60] in page.text
    assert "words that must not be shown" not in page.text + caplog.text
    served.app.state.services = services
    state, alerts, _ = kept(served, browser)
    assert (state.level, len(alerts)) == (Level.CRISIS, 1)


def test_a_damaged_protocol_keeps_the_service_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "protocol.yaml"
    damaged.write_text(
        protocol_module._PATH.read_text("utf-8").replace("id: suicide-crisis-self", "id: lost", 1)[:9000]
    )
    monkeypatch.setattr("holdfast.care.conversation.assembly.load_protocol", lambda: load_protocol(damaged))
    with pytest.raises(ContentError, match=r"protocol\.yaml"):
        Served(tmp_path / "service")


def test_a_protocol_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    whole = protocol_module._PATH.read_text("utf-8")
    lines = whole.splitlines(keepends=True)
    cut = tmp_path / "protocol.yaml"
    last = next(n for n in range(len(lines) - 1, 0, -1) if re.match(r"    - id: ", lines[n]))
    for count in range(0, last, 23):
        cut.write_text("".join(lines[:count]), "utf-8")
        with pytest.raises(ContentError, match=r"protocol\.yaml"):
            load_protocol(cut)


def test_every_text_of_the_protocol_is_needed_to_load_it(tmp_path: Path) -> None:
    whole = protocol_module._PATH.read_text("utf-8")
    path = tmp_path / "protocol.yaml"
    for watch in ("nobody", "someone", "seen", "late", "unreached"):
        path.write_text(re.sub(rf"(?m)^  {watch}: .*\n", "", whole), "utf-8")
        with pytest.raises(ContentError, match=f"duty.{watch} is missing"):
            load_protocol(path)


def test_a_sink_that_hangs_holds_up_nobody_in_a_crisis(served: Served) -> None:
    services, portal, begun = served.app.state.services, served.client.portal, []

    class Hanging:
        channel = Channel.WEBHOOK

        async def send(self, page: object) -> None:
            begun.append(page)
            await asyncio.Event().wait()

    escalator = replace(services.escalator, sinks=(Hanging(),), attempt_s=600.0)
    browser = served.browser()
    browser.agree("conversation")
    say(browser, RISK)
    assert portal is not None
    looking = portal.start_task_soon(escalator.look)
    while not begun:
        time.sleep(0.01)
    page = say(browser, "I do not know")
    assert "999" in page.text
    assert not looking.done()
    looking.cancel()


def test_a_clock_set_back_neither_ends_nor_hides_a_crisis(served: Served) -> None:
    browser = served.browser()
    browser.agree("conversation")
    say(browser, RISK)
    served.clock.forward(hours=-12)
    page = say(browser, "I do not know")
    assert "999" in page.text
    assert kept(served, browser)[0].level is Level.CRISIS


async def test_of_two_messages_at_once_the_graver_stays_and_one_alert_opens(database: Database, now: Any) -> None:
    async with database.work() as work:
        person_id = (await work.persons.create(now)).id
    both_read = asyncio.Barrier(2)

    async def raised(level: Level, category: Category, pause_s: float) -> None:
        detection = Detection(level=level, categories=(category,), subject=Subject.SELF)
        async with database.work(write=False) as work:
            read = await work.crisis.state(await work.persons.open(person_id))
        await both_read.wait()
        await asyncio.sleep(pause_s)
        async with database.work() as work:
            person = await work.persons.open(person_id)
            await keep_crisis(work, person, after=raise_state(read, detection, now), read=read, now=now)
            await asyncio.sleep(0.05)

    await asyncio.gather(
        raised(Level.CRISIS, Category.SUICIDE, 0.0), raised(Level.CONCERN, Category.EATING_DISORDER, 0.01)
    )
    async with database.work(write=False) as work:
        person = await work.persons.open(person_id)
        state, alerts = await work.crisis.state(person), await work.alerts.of(person)
    assert state.level is Level.CRISIS
    assert set(state.categories) == {Category.SUICIDE, Category.EATING_DISORDER}
    assert len(alerts) == 1


def test_a_reply_under_way_when_a_crisis_opens_is_shown_to_nobody(served: Served) -> None:
    browser = served.browser()
    browser.agree("conversation")
    services, portal = served.app.state.services, served.client.portal
    person_id = services.tokens.read(browser.cookies[COOKIE], now=served.clock()).person_id
    drafted: list[str] = []

    class Overtaken:
        """While a calm message is being answered, another of the same person signals risk."""

        def __getattr__(self, name: str) -> Any:
            return getattr(services.conversation, name)

        async def turn(self, message: str, state: Any, **parts: Any) -> Any:
            outcome = await services.conversation.turn(message, state)
            if not drafted:
                drafted.append(outcome.reply.text)
                await take_turn(services, person_id, RISK)
            return outcome

    async def race() -> Any:
        return await take_turn(replace(services, conversation=Overtaken()), person_id, "what is a panic attack")

    assert portal is not None
    taken = portal.call(race)
    assert taken.outcome.reply.route == "crisis"
    page = browser.get("/talk").text
    assert "panic" in drafted[0].lower()
    assert "Panic attack" not in page
    assert taken.outcome.reply.author == "template"


async def test_risk_signalled_again_long_after_it_was_seen_opens_a_new_alert(database: Database, now: Any) -> None:
    detection = Detection(level=Level.CRISIS, categories=(Category.SUICIDE,), subject=Subject.SELF)
    async with database.work() as work:
        person = await work.persons.create(now)
        state = await keep_crisis(
            work, person, after=raise_state(CrisisState(), detection, now), read=CrisisState(), now=now
        )
        (alert,) = await work.alerts.of(person)
        await work.alerts.acknowledge(alert.id, by="ada", now=now)
        for minutes, count in ((10, 1), (29, 1), (31, 2), (32, 2)):
            moment = now + timedelta(minutes=minutes)
            raised = raise_state(state, detection, moment)
            state = await keep_crisis(work, person, after=raised, read=state, now=moment)
            assert len(await work.alerts.of(person)) == count
        newest = (await work.alerts.of(person))[-1]
    assert (newest.opened, newest.signalled_at) == (now + timedelta(minutes=31), now + timedelta(minutes=32))
    assert newest.acknowledged_at is None
