"""What somebody says of themselves first does not count as what they ask, and hides no answer."""

from pathlib import Path

import pytest

from holdfast.care.conversation.state import Audience
from holdfast.care.education.answer import Abstention, Answer, answer
from holdfast.care.education.asked import load_asked
from holdfast.care.education.evaluation import Figures, load_questions, try_questions
from holdfast.care.education.policy import AnsweringPolicy
from holdfast.care.education.retrieval import FullTextRetriever
from holdfast.errors import ContentError
from holdfast.measured import Scored

QUESTIONS = Path(__file__).parent / "questions.yaml"

INTRODUCTIONS = [
    "I'm Oluwaseun, I drive a night bus and I never went to college.",
    "Hello there! I am a retired baker from Leeds. I live with my brother and two cats.",
    "I work with Ingrid, a Norwegian woman who finished school at fifteen.",
]


def parts(message: str, *, subjects: tuple[str, ...]) -> tuple[str, ...]:
    return load_asked().value.parts(message, names_subject=lambda text: any(word in text for word in subjects))


def test_a_message_of_one_sentence_is_its_own_question() -> None:
    assert parts("what helps against worry", subjects=("worry",)) == ("what helps against worry",)
    assert parts("", subjects=()) == ("",)


def test_a_sentence_that_asks_counts_by_itself_with_the_one_before_and_within_the_whole() -> None:
    message = "I am Ana. I sell fish. What helps against worry?"
    assert parts(message, subjects=("worry",)) == (
        "What helps against worry?",
        "I sell fish. What helps against worry?",
        message,
    )


def test_a_question_without_a_subject_or_that_points_back_is_never_read_by_itself() -> None:
    for question in ("What helps?", "Can grief come back with it?"):
        message = f"I am Ana. I feel grief. {question}"
        assert parts(message, subjects=("grief",)) == (f"I feel grief. {question}", message)


def test_where_no_sentence_asks_the_last_one_counts() -> None:
    message = "I am Ana and I sell fish. Panic attacks."
    assert parts(message, subjects=("Panic",)) == ("Panic attacks.", message)


def test_lines_are_sentences_too_and_however_many_ask_the_parts_are_few() -> None:
    assert parts("I sell fish\nwhat helps with grief", subjects=("grief",))[0] == "what helps with grief"
    assert len(parts("".join(f"Is grief {n}? " for n in range(500)), subjects=("grief",))) == 7


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
@pytest.mark.parametrize(
    "question",
    [
        "What is a panic attack?",
        "What helps against loneliness?",
        "tell me about grief",
        "Does it help to talk about grief?",
    ],
)
def test_an_introduction_in_the_same_message_changes_nothing_of_the_answer(
    retriever: FullTextRetriever, policy: AnsweringPolicy, introduction: str, question: str
) -> None:
    alone = answer(question, retriever, audience=Audience.PUBLIC, policy=policy)
    introduced = answer(f"{introduction} {question}", retriever, audience=Audience.PUBLIC, policy=policy)
    assert isinstance(alone, Answer)
    assert introduced == alone


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("How do I change a bicycle tyre?", "nothing_fits"),
        ("What does it cost to fly to Oslo?", "nothing_fits"),
        ("How many mg of sertraline should I take?", "dosing"),
        ("Do I have bipolar disorder?", "diagnosis"),
    ],
)
def test_what_the_library_must_not_answer_stays_declined_behind_an_introduction(
    retriever: FullTextRetriever, policy: AnsweringPolicy, introduction: str, question: str, reason: str
) -> None:
    found = answer(f"{introduction} {question}", retriever, audience=Audience.PUBLIC, policy=policy)
    assert isinstance(found, Abstention)
    assert found.reason == reason


def test_behind_an_introduction_most_is_still_answered_and_no_more_of_what_must_not_be(
    retriever: FullTextRetriever, policy: AnsweringPolicy
) -> None:
    """On split dev. Read as one, hardly any question behind an introduction was answered (1.7%)."""
    dev = [question for question in load_questions(QUESTIONS) if question.split == "dev"]
    for introduction in INTRODUCTIONS:
        said = [one.model_copy(update={"question": f"{introduction} {one.question}"}) for one in dev]
        figures = Figures(try_questions(said, retriever=retriever, policy=policy))
        right, wrong = figures.rightly_answered(policy.threshold), figures.wrongly_answered(policy.threshold)
        assert isinstance(right, Scored)
        assert right.value >= 0.75
        assert isinstance(wrong, Scored)
        assert wrong.value <= 0.05


def test_a_pattern_that_cannot_be_read_is_refused_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "asked.yaml"
    path.write_text("id: x\nversion: 1\nasks: ['(']\nleans: [a]\nstands: [b]\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"asked\.yaml.*a pattern cannot be read"):
        load_asked(path)
