"""Grounding: answers rest on passages that exist, word for word; what the library does not hold is not answered."""

import re
from dataclasses import dataclass, replace

from holdfast.care.conversation.pipeline import TurnOutcome
from holdfast.care.conversation.reply import Author, Reply, Route
from holdfast.care.conversation.state import Audience, ConversationState
from holdfast.care.education.library import Library, load_library
from holdfast.proof.suites.served import Served
from holdfast.proof.suites.suite import Case, Metric, Observations, Suite, SuiteFile, load_suite
from holdfast.proof.suites.transcript import AGREED, Transcript, converse

__all__ = ["GroundingCase", "GroundingScorer", "GroundingSolver", "grounding_suite"]

METRICS = (
    Metric(id="grounding.answered", title="Question that the library can answer is answered"),
    Metric(id="grounding.on_topic", title="… from an article on its subject"),
    Metric(id="grounding.cited", title="Answer rests word for word on passages that exist"),
    Metric(id="grounding.abstained", title="Question that it cannot answer is left open"),
)

_MARK = re.compile(r"\[([a-z0-9-]+#[a-z0-9-]+)\]")
_OPEN = frozenset({Route.ABSTAIN, Route.OUT_OF_SCOPE, Route.IDENTITY, Route.SUPPORT})


class GroundingCase(Case):
    """A question. ``articles`` are those fit to answer it, any of them; empty where none is."""

    question: str
    audience: Audience = Audience.PUBLIC
    articles: tuple[str, ...] = ()


class GroundingSolver:
    """Asks the question and nothing else."""

    async def solve(self, case: GroundingCase, served: Served) -> Transcript:
        """Return the one turn."""
        state = ConversationState(consents=AGREED, audience=case.audience)
        return await converse(served.conversation, (case.question,), state)


@dataclass(frozen=True)
class GroundingScorer:
    """Compares what was shown with the library itself, not with what the reply says of itself."""

    library: Library

    def metrics_of(self, case: GroundingCase) -> tuple[str, ...]:
        """Return the metrics of an answerable question, or that of one which is not."""
        if not case.articles:
            return ("grounding.abstained",)
        return ("grounding.answered", "grounding.on_topic", "grounding.cited")

    def score(self, case: GroundingCase, transcript: Transcript) -> Observations:
        """Return what held. An answerable question that goes unanswered is neither on topic nor cited."""
        reply = transcript.last.reply
        if not case.articles:
            return {"grounding.abstained": _is_left_open(reply)}
        is_answered = reply.route is Route.EDUCATION and bool(reply.sources)
        articles = {source.citation.partition("#")[0] for source in reply.sources}
        return {
            "grounding.answered": is_answered,
            "grounding.on_topic": is_answered and not articles.isdisjoint(case.articles),
            "grounding.cited": is_answered and self._is_cited(self._after_fixed_words(transcript.last)),
        }

    def _after_fixed_words(self, outcome: TurnOutcome) -> Reply:
        """Return the reply from its first passage on, where the trace names fixed words that came before it."""
        reply = outcome.reply
        if (
            not outcome.trace.templates
            or not reply.sources
            or reply.sources[0].citation not in self.library.by_citation
        ):
            return reply
        at = reply.text.find(f"**{self.library.by_citation[reply.sources[0].citation].heading}**")
        return reply if at < 0 else replace(reply, text=reply.text[at:])

    def _is_cited(self, reply: Reply) -> bool:
        if not all(source.citation in self.library.by_citation for source in reply.sources):
            return False
        return self._is_drafted_from(reply) if reply.author is Author.MODEL else self._is_quoted(reply)

    def _is_quoted(self, reply: Reply) -> bool:
        """Whether the text is the cited passages word for word and, headings aside, nothing else."""
        rest = reply.text
        for source in reply.sources:
            passage = self.library.by_citation[source.citation]
            if passage.text not in rest:
                return False
            rest = rest.replace(passage.text, "", 1).replace(passage.heading, "", 1)
        return not re.search(r"\w", rest)

    def _is_drafted_from(self, reply: Reply) -> bool:
        """Whether every sentence of a draft closes with marks of passages that the reply lists and that exist."""
        listed = {source.citation for source in reply.sources}
        marks = _MARK.findall(reply.text)
        ends_in_mark = bool(re.search(r"\[[a-z0-9-]+#[a-z0-9-]+\]\s*$", reply.text))
        return bool(marks) and set(marks) <= listed and ends_in_mark


def _is_left_open(reply: Reply) -> bool:
    """Whether the reply is a fixed text that rests on nothing, and so answers nothing."""
    return reply.route in _OPEN and reply.author is Author.TEMPLATE and not reply.sources


def grounding_suite() -> Suite[GroundingCase]:
    """Load the suite and the library that its answers are compared with.

    Raises:
        ContentError: A file is malformed.
    """
    return load_suite(
        "grounding",
        SuiteFile[GroundingCase],
        metrics=METRICS,
        solver=GroundingSolver(),
        scorer=GroundingScorer(load_library()),
    )
