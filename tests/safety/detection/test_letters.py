"""Claims about folding letters and knowing where each came from."""

from hypothesis import given
from hypothesis import strategies as st

from holdfast.safety.detection.letters import LetterMemo, folded

BECOMES = {"é": "e", "ß": "ss", "\u0301": "", "½": "1/2"}


def becomes(letter: str) -> str:
    return BECOMES.get(letter, letter.lower())


@given(st.text(st.sampled_from("aB1 é\u0301ß½я"), max_size=40))
def test_a_text_is_folded_letter_by_letter_and_says_where_each_came_from(text: str) -> None:
    plain, places = folded(text, LetterMemo(becomes))
    pieces = [becomes(letter) for letter in text]
    assert plain == "".join(pieces)
    assert list(places) == [place for place, piece in enumerate(pieces) for _ in piece]


def test_letters_lost_and_gained_do_not_cancel_out() -> None:
    assert folded("ß\u0301e", LetterMemo(becomes)) == ("sse", [0, 0, 2])


def test_each_letter_is_worked_out_once_until_the_memo_is_full() -> None:
    asked: list[str] = []

    def asking(letter: str) -> str:
        asked.append(letter)
        return letter

    memo = LetterMemo(asking, most=2)
    assert [memo[letter] for letter in "яюэяюэ"] == list("яюэяюэ")
    assert asked == ["я", "ю", "э", "э"]
    assert len(memo) == 2
