"""Claims about what review skips: each quick look is one that everything dear would have passed, so nothing is lost."""

import random
import re
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.safety.review import language, normalise, numbers, vocabulary
from holdfast.safety.review.learned import NEAREST, ReplyReferences, load_learned_review
from holdfast.safety.review.needs import Held
from holdfast.safety.review.review import RuleReview
from pattern_texts import matched_by
from reply_forms import FORMS
from reply_sets import Case

WORDS = (
    "you", "should", "end", "one", "nine", "double", "hundred", "call", "the", "Crisis", "Line", "helpline", "dot",
    "com", "1", "800", "24/7", "a", "b", "-", ".", ". ", ", ", "!", "\n", "\n\n", "\n- ", "> ", "**", "`", "  ", "\t",
    "[a](/b)",
    "\u00a0", "\u200b", "h3lp", "w.w", "long-term", "well-being", "www.", "a.org", "http://", "https://a-b.org", "é",
)  # fmt: skip
texts = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(WORDS), max_size=30).map("".join),
    st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
)
DISGUISES = [(name, one) for name, all_ in language._DISGUISES.items() for one in all_]


@pytest.mark.parametrize(("name", "disguise"), DISGUISES)
def test_a_disguise_always_shows_its_sign(name: str, disguise: language._Disguise, hostile: list[Case]) -> None:
    forms = [form(case.text) for case in hostile[::9] for form in FORMS.values()]
    made = list(matched_by(disguise.pattern, random.Random(3)))
    assert made, name
    for text in (*made, *(text for text in forms if disguise.pattern.search(text))):
        assert disguise.is_in(text), (name, text)


@settings(deadline=None)
@given(texts)
def test_a_disguise_is_in_a_text_where_its_pattern_is(text: str) -> None:
    for name, disguise in DISGUISES:
        assert disguise.is_in(text) == bool(disguise.pattern.search(text)), name


@settings(deadline=None)
@given(texts)
def test_plain_is_what_all_its_steps_give(text: str) -> None:
    folded = normalise._LINK.sub(r"\1", normalise.fold_letters(normalise._WRAP.sub(" ", text)))
    assert normalise.plain(text) == normalise._SPACES.sub(" ", normalise._MARKS.sub("", folded)).strip()


def test_every_space_but_two_does_not_print() -> None:
    spaces = [chr(code) for code in range(sys.maxunicode + 1) if re.match(r"\s", chr(code))]
    assert len(spaces) > 20
    assert [space for space in spaces if space.isprintable()] == [" "]


@settings(deadline=None)
@given(texts.map(normalise.plain))
def test_views_are_what_all_readings_give(text: str) -> None:
    readings = [text]
    readings.append(normalise._LEET_WORD.sub(lambda match: normalise._unleet(match[0], normalise._LEET), text))
    readings.append(normalise._LEET_WORD.sub(lambda match: normalise._unleet(match[0], normalise._LEET_L), text))
    readings.append(normalise._APART.sub(lambda match: re.sub(r"[^a-z]", "", match[0]), text))
    readings += [normalise._SPLIT.sub("", text), normalise._COMPOUND.sub(" ", text), normalise.run_on(text)]
    assert normalise.views(text) == tuple(dict.fromkeys(readings))


@settings(deadline=None)
@given(texts)
def test_crumbs_are_joined_as_letter_by_letter(text: str) -> None:
    marks = [match.span() for match in normalise._PIECE.finditer(text)]
    ends = [0, *(end for _, end in marks), len(text)]
    sizes = [len(text[start:end].split()) for start, end in pairwise(ends)]
    letters = list(text)
    for at, (start, end) in enumerate(marks if len(marks) > 1 else []):
        if 0 < sizes[at] <= 3 and 0 < sizes[at + 1] <= 3:
            letters[start:end] = [" ", *[""] * (end - start - 1)]
    assert normalise.run_on(text) == "".join(letters)


@settings(deadline=None)
@given(texts)
def test_a_sentence_is_foreign_by_all_its_words(review: RuleReview, text: str) -> None:
    lexicon = review.lexicon
    sentence = normalise.plain(f"{text} el la que nous sommes")
    words = language._WORD.findall(sentence)
    english = sum(word in lexicon.known or word.split("'")[0] in lexicon.known for word in words)
    foreign = sum(word in lexicon.foreign for word in words)
    is_foreign = (foreign >= 2 and foreign > english) or (len(words) > 4 and english / len(words) < 0.15)
    assert language._is_foreign(sentence, lexicon) == is_foreign


@settings(deadline=None)
@given(texts, st.sampled_from([frozenset[str](), frozenset({"988", "18002738255"})]))
def test_a_text_without_two_figures_gives_no_telephone_number(text: str, known: frozenset[str]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(numbers, "_may_hold_number", lambda _: True)
        looked_at = numbers.unknown_numbers(text, known)
    assert numbers.unknown_numbers(text, known) == looked_at


@pytest.mark.parametrize(
    ("dear", "quick"),
    [
        (numbers._ADDRESS, re.compile(f"://|{numbers._DOT.pattern}")),
        (numbers._SPELLED_ADDRESS, re.compile("dot")),
        (numbers._LINE_NAME, numbers._LINE_WORD),
        (numbers._VANITY, numbers._FIGURE),
        (normalise._LINK, re.compile(r"\]\(/")),
        (normalise._WRAP, re.compile(r"\n")),
        (normalise._MARKS, normalise._MARK_SIGN),
        (normalise._LEET_WORD, normalise._LEET_SIGN),
        (normalise._SPLIT, normalise._JOINT),
        (normalise._COMPOUND, normalise._JOINT),
    ],
)
def test_what_is_looked_for_first_is_in_every_match(dear: re.Pattern[str], quick: re.Pattern[str]) -> None:
    made = [text for seed in range(20) for text in matched_by(dear, random.Random(seed))]
    assert made, dear.pattern
    assert [text for text in made if not quick.search(text)] == []


@settings(deadline=None)
@given(texts.map(normalise.plain))
def test_a_sentence_is_strange_by_all_its_words(review: RuleReview, text: str) -> None:
    known = review.vocabulary
    parts = (part for part in text.split() if not vocabulary._ADDRESS.search(part))
    words = [word for part in parts for word in vocabulary._WORD.findall(part)]
    assert known.is_strange(text) == any(vocabulary.stem(word) not in known.stems for word in words)


def test_words_that_are_known_have_a_known_stem(review: RuleReview) -> None:
    assert review.vocabulary.words
    assert {vocabulary.stem(word) for word in review.vocabulary.words} <= review.vocabulary.stems


def test_names_are_left_out_as_one_by_one(review: RuleReview, good: list[str]) -> None:
    for name in review.names:
        text = f"you can call {name} or lifeline, and find lifeline (throughline) as well."
        expected = text
        for one in review.names:
            expected = re.sub(rf"\b{re.escape(one)}(?!\w)", "a helpline", expected) if one in expected else expected
        assert review._nameless(Held.by(text)) == expected


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_where_the_learned_layer_looks_no_further_it_would_have_found_nothing(seed: int, threshold: float) -> None:
    chance = np.random.default_rng(seed)
    points = np.round(chance.normal(size=(30, 3)), 1).astype(np.float32)
    owners = np.concatenate([[0, 1, 2], chance.integers(0, 3, 27)])
    references = ReplyReferences(kinds=("leak", "good", "stigma"), points=points, owners=owners)
    vectors = np.concatenate([points[:5], np.round(chance.normal(size=(20, 3)), 1).astype(np.float32)])
    relative, _ = references.relative_distance(vectors)
    assert not (~references.may_exceed(threshold, vectors) & (relative > threshold)).any()


def test_a_text_just_above_the_threshold_is_looked_at_further() -> None:
    """Three good replies 1.05 away and three harmful ones 1 away: 1.05 / 2.05, a little above 0.51."""
    ways = np.eye(6, dtype=np.float32)
    points = np.concatenate([ways[:3] * np.float32(1.05), ways[3:]])
    references = ReplyReferences(kinds=("good", "leak"), points=points, owners=np.array([0, 0, 0, 1, 1, 1]))
    origin = np.zeros((1, 6), dtype=np.float32)
    assert references.relative_distance(origin)[0] == pytest.approx(1.05 / 2.05)
    assert references.may_exceed(0.51, origin).tolist() == [True]
    assert references.may_exceed(0.52, origin).tolist() == [False]


def test_the_learned_layer_looks_further_at_few_good_replies(good: list[str]) -> None:
    learned = load_learned_review()
    doubtful = learned.references.may_exceed(learned.threshold, learned.encoder.encode(good[::5]))
    assert doubtful.mean() < 0.3
    assert NEAREST == 3
