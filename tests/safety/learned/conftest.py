"""The installed model and the labelled utterances, read once; a small made-up set to train on in a second."""

import random

import pytest

from holdfast.safety.detection.verdict import Category, Level, Subject, Tense
from holdfast.safety.learned import LearnedDetector, LearnedModel, load_model
from holdfast.safety.utterances.collection import UtteranceSet
from holdfast.safety.utterances.utterance import Form, Language, Split, Utterance
from holdfast.turn import Role, Turn

GRAVE = ("zorma", "blikta", "tarnok", "ubrelo")
OTHER = ("kwesto", "yilmar", "drenfu", "pholga")
CALM = ("lumora", "senvik", "fadillo", "mirrant")
FILLER = (
    "the",
    "a",
    "my",
    "house",
    "garden",
    "with",
    "today",
    "often",
    "some",
    "of",
    "then",
    "again",
    "went",
    "saw",
    "heard",
    "over",
    "under",
    "nobody",
    "really",
    "maybe",
)


def lines(seed: int, *, families: int, each: int) -> list[Utterance]:
    """Return made-up utterances: a word of ``GRAVE`` or ``OTHER`` makes a line a danger, one of ``CALM`` does not."""
    draw = random.Random(seed)
    kinds = (
        (GRAVE, Level.CRISIS, (Category.SUICIDE,), Subject.SELF),
        (OTHER, Level.CONCERN, (Category.HARM_TO_OTHERS,), Subject.OTHER),
        (CALM, Level.NONE, (), Subject.UNKNOWN),
        (CALM, Level.NONE, (), Subject.UNKNOWN),
    )
    found = []
    for family in range(families):
        words, level, categories, subject = kinds[family % len(kinds)]
        for number in range(each):
            said = [*draw.choices(FILLER, k=draw.randrange(3, 9)), *draw.sample(words, 2)]
            draw.shuffle(said)
            found.append(
                Utterance(
                    id=f"{seed}-{family}-{number}",
                    family=f"{seed}-{family}",
                    split=Split.TRAIN,
                    turns=(Turn(Role.PERSON, " ".join(said)),),
                    level=level,
                    categories=categories,
                    form=Form.PLAIN,
                    subject=subject,
                    tense=Tense.PRESENT,
                    language=Language.ENGLISH if number % 2 else Language.GERMAN,
                )
            )
    return found


@pytest.fixture(scope="session")
def small_set() -> UtteranceSet:
    return UtteranceSet(utterances=tuple(lines(1, families=24, each=10)), sha256="made in the test")


@pytest.fixture(scope="session")
def held_out() -> tuple[Utterance, ...]:
    return tuple(lines(2, families=12, each=10))


@pytest.fixture(scope="session")
def utterances(labelled_set: UtteranceSet) -> UtteranceSet:
    return labelled_set


@pytest.fixture(scope="session")
def installed() -> LearnedModel:
    return load_model()


@pytest.fixture(scope="session")
def detector(installed: LearnedModel) -> LearnedDetector:
    return LearnedDetector(installed)
