"""Claims about near-duplicates: none crosses from what is trained on to what is measured on."""

import pytest

from holdfast.safety.utterances import Split, UtteranceSet
from near_duplicates import jaccard, near_pairs, shingles

ALIKE = 0.7


def texts(utterances: UtteranceSet, *splits: Split) -> dict[str, str]:
    return {one.id: one.text for one in utterances.of(*splits)}


@pytest.mark.parametrize(
    ("measured_on", "seen"),
    [((Split.DEV, Split.TEST), (Split.TRAIN,)), ((Split.TEST,), (Split.DEV,))],
    ids=["train", "dev"],
)
def test_nothing_measured_on_is_nearly_the_same_as_something_seen_before(
    utterances: UtteranceSet, measured_on: tuple[Split, ...], seen: tuple[Split, ...]
) -> None:
    pairs = near_pairs(texts(utterances, *measured_on), texts(utterances, *seen), at_least=ALIKE)
    assert [f"{alike:.2f} {one} ~ {other}" for alike, one, other in sorted(pairs, reverse=True)] == []


def test_the_search_finds_what_comparing_every_pair_finds(utterances: UtteranceSet) -> None:
    some = dict(list(texts(utterances, Split.TRAIN).items())[::9])
    others = dict(list(texts(utterances, Split.TEST).items())[::5])
    for at_least in (0.1, 0.2):
        cut = {name: shingles(text) for name, text in (some | others).items()}
        plainly = {(a, b) for a in some for b in others if jaccard(cut[a], cut[b]) >= at_least}
        assert plainly, "nothing to find proves nothing"
        assert {(a, b) for _, a, b in near_pairs(some, others, at_least=at_least)} == plainly


def test_case_accents_punctuation_and_blanks_make_no_difference_and_pictures_do() -> None:
    assert shingles("  Ça va — BIEN!! ") == shingles("ca va bien")
    assert shingles("ok 😀") != shingles("ok")
    assert shingles("ok 👍🏽") == shingles("ok 👍")
    assert jaccard(shingles(""), shingles("")) == 1.0
    assert jaccard(frozenset(), frozenset()) == 0.0
