"""Claims about pieces and parts: nothing said is passed over, a huge text is bounded, only the person is read."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from holdfast.safety.detection.window import WINDOW_CHARACTERS, WINDOW_TURNS
from holdfast.safety.learned.parts import TOGETHER, parts_of
from holdfast.safety.learned.pieces import MOST_STRETCHES, Piece, pieces, stretches
from holdfast.turn import Role, Turn

PIECES_AT_MOST = 160

WORDS = st.sampled_from(["ab", "cd.", "ef!", "gh?", "नमस्ते।", "好。", "؟", ";", "\n", "\r\n", "ij", "...", "kl"])


def person(*texts: str) -> list[Turn]:
    return [Turn(Role.PERSON, text) for text in texts]


@given(st.lists(WORDS, max_size=220).map(" ".join))
def test_pieces_cover_every_word_unless_there_are_too_many_and_lie_within_the_text(text: str) -> None:
    found = pieces(text)
    assert len(found) <= PIECES_AT_MOST
    assert all(0 <= piece.start <= piece.end <= len(text) for piece in found)
    if len(found) < PIECES_AT_MOST:
        covered = {place for piece in found for place in range(piece.start, piece.end)}
        said = {place for match in re.finditer(r"\w+", text) for place in range(*match.span())}
        assert said <= covered


def test_a_short_text_is_read_whole_by_sentence_and_by_two_sentences() -> None:
    text = "One thing. Two things! Three?"
    found = [text[piece.start : piece.end] for piece in pieces(text)]
    assert found == [text, "One thing.", "Two things!", "Three?", "One thing. Two things!", "Two things! Three?"]


def test_a_long_run_without_stops_is_cut_into_overlapping_stretches_of_forty_words() -> None:
    text = " ".join(f"w{n}" for n in range(100))
    found = [text[piece.start : piece.end].split() for piece in pieces(text)]
    single = [words for words in found if len(words) <= 40]
    assert [words[0] for words in single] == ["w0", "w28", "w56", "w84"]
    assert single[-1][-1] == "w99"
    assert all(set(a) & set(b) for a, b in pairwise(single))


def test_a_message_of_a_million_characters_gives_its_first_and_last_pieces() -> None:
    text = "Something was said here. " * 40_000
    found = pieces(text)
    assert len(found) == PIECES_AT_MOST
    assert found[0].start == 0
    assert found[-1].end == len(text.rstrip())
    assert len(pieces("a" * 1_000_000)) == 1


@given(st.lists(WORDS, max_size=12), st.sampled_from(["", " ", "\t ", "\u3000", "\x1f\x0b"]))
def test_a_sentence_goes_from_its_first_word_to_the_end_of_its_last(words: list[str], blank: str) -> None:
    text = blank + f" {blank}".join(words) + blank
    single = [piece for piece in pieces(text) if piece != Piece(0, len(text))]
    said = [[match.span() for match in re.finditer(r"\S+", text[one.start : one.end])] for one in single]
    assert all(spans and spans[0][0] == 0 for spans in said)
    assert all(spans[-1][1] == one.end - one.start for spans, one in zip(said, single, strict=True))


def test_a_text_without_words_is_one_piece() -> None:
    for text in ("", "...", " \n "):
        assert pieces(text) == [Piece(0, len(text))]


def spans(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\S+", text)]


@given(st.lists(WORDS, max_size=400).map(" ".join))
def test_stretches_cover_every_word_of_a_text_that_is_not_huge(text: str) -> None:
    found = stretches(text, spans(text), whole=60, step=40)
    assert all(0 <= piece.start <= piece.end <= len(text) for piece in found)
    covered = {place for piece in found for place in range(piece.start, piece.end)}
    assert {place for match in re.finditer(r"\S+", text) for place in range(*match.span())} <= covered


def test_a_message_is_one_stretch_and_a_long_one_several_that_overlap() -> None:
    short, long, huge = (" ".join(f"w{n}." for n in range(count)) for count in (60, 130, 40_000))
    assert stretches(short, spans(short), whole=60, step=40) == [Piece(0, len(short))]
    found = stretches(long, spans(long), whole=60, step=40)
    assert [long[piece.start : piece.end].split()[0] for piece in found] == ["w0.", "w40.", "w80."]
    assert len(stretches(huge, spans(huge), whole=60, step=40)) == MOST_STRETCHES


def test_only_what_the_person_says_is_read() -> None:
    turns = [Turn(Role.PERSON, "mine"), Turn(Role.ASSISTANT, "theirs"), Turn(Role.PERSON, "also mine")]
    parts = list(parts_of(turns, pieces))
    assert [part.text for part in parts] == ["mine", "also mine", "mine\nalso mine"]
    assert [part.turn for part in parts] == [0, 2, 2]
    assert list(parts_of([Turn(Role.ASSISTANT, "theirs")], pieces)) == []
    assert list(parts_of([], pieces)) == []


@given(st.lists(st.text(alphabet="ab .!\n", max_size=30), min_size=1, max_size=20))
def test_every_part_stands_where_it_says(texts: list[str]) -> None:
    turns = person(*texts)
    for part in parts_of(turns, pieces):
        if part.is_together:
            assert (part.turn, part.piece) == (len(turns) - 1, Piece(0, len(texts[-1])))
            assert part.text == "\n".join(texts[-TOGETHER:])
        else:
            assert texts[part.turn][part.piece.start : part.piece.end] == part.text


def test_the_window_reaches_back_so_many_turns_and_so_many_characters_but_the_last_turn_is_always_read() -> None:
    many = person(*(f"said {n}" for n in range(WINDOW_TURNS + 8)))
    assert {part.turn for part in parts_of(many, pieces)} == set(range(8, WINDOW_TURNS + 8))
    long = person("early", "x" * WINDOW_CHARACTERS, "late " * WINDOW_CHARACTERS)
    assert {part.turn for part in parts_of(long, pieces)} == {1, 2}
    assert {part.turn for part in parts_of(person("early", "x" * (WINDOW_CHARACTERS + 1), "late"), pieces)} == {2}
