"""The education engine quotes with sources, drafts only with consent, and falls back on the library's own text."""

import asyncio
from pathlib import Path

import pytest

from holdfast.care.conversation.parts import EngineReply, Routing
from holdfast.care.conversation.reply import Author, Route
from holdfast.care.conversation.state import Audience, ConversationState, Purpose
from holdfast.care.education.engine import EducationEngine, build_education
from holdfast.care.education.library import Library
from holdfast.errors import ContentError, ModelError
from holdfast.language.drafting import Drafter
from holdfast.language.model import Completion

QUESTION = "What is a panic attack?"
ROUTING = Routing(route=Route.EDUCATION, reason="test")
AGREED = frozenset({Purpose.CONVERSATION, Purpose.LANGUAGE_MODEL})


class QuotingModel:
    """Answers with the first sentences of the first passage it is shown, each with the passage's id."""

    def __init__(self, library: Library) -> None:
        self.library, self.asked = library, 0

    async def complete(self, system: str, user: str) -> Completion:
        del system
        self.asked += 1
        passage = next(p for p in self.library.passages if f"[{p.citation}]" in user)
        sentences = passage.text.split("\n")[0].split(". ")[:3]
        return Completion(text=" ".join(f"{s.rstrip('.')}. [{passage.citation}]" for s in sentences), model_id="fake")


class BreakingModel:
    """Raises what it was given."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def complete(self, system: str, user: str) -> Completion:
        raise self.error


class LyingModel:
    """Invents everything, passages included."""

    async def complete(self, system: str, user: str) -> Completion:
        return Completion(text="Drink petrol. [made-up#section] Vitamins cure panic in 3 days. [x#y]", model_id="liar")


@pytest.fixture(scope="module")
def engine() -> EducationEngine:
    return build_education()


def reply(engine: EducationEngine, message: str, state: ConversationState | None = None) -> EngineReply:
    return asyncio.run(engine.reply(message, ROUTING, state or ConversationState(consents=AGREED)))


def test_a_reply_is_headed_passages_word_for_word_with_sources_that_lead_to_them(
    engine: EducationEngine, library: Library
) -> None:
    said = reply(engine, QUESTION)
    passages = [library.passage(source.citation) for source in said.sources]
    assert said.text == "\n\n".join(f"**{p.heading}**\n\n{p.text}" for p in passages)
    assert said.author is Author.LIBRARY
    assert all(s.path == f"/learn/{p.article}#{p.slug}" for s, p in zip(said.sources, passages, strict=True))
    assert all(str(p.sources[0].year) in s.published for s, p in zip(said.sources, passages, strict=True))
    assert said.next_step
    assert said.referral
    assert said.route is None
    assert said.model is None


def test_the_reply_names_every_content_file_it_rests_on_with_its_hash(
    engine: EducationEngine, library: Library
) -> None:
    artefacts = dict(reply(engine, QUESTION).artefacts)
    assert artefacts["education-library"] == library.sha256
    assert {"synonyms", "everyday-words", "particular", "answering@1"} <= artefacts.keys()
    assert all(len(sha256) == 64 for sha256 in artefacts.values())


def test_where_nothing_fits_the_route_is_to_abstain_and_nothing_is_cited(engine: EducationEngine) -> None:
    said = reply(engine, "how do I change a bicycle tyre")
    assert said.route is Route.ABSTAIN
    assert said.author is Author.TEMPLATE
    assert said.sources == ()
    assert said.referral


def test_a_declined_question_points_to_articles_by_title(engine: EducationEngine, library: Library) -> None:
    said = reply(engine, "how many mg of sertraline should I take")
    title = library.get("questions-to-ask-about-medicines").front.title
    assert f"- [{title}](/learn/questions-to-ask-about-medicines)" in said.text
    assert said.route is Route.ABSTAIN


def test_the_audience_of_the_conversation_is_the_audience_of_the_search(
    engine: EducationEngine, library: Library
) -> None:
    question = "what is cultural humility and how does it differ from cultural competence"
    helper = reply(engine, question, ConversationState(consents=AGREED, audience=Audience.HELPER))
    assert {library.passage(s.citation).article for s in helper.sources} == {"helper-cultural-humility"}
    assert "helper-cultural-humility" not in str(reply(engine, question).sources)


def test_a_supported_draft_is_shown_as_the_models_with_the_librarys_text_behind_it(library: Library) -> None:
    engine = build_education(drafter=Drafter(QuotingModel(library)))
    said = reply(engine, QUESTION)
    assert said.author is Author.MODEL
    assert (said.model, said.model_outcome) == ("fake", "drafted")
    assert said.fallback == reply(build_education(), QUESTION).text
    assert f"[{said.sources[0].citation}]" in said.text
    assert any(name.startswith("prompt:education-draft@") for name, _ in said.artefacts)


def test_without_consent_to_a_language_model_none_is_asked(library: Library) -> None:
    model = QuotingModel(library)
    engine = build_education(drafter=Drafter(model))
    said = reply(engine, QUESTION, ConversationState(consents=frozenset({Purpose.CONVERSATION})))
    assert said.author is Author.LIBRARY
    assert model.asked == 0


def test_where_the_library_abstains_no_language_model_is_asked(library: Library) -> None:
    model = QuotingModel(library)
    said = reply(build_education(drafter=Drafter(model)), "how do I change a bicycle tyre")
    assert said.route is Route.ABSTAIN
    assert model.asked == 0


def test_an_unsupported_draft_gives_way_to_the_librarys_text(engine: EducationEngine) -> None:
    said = reply(build_education(drafter=Drafter(LyingModel())), QUESTION)
    assert said.text == reply(engine, QUESTION).text
    assert said.author is Author.LIBRARY
    assert (said.model, said.model_outcome) == ("liar", "unsupported")


@pytest.mark.parametrize("error", [ModelError("it stalled"), RuntimeError("it broke")])
def test_a_broken_model_is_said_plainly_and_the_librarys_text_follows(
    engine: EducationEngine, error: Exception
) -> None:
    said = reply(build_education(drafter=Drafter(BreakingModel(error))), QUESTION)
    plain_word = "The writing assistant did not answer, so here is the library's own text."
    assert said.text == f"{plain_word}\n\n{reply(engine, QUESTION).text}"
    assert said.author is Author.LIBRARY
    assert said.model_outcome == f"failed: {type(error).__name__}"


def test_rules_that_point_to_a_missing_article_are_refused(tmp_path: Path, library: Library) -> None:
    one = library.get("depression-what-it-is").path
    (tmp_path / one.name).write_bytes(one.read_bytes())
    with pytest.raises(ContentError, match=r"answering\.yaml must point to articles that exist"):
        build_education(folder=tmp_path)
