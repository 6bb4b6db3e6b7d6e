"""Claims about needs: a pattern that matches always finds its needs met, so that looking for them loses nothing."""

import random

import pytest

from holdfast.safety.review.guards import load_guards
from holdfast.safety.review.needs import FIGURE, Held, Needs, NeedsIndex, needs_of
from holdfast.safety.review.normalise import plain, views
from holdfast.safety.review.rules import load_rules
from pattern_texts import matched_by
from reply_sets import Case


@pytest.mark.parametrize(
    ("pattern", "ways"),
    [
        (r"\byou should\b", [{"you should"}]),
        (r"stop (?:taking|using)", [{"stop taking", "stop using"}]),
        (r"take\w* (?:pills|tablets)", [{"take"}, {" pills", " tablets"}]),
        (r"(?:very )?sad", [{"very sad", "sad"}]),
        (r"(?=.*knife).*sharp", [{"knife"}, {"sharp"}]),
        (r"(?!never)go", [{"go"}]),
        (r"(?!never)he", []),
        (r"colou?r[sz]", [{"colours", "colourz", "colors", "colorz"}]),
        (r"(?i)loud", []),
        (r"a*", []),
        (r"(?:abc){2,}", [{"abc"}]),
        (r"\d{2,} ?mg", [{FIGURE}, {"mg", " mg"}]),
        (r"x[0-9]", [{FIGURE}]),
        (r"[\d.]+", []),
    ],
)
def test_what_a_pattern_needs_is_read_off_it(pattern: str, ways: list[set[str]]) -> None:
    (needs,) = needs_of(pattern)
    assert set(needs) == set(map(frozenset, ways))


def test_branches_are_ways_of_their_own_and_plain_words_are_one_way() -> None:
    ways = needs_of(r"\b(?:pills|tablets|take \w+ rest|keep \w+ quiet)\b")
    assert {frozenset(way) for way in ways} == {
        frozenset({frozenset({"pills", "tablets"})}),
        frozenset({frozenset({"take "}), frozenset({" rest"})}),
        frozenset({frozenset({"keep "}), frozenset({" quiet"})}),
    }
    assert () in needs_of(r"(?:long|\w+)er")


def test_no_rule_and_no_guard_loses_a_text_made_for_it() -> None:
    """Texts are made from the patterns themselves, so that every rule is asked, in most of its wordings."""
    chance, unasked = random.Random(5), []
    rules, guards = load_rules(), load_guards()
    sought = [(place, rule.pattern, rules.index) for place, rule in enumerate(rules.rules)]
    for place, guard in enumerate(guards.guards):
        sought += [(place, pattern, guards.index) for pattern in (guard.topic, guard.blocks) if pattern is not None]
    for place, pattern, index in sought:
        texts = list(matched_by(pattern, chance))
        unasked += [] if texts else [pattern.pattern]
        for text in texts:
            assert place in index.owners_in(Held.by(text)), pattern.pattern
    assert len(unasked) / len(sought) < 0.05, unasked


def test_no_rule_and_no_guard_loses_a_match_by_its_needs(hostile: list[Case], good: list[str]) -> None:
    rules, guards = load_rules(), load_guards()
    for text in [*(case.text for case in hostile[::3]), *good[::6]]:
        for reading in views(plain(text)):
            tried = set(rules.index.owners_in(Held.by(reading)))
            for place, rule in enumerate(rules.rules):
                assert place in tried or not rule.pattern.search(reading), rule.finding
            tried = set(guards.index.owners_in(Held.by(reading)))
            for place, guard in enumerate(guards.guards):
                patterns = [guard.topic] if guard.blocks is None else [guard.topic, guard.blocks]
                assert place in tried or not any(pattern.search(reading) for pattern in patterns), guard.finding


def test_few_rules_are_tried_on_a_good_reply(good: list[str]) -> None:
    rules = load_rules()
    tried = [len(rules.index.owners_in(Held.by(plain(reply)))) for reply in good[::6]]
    assert sum(tried) / len(tried) < len(rules.rules) / 10


def test_most_rules_need_something() -> None:
    rules = load_rules()
    assert len(rules.index.always) / len(rules.rules) < 0.1


def test_an_index_finds_whose_needs_are_met_and_nobody_else() -> None:
    owners: list[list[Needs]] = [
        [(frozenset({"you should", "you must"}),)],
        [(frozenset({"pills"}), frozenset({"end"}))],
        [(frozenset({FIGURE}),), (frozenset({"many"}),)],
        [()],
    ]
    index = NeedsIndex.over(owners)
    assert index.owners_in(Held.by("you shall take pills")) == [3]
    assert index.owners_in(Held.by("you should take pills in the end")) == [0, 1, 3]
    assert index.owners_in(Held.by("take ٣")) == [2, 3]
    assert index.owners_in(Held.by("")) == [3]
