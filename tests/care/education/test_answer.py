"""The library answers with its own words where it has them, and otherwise says so and refers."""

from collections.abc import Sequence

import pytest

from holdfast.care.conversation.state import Audience
from holdfast.care.education.answer import Abstention, Answer, answer, evidence
from holdfast.care.education.library import Library
from holdfast.care.education.policy import AnsweringPolicy
from holdfast.care.education.retrieval import FullTextRetriever, Hit


class PreparedRetriever:
    """Finds what it was given, whatever is asked."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self.hits = tuple(hits)

    def search(self, query: str, *, audience: Audience, limit: int) -> tuple[Hit, ...]:
        del query, audience
        return self.hits[:limit]


def prepared(library: Library, *scored: tuple[float, float]) -> PreparedRetriever:
    """A retriever that finds the library's first passages with these scores and coverages."""
    pairs = zip(library.passages, scored, strict=False)
    return PreparedRetriever([Hit(passage=p, score=score, coverage=coverage) for p, (score, coverage) in pairs])


def ask(
    question: str, retriever: PreparedRetriever | FullTextRetriever, policy: AnsweringPolicy
) -> Answer | Abstention:
    return answer(question, retriever, audience=Audience.PUBLIC, policy=policy)


def test_an_answer_is_passages_word_for_word_with_their_ids_a_next_step_and_a_referral(
    library: Library, retriever: FullTextRetriever, policy: AnsweringPolicy
) -> None:
    found = ask("What is a panic attack?", retriever, policy)
    assert isinstance(found, Answer)
    assert 1 <= len(found.passages) <= 3
    assert all(library.passage(c).text == p.text for c, p in zip(found.citations, found.passages, strict=True))
    front = library.get(found.passages[0].article).front
    assert (found.next_step, found.referral) == (front.next_step, front.referral)
    assert policy.threshold <= found.evidence <= 1


@pytest.mark.parametrize(
    "question",
    ["how do I change a bicycle tyre", "what is the boiling point of mercury", "", "zzz qqq", "😀", "מה שלומך"],
)
def test_where_nothing_fits_it_says_so_and_refers(
    retriever: FullTextRetriever, policy: AnsweringPolicy, question: str
) -> None:
    found = ask(question, retriever, policy)
    assert isinstance(found, Abstention)
    assert found.reason == "nothing_fits"
    assert found.text == policy.nothing_fits.text
    assert found.referral
    assert found.see_also == ()
    assert question not in found.text or not question


def test_evidence_just_under_the_threshold_is_not_enough_and_at_it_is(
    library: Library, policy: AnsweringPolicy
) -> None:
    under = prepared(library, (9.0, policy.threshold - 0.001))
    at = prepared(library, (9.0, policy.threshold))
    assert isinstance(ask("anything", under, policy), Abstention)
    assert isinstance(ask("anything", at, policy), Answer)


def test_only_passages_near_the_best_and_with_evidence_of_their_own_join_it(
    library: Library, policy: AnsweringPolicy
) -> None:
    share = policy.least_share_of_best
    hits = prepared(library, (10, 0.9), (10 * share, 0.9), (10 * share - 0.1, 0.9), (9.5, 0.1), (9, 0.9), (9, 0.9))
    found = ask("anything", hits, policy)
    assert isinstance(found, Answer)
    first, second = library.passages[0], library.passages[1]
    assert found.passages == (first, second, library.passages[4])
    assert len(found.passages) == policy.most_passages


def test_a_declined_question_is_not_answered_however_strong_the_evidence(
    library: Library, policy: AnsweringPolicy
) -> None:
    found = ask("how many mg of sertraline should I take", prepared(library, (99.0, 1.0)), policy)
    assert isinstance(found, Abstention)
    assert found.reason == "dosing"
    assert "pharmacist" in found.next_step
    assert found.see_also == ("questions-to-ask-about-medicines",)


def test_a_question_for_a_diagnosis_gets_none_but_a_check_in_and_an_article(
    retriever: FullTextRetriever, policy: AnsweringPolicy
) -> None:
    found = ask("do I have depression?", retriever, policy)
    assert isinstance(found, Abstention)
    assert found.reason == "diagnosis"
    assert [choice.value for choice in found.choices] == ["check in"]
    assert found.see_also


def test_without_evidence_no_article_is_offered_with_a_declined_diagnosis(
    library: Library, policy: AnsweringPolicy
) -> None:
    found = ask("do I have depression?", prepared(library, (9.0, 0.01)), policy)
    assert isinstance(found, Abstention)
    assert found.see_also == ()


def test_evidence_is_the_share_of_the_question_that_is_borne_out(library: Library) -> None:
    assert evidence(Hit(passage=library.passages[0], score=3.0, coverage=0.4)) == 0.4
