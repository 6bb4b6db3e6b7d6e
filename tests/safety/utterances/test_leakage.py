"""Claims about near-duplicates: none crosses from what is trained on to what is measured on."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import MultiLabelBinarizer

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
    alike = alike_of_every_pair(some, others)
    for a, b in ((0, 0), (7, 3), (len(some) - 1, len(others) - 1)):
        one, other = shingles(list(some.values())[a]), shingles(list(others.values())[b])
        assert alike[a, b] == jaccard(one, other)
    for at_least in (0.1, 0.2):
        plainly = {(list(some)[a], list(others)[b]) for a, b in np.argwhere(alike >= at_least)}
        assert plainly, "nothing to find proves nothing"
        assert {(a, b) for _, a, b in near_pairs(some, others, at_least=at_least)} == plainly


def alike_of_every_pair(texts: Mapping[str, str], others: Mapping[str, str]) -> Any:
    """Return the shared part of each pair, shape (texts, others), by counting in a table of who holds what."""
    ours, theirs = ([shingles(text) for text in some.values()] for some in (texts, others))
    held = MultiLabelBinarizer(sparse_output=True).fit([*ours, *theirs])
    us, them = held.transform(ours), held.transform(theirs)
    both = (us.astype(np.int64) @ them.astype(np.int64).T).toarray()
    sizes = np.array([len(one) for one in ours])[:, None] + np.array([len(one) for one in theirs])[None, :]
    return both / (sizes - both)


def test_case_accents_punctuation_and_blanks_make_no_difference_and_pictures_do() -> None:
    assert shingles("  Ça va — BIEN!! ") == shingles("ca va bien")
    assert shingles("ok 😀") != shingles("ok")
    assert shingles("ok 👍🏽") == shingles("ok 👍")
    assert jaccard(shingles(""), shingles("")) == 1.0
    assert jaccard(frozenset(), frozenset()) == 0.0
