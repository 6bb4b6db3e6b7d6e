"""Words of other Englishes are heard as what they stand for, and only where that English is spoken."""

import pytest

from holdfast.safety.detection.dialects import Dialect, Dialects
from holdfast.safety.detection.rulebook import load_rulebook
from holdfast.safety.detection.word import Word

DIALECTS = Dialects(
    (
        Dialect(
            id="north", always={"dinnae": "do not", "no fit": "can not"}, words={"ma": "my", "ma heid": "my own head"}
        ),
        Dialect(id="south", markers=("for sure lah",), words={"ma": "mother"}),
    )
)


def words(text: str) -> list[Word]:
    found, start = [], 0
    for token in text.split():
        found.append(Word(token, start, start + len(token)))
        start += len(token) + 1
    return found


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("i dinnae ken", "i do not ken"),
        ("ma life", "ma life"),
        ("ma life i dinnae", "my life i do not"),
        ("ma heid i dinnae", "my own head i do not"),
        ("i no fit go ma", "i can not go my"),
        ("i no sabi fit", "i no sabi fit"),
        ("ma for sure lah", "mother for sure lah"),
        ("ma for sure", "ma for sure"),
        ("", ""),
    ],
)
def test_words_stand_for_others_only_where_a_marker_shows_the_dialect(said: str, meant: str) -> None:
    assert " ".join(word.text for word in DIALECTS.standard(words(said))) == meant


def test_every_word_keeps_the_place_of_the_phrase_it_came_from() -> None:
    assert DIALECTS.standard(words("i no fit go")) == [
        Word("i", 0, 1), Word("can", 2, 8), Word("not", 2, 8), Word("go", 9, 11),
    ]  # fmt: skip


def test_a_plain_message_is_left_as_it_is() -> None:
    said = words("my own life is mine")
    assert DIALECTS.standard(said) == said


def test_the_normaliser_applies_the_dialects_of_the_package() -> None:
    found = load_rulebook().normaliser.words("I cannae dae this")
    assert [word.text for word in found][:3] == ["i", "can", "not"]
