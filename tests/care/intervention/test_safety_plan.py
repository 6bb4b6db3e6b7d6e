"""Claims about the safety plan: the published parts in their order, people first, and no method anywhere."""

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest

from holdfast.care.conversation.assembly import assemble
from holdfast.care.conversation.pipeline import Conversation, TurnOutcome
from holdfast.care.conversation.reply import Route
from holdfast.care.conversation.state import ConversationState, Purpose
from holdfast.care.intervention.catalogue import Catalogue
from holdfast.care.intervention.exercise import Exercise, Offer
from holdfast.care.intervention.people import needs_people, people_for, people_text
from holdfast.care.intervention.session import ExerciseSession
from holdfast.care.intervention.summary import summary
from holdfast.safety.crisis.helplines import load_helplines
from holdfast.safety.detection.verdict import Level

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Run = Callable[..., ExerciseSession]
Runs = Callable[[Exercise], Iterator[ExerciseSession]]

# Stanley and Brown (2012): warning signs, what one does alone, people and settings that distract, people to ask,
# professionals and agencies, a safer environment; their form then asks what is worth living for.
PARTS = ["signs", "alone", "company", "helpers", "services", "around", "worth"]
WORDS = {
    "signs": "I go quiet",
    "alone": "a walk",
    "company": "the library",
    "helpers": "my brother",
    "services": "my clinic",
    "around": "my brother looks after it",
    "worth": "my dog",
    "keep": "in my wallet",
}


@pytest.fixture(scope="module")
def conversation() -> Conversation:
    return assemble(tier="research use, not for care", clock=lambda: NOW)


def talk(conversation: Conversation, *messages: str, region: str | None = "GB") -> list[TurnOutcome]:
    outcomes: list[TurnOutcome] = []
    state = ConversationState(consents=frozenset(Purpose), region=region)
    for message in messages:
        outcomes.append(asyncio.run(conversation.turn(message, outcomes[-1].state if outcomes else state)))
    return outcomes


def test_every_finished_plan_holds_the_published_parts_in_their_order(catalogue: Catalogue, all_runs: Runs) -> None:
    finished = [session for session in all_runs(catalogue.get("safety-plan")) if session.is_done]
    assert finished
    for session in finished:
        path = [answer.step_id for answer in session.answers]
        places = [path.index(part) for part in PARTS]
        assert places == sorted(places)
        assert (path[0], path[-1]) == ("safe-now", "safe-after")


@pytest.mark.parametrize(
    ("values", "level", "last"),
    [
        ({"safe_now": "danger"}, "crisis", "safe-now"),
        ({"safe_now": "unsure"}, "concern", "safe-now"),
        ({"safe_after": "danger"}, "crisis", "safe-after"),
        ({"safe_after": "unsure"}, "concern", "safe-after"),
    ],
)
def test_not_being_safe_or_sure_ends_it_with_people_first(
    run: Run, values: dict[str, str], level: str, last: str
) -> None:
    session = run("safety-plan", **values)
    assert session.stop_rule is not None
    assert session.stop_rule.raises == level
    assert session.stop_rule.offers[0] is Offer.HELP_NOW
    assert session.answers[-1].step_id == last


def test_nobody_to_name_leads_to_people_whose_work_it_is(run: Run) -> None:
    session = run("safety-plan", helpers=None, company=None)
    path = [answer.step_id for answer in session.answers]
    assert path[path.index("helpers") + 1 : path.index("helpers") + 3] == ["lines-first", "services"]
    assert session.is_done


def test_safer_surroundings_ask_for_no_thing_by_name_and_can_be_left_to_a_person(
    run: Run, catalogue: Catalogue
) -> None:
    step = catalogue.get("safety-plan").step("around")
    assert "You do not have to name any thing here." in (step.help or "")
    path = [answer.step_id for answer in run("safety-plan", around=None).answers]
    assert path[path.index("around") + 1] == "around-person"


def test_no_line_of_the_plan_names_a_means_or_a_place_of_danger(catalogue: Catalogue) -> None:
    text = catalogue.loaded["safety-plan"].path.read_text("utf-8").lower()
    named = r"\b(?:pills?|tablets?|medicines?|medication|knife|knives|blades?|razors?|guns?|firearms?|weapons?|ropes?|"
    named += r"bridges?|trains?|roofs?|heights?|poison|alcohol|drugs?|overdos\w*|dose)\b"
    assert re.findall(named, text) == []


def test_people_to_reach_stand_beside_the_services_step_and_with_the_finished_plan_alone(run: Run) -> None:
    session = run("safety-plan", **WORDS)
    assert needs_people(session)
    shown = []
    while session.answers:
        session = session.back()
        assert session.step is not None
        shown += [session.step.step_id] if needs_people(session) else []
    assert shown == ["services"]


@pytest.mark.parametrize("region", ["GB", "US", "DE", "IN", None])
def test_the_people_are_those_of_the_region(region: str | None) -> None:
    helplines = load_helplines()
    text, listed = people_text(helplines, region), people_for(helplines, region, today=date(2026, 12, 1))
    assert all(number.number in text for number in helplines.emergency(region)[:1])
    assert {item.region for item in listed} <= {helplines.regions[helplines.region(region)], "Anywhere else"}
    assert ("Shout" in text) is (region == "GB")


def test_the_summary_says_the_plan_back_in_the_persons_own_words(run: Run) -> None:
    shown = summary(run("safety-plan", **WORDS))
    assert all(words in shown for words in WORDS.values())
    places = [shown.index(WORDS[part]) for part in PARTS]
    assert places == sorted(places)


def test_a_plan_can_be_made_in_a_chat_with_the_lines_of_the_region(conversation: Conversation) -> None:
    steps = ("make a safety plan", "start", "Yes, I am safe for now", *list(WORDS.values())[:4])
    asked = talk(conversation, *steps)
    assert {outcome.reply.route for outcome in asked} == {Route.INTERVENTION}
    assert "Samaritans" in asked[-1].reply.text
    assert "call 999" in asked[-1].reply.text
    ended = talk(conversation, *steps, *list(WORDS.values())[4:], "Yes, I could, and I am safe for now")[-1]
    assert ended.finished is not None
    assert "my dog" in ended.reply.text
    assert "Samaritans" in ended.reply.text
    assert ended.state.crisis.level is Level.NONE


def test_risk_typed_into_the_plan_is_met_by_the_protocol_and_the_plan_waits(conversation: Conversation) -> None:
    last = talk(conversation, "safety plan", "start", "1", "I am going to kill myself tonight")[-1]
    assert last.reply.route is Route.CRISIS
    assert last.state.crisis.level is Level.CRISIS
    assert last.state.activity is not None


def test_an_answer_of_danger_in_a_chat_opens_the_crisis_path(conversation: Conversation) -> None:
    last = talk(conversation, "safety plan", "start", "No, I may act on my thoughts")[-1]
    assert (last.reply.route, last.state.crisis.level) == (Route.CRISIS, Level.CRISIS)
