"""What passages support is kept and what they do not is dropped, on sentences labelled by hand.

Measured with overlap 0.8, chosen on split dev: dev keeps 29 of 30 supported and passes 2 of 40 unsupported
sentences, test keeps 30 of 30 and passes 1 of 41. Those that pass swap who is what with every word in place.
"""

from collections import Counter
from pathlib import Path
from typing import Literal

import pytest
from pydantic import RootModel

from holdfast.content import ContentModel, load_yaml
from holdfast.language.prompt import SupportPolicy, load_draft_prompt
from holdfast.language.support import judge_support, split_sentences


class Unsupported(ContentModel):
    kind: Literal["number", "name", "negation", "decisive", "invented", "swapped"]
    text: str


class Labelled(ContentModel):
    split: Literal["dev", "test"]
    passage: str
    supported: tuple[str, ...]
    unsupported: tuple[Unsupported, ...]


class LabelledFile(RootModel[tuple[Labelled, ...]]):
    pass


LABELLED = load_yaml(Path(__file__).parent / "support.yaml", LabelledFile).value.root
POLICY = load_draft_prompt().value.support
PASSAGE = (
    "Antidepressants take time. It can take four to eight weeks before the full effect is clear. Do not stop one "
    "suddenly. The World Health Organization says that 5% of adults live with depression."
)


def judged(sentence: str, policy: SupportPolicy = POLICY) -> tuple[str, ...]:
    return judge_support(sentence, [PASSAGE], policy).problems


def test_the_set_is_large_enough_and_has_every_kind() -> None:
    kinds = Counter(s.kind for item in LABELLED for s in item.unsupported)
    assert sum(len(item.supported) for item in LABELLED) >= 60
    assert sum(kinds.values()) >= 60
    assert min(kinds.values()) >= 7


@pytest.mark.parametrize(("split", "floor"), [("dev", 0.93), ("test", 0.93)])
def test_supported_sentences_are_kept(split: str, floor: float) -> None:
    kept = [
        judge_support(s, [item.passage], POLICY).is_supported
        for item in LABELLED
        if item.split == split
        for s in item.supported
    ]
    assert sum(kept) / len(kept) >= floor


@pytest.mark.parametrize(("split", "ceiling"), [("dev", 0.05), ("test", 0.05)])
def test_unsupported_sentences_are_dropped(split: str, ceiling: float) -> None:
    passed = [
        judge_support(s.text, [item.passage], POLICY).is_supported
        for item in LABELLED
        if item.split == split
        for s in item.unsupported
    ]
    assert sum(passed) / len(passed) <= ceiling


@pytest.mark.parametrize("kind", ["number", "name", "negation", "decisive", "invented"])
def test_no_unsupported_sentence_passes_but_by_swapping_roles(kind: str) -> None:
    passed = [
        s.text
        for item in LABELLED
        for s in item.unsupported
        if s.kind == kind and judge_support(s.text, [item.passage], POLICY).is_supported
    ]
    assert not passed


@pytest.mark.parametrize(
    ("sentence", "problems"),
    [
        ("It can take four to eight weeks before the full effect is clear.", ()),
        ("It can take 4 to 8 weeks before the full effect is clear.", ()),
        ("It can take nine weeks before the full effect is clear.", ("number",)),
        ("5 percent of adults live with depression.", ()),
        ("50% of adults live with depression.", ("number",)),
        ("The World Health Organization says that adults live with depression.", ()),
        ("The Oslo Institute says that adults live with depression.", ("name",)),
        ("Stop one suddenly.", ("negation",)),
        ("Antidepressants do not take time.", ("negation",)),
        ("All adults live with depression.", ("decisive word",)),
        ("The full effect is clear before eight weeks.", ("order",)),
    ],
)
def test_each_problem_is_named(sentence: str, problems: tuple[str, ...]) -> None:
    assert judged(sentence) == problems


@pytest.mark.parametrize("sentence", ["", "Yes.", "It is what it is.", "...", "😀"])
def test_a_sentence_without_subject_is_not_supported(sentence: str) -> None:
    assert not judge_support(sentence, [PASSAGE], POLICY).is_supported


def test_without_passages_nothing_is_supported() -> None:
    assert not judge_support("Antidepressants take time.", [], POLICY).is_supported


def test_every_sentence_of_a_passage_is_supported_by_it() -> None:
    """A round trip: a quotation of a sentence that says something is never dropped."""
    dropped = [
        (sentence, judge_support(sentence, [item.passage], POLICY).problems)
        for item in LABELLED
        for sentence in split_sentences(item.passage)
        if not judge_support(sentence, [item.passage], POLICY).is_supported
    ]
    assert not dropped


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("A line\n\nanother\nline:\n- first\n* second", ["A line", "another line:", "- first", "* second"]),
        ('He said "stop." Then left.', ['He said "stop."', "Then left."]),
        ("", []),
    ],
)
def test_text_is_split_into_sentences(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences
