"""Whoever asks for help from people is shown whom they can reach, once, before whatever else is said."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from holdfast.care.conversation.assembly import assemble
from holdfast.care.conversation.pipeline import Conversation, TurnOutcome
from holdfast.care.conversation.reaching import ReachingWords, load_reaching
from holdfast.care.conversation.reply import Author, Route
from holdfast.care.conversation.state import ConversationState, Purpose
from holdfast.errors import ContentError
from holdfast.safety.crisis.helplines import Need, load_helplines
from holdfast.safety.detection.verdict import Level

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

ASKED = [
    "I need to talk to a real person today",
    "where can I get help right now?",
    "who can I call tonight",
    "I need help with my drinking today",
    "I want to speak with a counsellor this evening, who do I ring?",
    "is there anybody I can talk to",
    "my brother needs help now, where do we turn",
    "Can I talk to somebody please",
    "please, I need someone to talk to",
    "give me a helpline number",
    "what number do I call for my mum",
    "I'd rather not wait. I really need help tonight.",
    "help me right now please",
    "I'm at work and I need help right now with a panic attack",
    "Whom can my daughter ring today?",
    "are there any helplines I can text",
    "I'd like to be able to talk to someone real",
    "how can I get hold of a therapist today",
    "Who do I talk to about feeling like this?",
    "can somebody help me",
    "i need urgent help",
    "Tonight I need help.",
    "I can't do this alone, is there someone I could call",
    "we need support tonight for our son",
    "I work as a nurse and I need to talk to someone tonight",
    "who should I contact in an emergency",
    "is there a crisis line for veterans",
    "i have nobody, i just want to talk to a human",
    "Could you put me through to a person?",
    "got a number for the samaritans?",
    "My neighbour wants to talk to someone tonight. Which number can she call?",
    "looking for a support line",
    "Is anyone there I can talk to tonight?",
    "where do i go for help tonight",
    "I need somebody now",
    "can i speak to a human",
    "who can help my friend tonight",
    "who could I phone this evening about my anxiety",
    "I can't cope on my own with this today, where can I get some support?",
    "Please can you tell me who to ring tonight?",
    "I want to speak to an actual human being",
    "Where do I go to get help with gambling tonight",
    "I'd really like to talk to someone who understands, today if possible",
    "My wife is struggling with postnatal depression and we need help this weekend",
    "What's a number I can call right now?",
    "do you have a phone number for someone I can speak to",
    "Need to talk to someone asap",
    "is anybody available to talk",
    "I feel low and I would love to chat with a real person tonight",
    "Where can my son find help immediately",
    "I need professional help today",
    "I need to see someone today",
    "who do I call if I need help with drinking tonight",
    "How can I speak to a psychologist today",
    "are there people I can call",
    "can you give me someone to call",
    "I really need somebody to listen right now",
    "could you tell me whom I should call about my son tonight",
    "Is there somebody I could speak with?",
    "my partner needs support right now, who can they phone?",
    "I am desperate for help tonight",
    "What are some numbers I could try this evening?",
    "I can't wait until Monday, I need to speak to someone",
    "Which helpline should I use?",
    "I want a human, not a machine",
    "where can we get immediate help for my dad",
    "Hi, is there a real person I can chat to?",
    "I just need to hear a human voice tonight",
    "Today I need to find help for my eating",
    "how can I get through to a nurse now",
    "someone please help me today",
    "I'd like some support today please",
    "whose number can I ring when it gets bad tonight",
    "Please, whom can I ring this evening?",
    "I have been anxious all week and I need to speak to someone now",
    "Can you tell me where to get help today for my drinking",
    "I want somebody to call me tonight",
    "are there any counsellors I can speak with right now",
    "what is the number for a crisis line",
    "I need a real human to listen",
    "We need help for our daughter this evening, who can we call",
    "how do I get help right now",
    "I'd love to talk with a therapist this afternoon",
    "I can't do this by myself, I need support today",
    "Who's available to talk at night",
    "can I get help today",
    "my friend is in trouble and wants help now",
    "where is there help tonight",
    "I want to call someone",
]

NOT_ASKED = [
    "what helps against stress today",
    "What helps against worry?",
    "How do I become a counsellor?",
    "What does a helpline volunteer do all day?",
    "I want to talk to my boss about stress",
    "How can I support someone with depression",
    "I don't need help today",
    "I do not want to talk to anyone today",
    "I need help with my homework today",
    "why do I feel worse today",
    "How do I talk to my mum about therapy",
    "can you help me understand anxiety",
    "I need help understanding my diagnosis now",
    "I want to work on a helpline",
    "what do therapists do when they need help themselves",
    "How do helplines work?",
    "Is it normal to want to talk to someone every day?",
    "My sister works on a crisis line. What does she say when people call?",
    "How much do crisis line workers get paid?",
    "help",
    "What should I do now?",
    "I feel better now",
    "how do I help my friend",
    "I talked to a counsellor yesterday and it helped",
    "I need a break today",
    "What helps me sleep tonight?",
    "who invented CBT",
    "How do I find a therapist?",
    "does talking to someone help",
    "what happens when I call a helpline",
    "I helped someone today",
    "Should I see a doctor about worry",
    "she needs to talk less",
    "I need to start the breathing exercise now",
    "what can I do about worry today",
    "who can become a therapist",
    "What helps when someone needs to talk?",
    "How do crisis lines train their volunteers?",
    "is it ok to call a helpline if I'm not suicidal",
    "I need to sleep now",
    "I want to learn about depression today",
    "how can I help my sister today",
    "Where can I read about grief",
    "I was helped by a counsellor today",
    "what is a therapist",
    "does my boss need to know",
    "why do people call helplines",
    "Tell me what nurses do on a night shift",
    "My mum is a social worker, who does she report to?",
    "I need help with my maths exam tomorrow",
    "how do helplines decide what to say",
    "I found help last year and now I feel well",
    "what should I say to a person who needs help now",
    "I want to text my friend today",
    "I am talking to my therapist today",
    "Do therapists talk to other therapists?",
    "my therapist wants me to talk to people more",
    "how much help do people with OCD need",
    "what is the number of people with depression today",
    "does exercise help now",
    "Can I talk to you about sleep?",
    "I would like to read about panic today",
    "why is it hard to talk to someone about feelings",
    "what does a crisis team do",
    "I got help today and it was good",
    "Can they speak to my employer about my depression?",
    "what helps with panic right now",
    "I need to get up now",
    "How can a friend help me with depression",
    "can anxiety get worse tonight",
    "Who can get OCD?",
    "is there a therapy for phobias",
    "what is a counsellor able to do",
    "I want to know who calls helplines",
    "How many people talk to a counsellor",
    "I like to talk to people about books",
    "I want to be a better person today",
    "I do not need a therapist",
    "My teacher told us to call people by their name",
    "do I need support to sleep better",
    "do I have to talk to a therapist",
    "I want to talk to my doctor about stopping",
]

AGREED = ConversationState(consents=frozenset(Purpose), region="GB")

Say = Callable[..., TurnOutcome]


@pytest.fixture(scope="module")
def conversation() -> Conversation:
    """The pipeline as it is served, without a language model."""
    return assemble(tier="research use, not for care", clock=lambda: NOW)


@pytest.fixture(scope="module")
def say(conversation: Conversation) -> Say:
    """Say messages one after the other and return what the last one led to."""

    def talk(*messages: str, state: ConversationState = AGREED) -> TurnOutcome:
        for message in messages:
            outcome = asyncio.run(conversation.turn(message, state))
            state = outcome.state
        return outcome

    return talk


@pytest.fixture(scope="module")
def words() -> ReachingWords:
    """The packaged patterns and words."""
    return load_reaching().value


def asks(words: ReachingWords, message: str) -> bool:
    return words.asks_for_people(message) or words.asks_for_help_now(message)


@pytest.mark.parametrize("message", ASKED)
def test_whoever_asks_for_people_or_for_help_now_is_heard(words: ReachingWords, message: str) -> None:
    assert asks(words, message)
    assert asks(words, f"Hello. {message.upper()} Thanks")


@pytest.mark.parametrize("message", NOT_ASKED)
def test_what_helps_somebody_elses_job_and_errands_ask_for_no_people(words: ReachingWords, message: str) -> None:
    assert not asks(words, message)


@pytest.mark.parametrize(
    "message",
    [
        "I need to talk to a real person today",
        "where can I get help right now",
        "who can I call tonight about my drinking?",
        "I have exams in spring. Could I get some support with worry today?",
        "I feel lonely and I need someone to talk to this evening.",
        "My name is Ada and I drive a tram. My mum is ill and we need help today.",
    ],
)
def test_no_alarm_is_raised_and_the_people_of_the_region_come_first_and_once(say: Say, message: str) -> None:
    found = say(message)
    assert found.detection.level < Level.CONCERN
    reply = found.reply
    assert reply.text.startswith("Here are people you can reach yourself")
    assert reply.text.count("116 123") == 1
    assert "999" in reply.text
    assert {resource.region for resource in reply.resources} == {load_helplines().regions["GB"]}
    assert len(reply.resources) == len(set(reply.resources)) > 1
    assert [choice.path for choice in reply.choices].count("/help") == 1
    assert "reaching-here" in found.trace.templates
    assert any(name.startswith("reaching@") for name in found.trace.artefacts)
    assert found.state.crisis.level is Level.NONE


def test_beside_them_the_library_still_answers_with_its_sources(say: Say) -> None:
    reply = say("What helps with panic attacks? I would also like to talk to a counsellor today.").reply
    assert (reply.route, reply.author) == (Route.EDUCATION, Author.LIBRARY)
    assert any("panic" in source.citation for source in reply.sources)
    assert reply.text.index("116 123") < reply.text.index("panic")
    assert reply.resources


@pytest.mark.parametrize(
    "message", ["Can you give me the number of a helpline? It is about my tax return", "Zzz. Whom can I ring?"]
)
def test_where_there_is_no_answer_the_people_stand_alone(say: Say, message: str) -> None:
    reply = say(message).reply
    assert (reply.route, reply.author) == (Route.SUPPORT, Author.TEMPLATE)
    assert reply.resources
    assert "do not have an answer" not in reply.text
    assert "outside what I can help with" not in reply.text


def test_what_the_library_declines_for_a_reason_is_still_said(say: Say) -> None:
    reply = say("I need help today. How many mg of sertraline should I take?").reply
    assert reply.resources
    assert "how much of a medicine to take" in reply.text


@pytest.mark.parametrize(
    "message",
    ["what helps against stress today", "How do I become a counsellor?", "I need help with my homework today", "help"],
)
def test_whoever_did_not_ask_for_people_gets_none(say: Say, message: str) -> None:
    found = say(message)
    assert found.reply.resources == ()
    assert not any(name.startswith("reaching-") for name in found.trace.templates)


def test_somebody_known_to_be_under_18_gets_the_lines_for_young_people_first(say: Say) -> None:
    young = ConversationState(consents=frozenset(Purpose), region="GB", is_minor=True, is_known_minor=True)
    first = load_helplines().for_region("GB", (), is_minor=True)[0]
    assert Need.CHILD in first.serves
    reply = say("I need to talk to someone today", state=young).reply
    assert reply.text.index(first.name) < reply.text.index("116 123")
    lines = [resource.name for resource in reply.resources if not resource.name.startswith("Emergency number")]
    assert lines[0] == first.name


def test_where_the_region_is_not_known_it_says_so_and_offers_to_choose_one(say: Say) -> None:
    nowhere = ConversationState(consents=frozenset(Purpose))
    found = say("who can I call tonight", state=nowhere)
    assert "do not know which country" in found.reply.text
    assert "region" in {choice.value for choice in found.reply.choices}
    assert found.reply.resources


def test_in_the_middle_of_an_exercise_they_are_shown_and_the_exercise_goes_on(say: Say) -> None:
    found = say("grounding exercise", "yes", "I want to talk to a real person")
    assert found.reply.route is Route.INTERVENTION
    assert found.reply.resources
    assert found.state.activity is not None


def test_where_the_crisis_protocol_leads_nothing_is_said_twice(say: Say) -> None:
    found = say("I want to kill myself and I need to talk to someone tonight")
    assert found.reply.route is Route.CRISIS
    assert "Here are people you can reach yourself" not in found.reply.text
    assert not any(name.startswith("reaching-") for name in found.trace.templates)


def test_without_consent_the_fixed_text_on_consent_is_all_that_is_said(say: Say) -> None:
    reply = say("who can I call tonight", state=ConversationState(region="GB")).reply
    assert (reply.route, reply.resources) == (Route.CONSENT, ())


def test_the_words_promise_nothing_and_say_that_they_were_not_reviewed(words: ReachingWords) -> None:
    assert words.status == "not yet reviewed by a clinician or a person with lived experience"
    for text in (words.here, words.elsewhere):
        assert "I cannot call anyone for you" in text
        assert " will " not in text


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("{emergency}", "999"), "must each name {helplines} and {emergency}"),
        (("<person>", "<nobody>"), "a pattern cannot be read: 'nobody'"),
        (("'samaritans'", "'('"), "a pattern cannot be read"),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(tmp_path: Path, change: tuple[str, str], problem: str) -> None:
    path = tmp_path / "reaching.yaml"
    path.write_text(load_reaching().path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        load_reaching(path)
    assert problem in str(refused.value)
