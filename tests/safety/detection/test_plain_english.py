"""Claims about putting texts in other Englishes plainly."""

import pytest

from holdfast.safety.detection.dialects import Dialect, Dialects
from holdfast.safety.detection.plain_english import PlainEnglish

NORTHERN = Dialect(
    id="northern", always={"masel": "myself", "willnae": "will not"}, words={"ah": "I"}, markers=("och",)
)
PLAIN = PlainEnglish(Dialects([NORTHERN]))


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("Ah made masel a cup of tea, aye.", "I made myself a cup of tea, aye."),
        ("It willnae  stop!\nNever.", "It will not  stop!\nNever."),
        ("Och, ah see", "Och, I see"),
        ("MASEL", "myself"),
    ],
)
def test_words_of_a_dialect_are_put_plainly_and_all_else_stays_as_it_was(said: str, plain: str) -> None:
    assert PLAIN.of(said) == plain


@pytest.mark.parametrize("text", ["", "ah well, that's that", "Don't  worry — it’s fine :)", "我想", "masels 12"])
def test_a_text_in_no_dialect_stays_the_same(text: str) -> None:
    assert PLAIN.of(text) is text
