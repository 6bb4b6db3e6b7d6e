"""Answer a question with the library's own words, or say that it does not and to whom to turn."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from holdfast.care.conversation.reply import Choice
from holdfast.care.conversation.state import Audience
from holdfast.care.education.article import Passage
from holdfast.care.education.policy import AnsweringPolicy, Declined
from holdfast.care.education.retrieval import Hit, Retriever

__all__ = ["Abstention", "Answer", "answer", "evidence"]

_CANDIDATES = 10


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The best passages, word for word, nearest first. ``evidence``, 0 to 1, is the first one's; higher is more."""

    passages: tuple[Passage, ...]
    evidence: float

    @property
    def citations(self) -> tuple[str, ...]:
        """The passages' ids."""
        return tuple(passage.citation for passage in self.passages)

    @property
    def next_step(self) -> str:
        """A small thing to do next, from the first passage's article."""
        return self.passages[0].front.next_step

    @property
    def referral(self) -> str:
        """When and to whom to turn for help, from the first passage's article."""
        return self.passages[0].front.referral


@dataclass(frozen=True, kw_only=True)
class Abstention:
    """Why nothing is quoted, and what is said instead.

    ``reason`` is the id of the rule that declined the question, or ``nothing_fits``. ``see_also`` are ids of articles
    worth reading, which do not answer the question.
    """

    reason: str
    text: str
    next_step: str
    referral: str
    see_also: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = field(default=())


def answer(question: str, retriever: Retriever, *, audience: Audience, policy: AnsweringPolicy) -> Answer | Abstention:
    """Answer ``question`` with one to three passages, or abstain.

    A question that a rule of ``policy`` declines (a dose, a medicine decision, a diagnosis, another subject) is never
    answered, whatever was found. Otherwise the best passage's evidence must reach the policy's threshold.
    """
    hits = retriever.search(question, audience=audience, limit=_CANDIDATES)
    if rule := policy.declines(question):
        return _decline(rule, _strong(hits, policy) if rule.offers_article else ())
    if strong := _strong(hits, policy):
        return Answer(passages=tuple(hit.passage for hit in strong), evidence=evidence(strong[0]))
    words = policy.nothing_fits
    return Abstention(
        reason="nothing_fits",
        text=words.text,
        next_step=words.next_step,
        referral=words.referral,
        choices=tuple(offer.choice for offer in words.choices),
    )


def evidence(hit: Hit) -> float:
    """Return how well ``hit`` is borne out by the question's own words, 0 to 1; higher is more."""
    return hit.coverage


def _strong(hits: Sequence[Hit], policy: AnsweringPolicy) -> Sequence[Hit]:
    """Return the hits to show: none unless the best one is evidence enough."""
    if not hits or evidence(hits[0]) < policy.threshold:
        return ()
    least = hits[0].score * policy.least_share_of_best
    near = [hit for hit in hits if hit.score >= least and evidence(hit) >= policy.threshold]
    return near[: policy.most_passages]


def _decline(rule: Declined, found: Sequence[Hit]) -> Abstention:
    articles = dict.fromkeys((*rule.see_also, *(hit.passage.article for hit in found[:1])))
    return Abstention(
        reason=rule.id,
        text=rule.text,
        next_step=rule.next_step,
        referral=rule.referral,
        see_also=tuple(articles),
        choices=tuple(offer.choice for offer in rule.choices),
    )
