"""The education part of a conversation: passages word for word, or a draft that they support, or an abstention."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Self

from holdfast.care.conversation.parts import EngineReply, Routing
from holdfast.care.conversation.reply import Author, Route, Source
from holdfast.care.conversation.stage import Stage
from holdfast.care.conversation.state import Audience, ConversationState, Purpose
from holdfast.care.education.answer import Abstention, Answer, answer
from holdfast.care.education.article import Passage
from holdfast.care.education.asked import load_asked
from holdfast.care.education.everyday import load_everyday_words
from holdfast.care.education.library import ARTICLES, Library, load_library
from holdfast.care.education.particular import load_particular
from holdfast.care.education.policy import AnsweringPolicy, load_answering
from holdfast.care.education.retrieval import FullTextRetriever, Retriever
from holdfast.care.education.synonyms import load_synonyms
from holdfast.content import Loaded
from holdfast.errors import ContentError
from holdfast.language.drafting import Draft, Drafter, DraftOutcome, DraftStream
from holdfast.safety.review.gate import GateEnd

__all__ = ["EducationEngine", "build_education"]


_NOT_HERE = frozenset({"nothing_fits", "out_of_scope"})
"""Reasons to abstain that tell the person nothing but that the library has no answer."""


class EducationEngine:
    """Answers messages routed to education.

    A language model drafts only where a drafter is given and the person has agreed to it; whatever it does, the
    library's own text stands behind it. Where the library abstains no model is asked.

    Args:
        library: Gives the articles that an abstention points to.
        retriever: Finds passages.
        policy: When to answer and what to say where not.
        drafter: Drafts from the passages; None for none.
        artefacts: Content ids and hashes of what the retriever searches, for the trace.
    """

    def __init__(
        self,
        *,
        library: Library,
        retriever: Retriever,
        policy: Loaded[AnsweringPolicy],
        drafter: Drafter | None = None,
        artefacts: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.library = library
        self._retriever = retriever
        self._policy = policy.value
        self._drafter = drafter
        self._artefacts = (*artefacts, (f"{policy.value.id}@{policy.value.version}", policy.sha256))

    def drafting_with(self, drafter: Drafter | None) -> Self:
        """Return an engine over the same library and index that drafts with ``drafter``, or not at all."""
        other = copy(self)
        other._drafter = drafter
        return other

    def answer(self, question: str, *, audience: Audience) -> Answer | Abstention:
        """Answer from the library alone, or abstain."""
        return answer(question, self._retriever, audience=audience, policy=self._policy)

    async def reply(self, message: str, routing: Routing, state: ConversationState) -> EngineReply:
        """Answer ``message``; an abstention takes the route ``abstain``."""
        del routing
        found = self.answer(message, audience=state.audience)
        if isinstance(found, Abstention):
            return self._abstain(found)
        if self._drafter is None or Purpose.LANGUAGE_MODEL not in state.consents:
            return self._quote(found)
        return self._with_draft(found, await self._drafter.draft(message, found.passages), self._drafter)

    async def reply_on(self, stage: Stage, message: str, routing: Routing, state: ConversationState) -> EngineReply:
        """Answer ``message`` as ``reply`` does; a draft that comes in pieces is shown on ``stage`` as it comes."""
        found = self.answer(message, audience=state.audience)
        if isinstance(found, Abstention) or self._drafter is None or Purpose.LANGUAGE_MODEL not in state.consents:
            return await self.reply(message, routing, state)
        stream = self._drafter.stream(message, found.passages)
        if stream is None:
            return self._with_draft(found, await self._drafter.draft(message, found.passages), self._drafter)
        end = await stage.perform(_pieces(stream), tuple(map(_source, found.passages)))
        draft = stream.draft
        if end in (GateEnd.BROKEN, GateEnd.ENDLESS) and draft.outcome is not DraftOutcome.FAILED:
            draft = Draft(outcome=DraftOutcome.FAILED, error=end.value, model_id=draft.model_id)
        if end is GateEnd.WITHHELD and draft.outcome is DraftOutcome.DRAFTED:
            return replace(self._with_draft(found, draft, self._drafter), model_outcome="stopped")
        return self._with_draft(found, draft, self._drafter)

    def _quote(self, found: Answer) -> EngineReply:
        return EngineReply(
            text="\n\n".join(map(_quoted, found.passages)),
            author=Author.LIBRARY,
            sources=tuple(map(_source, found.passages)),
            next_step=found.next_step,
            referral=found.referral,
            artefacts=self._artefacts,
        )

    def _with_draft(self, found: Answer, draft: Draft, drafter: Drafter) -> EngineReply:
        """Return the draft backed by the library's text; or that text, after a plain word where the model broke."""
        quoted = self._quote(found)
        is_drafted = draft.outcome is DraftOutcome.DRAFTED
        silent = f"{self._policy.model_silent}\n\n" if draft.outcome is DraftOutcome.FAILED else ""
        return EngineReply(
            text=draft.text if is_drafted else f"{silent}{quoted.text}",
            author=Author.MODEL if is_drafted else Author.LIBRARY,
            sources=quoted.sources,
            next_step=quoted.next_step,
            referral=quoted.referral,
            fallback=quoted.text if is_drafted else None,
            model=draft.model_id,
            model_outcome=f"{draft.outcome.value}: {draft.error}" if draft.error else draft.outcome.value,
            artefacts=(*self._artefacts, drafter.artefact),
        )

    def _abstain(self, found: Abstention) -> EngineReply:
        links = [f"- [{self.library.get(id_).front.title}](/learn/{id_})" for id_ in found.see_also]
        return EngineReply(
            text="\n".join([found.text, *(["", "You may want to read:", "", *links] if links else [])]),
            author=Author.TEMPLATE,
            choices=found.choices,
            next_step=found.next_step,
            referral=found.referral,
            artefacts=self._artefacts,
            route=Route.ABSTAIN,
            has_no_answer=found.reason in _NOT_HERE,
        )


def build_education(*, drafter: Drafter | None = None, folder: Path = ARTICLES) -> EducationEngine:
    """Load the library in ``folder`` and the packaged rules, and index them. Takes a fraction of a second.

    Raises:
        ContentError: An article or a rule file is malformed, or a rule points to an article that does not exist.
    """
    library, policy = load_library(folder), load_answering()
    synonyms, everyday, particular = load_synonyms(), load_everyday_words(), load_particular()
    asked = load_asked()
    _check_see_also(policy, library)
    return EducationEngine(
        library=library,
        retriever=FullTextRetriever(
            library.passages,
            synonyms=synonyms,
            everyday=everyday.value,
            particular=particular.value,
            asked=asked.value,
        ),
        policy=policy,
        drafter=drafter,
        artefacts=(
            ("education-library", library.sha256),
            ("synonyms", synonyms.sha256),
            ("everyday-words", everyday.sha256),
            ("particular", particular.sha256),
            ("asked", asked.sha256),
        ),
    )


def _check_see_also(policy: Loaded[AnsweringPolicy], library: Library) -> None:
    named = {article for rule in policy.value.declined for article in rule.see_also}
    if missing := sorted(named - library.by_id.keys()):
        raise ContentError(f"{policy.path.name} must point to articles that exist, got {missing!r}; correct see_also.")


async def _pieces(stream: DraftStream) -> AsyncGenerator[str]:
    """Yield the draft's sentences with their marks, as ``Draft.text`` joins them."""
    async with aclosing(stream.sentences()) as sentences:
        async for sentence in sentences:
            yield f"{sentence.marked} "


def _quoted(passage: Passage) -> str:
    return f"**{passage.heading}**\n\n{passage.text}"


def _source(passage: Passage) -> Source:
    return Source(citation=passage.citation, title=passage.title, path=passage.path, published=passage.published)
