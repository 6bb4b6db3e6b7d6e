"""Claims about how a browser is known again."""

import asyncio
import re

from fastapi import FastAPI
from web_visitor import Clock, Visitor

from holdfast.service.conversation.talk import take_turn


def test_whoever_keeps_coming_back_stays_known_and_whoever_stays_away_does_not(visitor: Visitor, clock: Clock) -> None:
    visitor.agree("conversation")
    visitor.say("what helps with sleep?")
    for _ in range(6):
        clock.forward(days=20)
        assert "what helps with sleep?" in visitor.get("/talk").text
    clock.forward(days=91)
    assert "what helps with sleep?" not in visitor.get("/talk").text


def test_a_cookie_that_was_altered_makes_a_stranger_and_no_error(visitor: Visitor) -> None:
    visitor.agree("conversation")
    token = visitor.client.cookies["holdfast_person"]
    visitor.client.cookies.clear()
    visitor.client.cookies.set("holdfast_person", token[:-3] + "xyz")
    response = visitor.get("/privacy")
    assert response.status_code == 200
    assert "Nothing is kept about you right now" in response.text


def test_a_notice_that_this_is_software_comes_first_and_again_after_three_hours(visitor: Visitor, clock: Clock) -> None:
    visitor.agree("conversation")
    first = visitor.say("hello").text.count("turn holdfast")
    assert first == 1
    assert visitor.get("/talk").text.count('class="note small"') == 1
    visitor.say("what helps with sleep?")
    assert visitor.get("/talk").text.count('class="note small"') == 1
    for _ in range(7):
        clock.forward(minutes=28)
        visitor.say("what helps with worry?")
    assert visitor.get("/talk").text.count('class="note small"') >= 2


def test_no_page_sends_people_to_another_site_after_a_form(visitor: Visitor) -> None:
    ways_off = ("https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)")
    for elsewhere in ways_off:
        response = visitor.client.get("/consent", params={"then": elsewhere})
        assert "elsewhere.example" not in response.text
        assert "javascript:" not in response.text


def test_a_country_picked_in_a_crisis_is_remembered_for_the_next_message(visitor: Visitor) -> None:
    visitor.post("/consent", {"purpose": ["conversation"], "region": "", "then": "/talk"})
    assert "116 123" not in visitor.say("I want to end my life").text
    visitor.say("region: GB")
    assert "116 123" in visitor.say("it is all too much and I want to die").text
    assert "116 123" in visitor.get("/help").text


def test_coming_back_as_oneself_does_not_lose_a_crisis_that_stands_in_this_browser(visitor: Visitor) -> None:
    visitor.agree("conversation")
    passphrase = {"passphrase": "a quiet orange boat"}
    shown = visitor.post("/return/set", passphrase, page="/return").text
    name = re.search(r"<strong>([a-z]+(?:[ -][a-z]+)+)</strong>", shown)
    assert name is not None
    visitor.post("/return/leave", page="/return")
    visitor.say("I want to end my life")
    page = visitor.post("/return", {"return_name": name.group(1), **passphrase}, page="/return")
    assert "Welcome back" in page.text
    assert 'aria-label="Support"' in visitor.get("/").text


def test_leaving_in_a_crisis_leads_to_people_who_can_be_reached(visitor: Visitor) -> None:
    visitor.agree("conversation")
    visitor.say("I want to end my life")
    assert "116 123" in visitor.post("/return/leave", page="/return").text


def test_twenty_messages_at_once_stay_in_one_chat(visitor: Visitor, app: FastAPI) -> None:
    visitor.agree("conversation")

    async def all_at_once() -> int:
        services = app.state.services
        async with services.database.work(write=False) as work:
            token = visitor.client.cookies["holdfast_person"]
            person = await services.tokens.person(work, token, now=services.clock())
        await asyncio.gather(*(take_turn(services, person.id, f"what helps with sleep {n}?") for n in range(15)))
        async with services.database.work(write=False) as work:
            return len(await work.chats.list(person))

    assert visitor.client.portal is not None
    assert visitor.client.portal.call(all_at_once) == 1
