"""An article about a group or condition answers first only where the question, or who asks, mentions it."""

from pathlib import Path

import pytest

from holdfast.care.conversation.state import Audience
from holdfast.care.education.library import Library
from holdfast.care.education.particular import PARTICULAR, Particular, load_particular
from holdfast.care.education.retrieval import FullTextRetriever
from holdfast.errors import ContentError
from holdfast.language.stem import stem
from holdfast.language.words import words


@pytest.fixture(scope="module")
def particular() -> Particular:
    return load_particular().value


def lowered(particular: Particular, question: str, audience: Audience = Audience.PUBLIC) -> frozenset[str]:
    return particular.unmentioned([stem(word) for word in words(question)], (), audience=audience)


def first_topic(retriever: FullTextRetriever, question: str, audience: Audience = Audience.PUBLIC) -> str:
    return retriever.search(question, audience=audience, limit=1)[0].passage.front.topic


@pytest.mark.parametrize(
    "question",
    [
        "why do i feel so anxious at night",
        "why do i feel anxious when i wake up",
        "what is depression actually",
        "why do i feel so low",
        "why do i feel numb",
        "how do i stop worrying",
        "i have no energy for anything",
        "why do i feel like this",
    ],
)
def test_a_plain_question_about_oneself_is_not_led_by_an_article_about_a_group_nobody_mentioned(
    retriever: FullTextRetriever, particular: Particular, question: str
) -> None:
    about_groups = {topic for group in particular.groups for topic in group.topics}
    assert first_topic(retriever, question) not in about_groups


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("does adhd make you anxious", "autism-and-adhd"),
        ("what is autistic burnout", "autism-and-adhd"),
        ("im 15 and my moods are all over the place is that normal", "adolescents"),
        ("how does depression look in an older person", "older-adults"),
        ("depression after having a baby", "perinatal"),
        ("what does depression look like in bipoler disorder", "bipolar"),
        ("why do i hear voices", "psychosis"),
        ("what should I say to my wife with depression", "caring-for-someone"),
        ("does drinking make you more depressed", "substance-use"),
    ],
)
def test_a_group_mentioned_by_its_words_its_synonyms_or_a_misspelling_leads(
    retriever: FullTextRetriever, question: str, topic: str
) -> None:
    assert first_topic(retriever, question) == topic


def test_a_phrase_counts_only_whole_and_between_words(particular: Particular) -> None:
    assert "older-adults" not in lowered(particular, "is low mood usual in later life?")
    assert "older-adults" in lowered(particular, "will my life be better later")


def test_what_the_words_stand_for_counts_as_a_mention(particular: Particular) -> None:
    assert "psychosis" in particular.unmentioned(["skitzo"], (), audience=Audience.PUBLIC)
    assert "psychosis" not in particular.unmentioned(["skitzo"], {stem("psychosis")}, audience=Audience.PUBLIC)


def test_for_some_audiences_a_group_goes_without_saying(particular: Particular) -> None:
    question = "what can I do about low mood"
    assert {"caring-for-someone", "helper-skills"} <= lowered(particular, question)
    assert "caring-for-someone" not in lowered(particular, question, Audience.CAREGIVER)
    assert "helper-skills" not in lowered(particular, question, Audience.HELPER)


def test_the_weight_only_moves_passages_down_and_leaves_evidence_as_it_was(
    library: Library, particular: Particular
) -> None:
    question = "why do i feel so anxious at night"

    def found(weight: float) -> dict[str, tuple[float, float]]:
        retriever = FullTextRetriever(library.passages, particular=particular.model_copy(update={"weight": weight}))
        hits = retriever.search(question, audience=Audience.PUBLIC, limit=100)
        return {hit.passage.citation: (hit.score, hit.coverage) for hit in hits}

    whole, half = found(1.0), found(0.5)
    groups = lowered(particular, question)
    assert whole.keys() == half.keys()
    for citation, (score, coverage) in whole.items():
        is_lowered = library.passage(citation).front.topic in groups
        assert half[citation][0] == pytest.approx(score * (0.5 if is_lowered else 1.0))
        assert half[citation][1] == coverage


def test_every_topic_named_exists_in_the_library_and_is_named_once(particular: Particular, library: Library) -> None:
    topics = [topic for group in particular.groups for topic in group.topics]
    assert len(set(topics)) == len(topics)
    assert set(topics) <= set(library.topics)


def test_a_weight_that_would_raise_or_hide_passages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "particular.yaml"
    path.write_text(PARTICULAR.read_text(encoding="utf-8").replace("weight: 0.3", "weight: 0"), encoding="utf-8")
    with pytest.raises(ContentError, match=r"particular\.yaml .*weight: Input should be greater than 0"):
        load_particular(path)
