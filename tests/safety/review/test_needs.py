"""Claims about needs: a pattern that matches always finds its needs met, so that looking for them loses nothing."""

import pytest

from holdfast.safety.review.guards import load_guards
from holdfast.safety.review.needs import NeedsIndex, needs_of
from holdfast.safety.review.normalise import plain, views
from holdfast.safety.review.rules import load_rules
from reply_sets import Case


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        (r"\byou should\b", ({"you should"},)),
        (r"stop (?:taking|using)", ({"stop taking", "stop using"},)),
        (r"take\w* (?:pills|tablets)", ({"take"}, {" pills", " tablets"})),
        (r"(?:very )?sad", ({"very sad", "sad"},)),
        (r"(?=.*knife).*sharp", ({"knife"}, {"sharp"})),
        (r"(?!never)go", ()),
        (r"(?:long|\w+)er", ()),
        (r"colou?r[sz]", ({"colours", "colourz", "colors", "colorz"},)),
        (r"(?i)loud", ()),
        (r"a*|b", ()),
        (r"(?:abc){2,}", ({"abc"},)),
    ],
)
def test_what_a_pattern_needs_is_read_off_it(pattern: str, needs: tuple[set[str], ...]) -> None:
    assert set(map(frozenset, needs)) == set(needs_of(pattern))


def test_no_rule_and_no_guard_loses_a_match_by_its_needs(hostile: list[Case], good: list[str]) -> None:
    rules, guards = load_rules(), load_guards()
    for text in [*(case.text for case in hostile[::3]), *good[::6]]:
        for reading in views(plain(text)):
            held = rules.index.found_in(reading)
            for rule in rules.rules:
                if any(map(held.isdisjoint, rule.needs)):
                    assert not rule.pattern.search(reading), rule.finding
            held = guards.index.found_in(reading)
            for guard in guards.guards:
                topic, *blocks = guard.needs
                if any(map(held.isdisjoint, topic)):
                    assert not guard.topic.search(reading), guard.finding
                if guard.blocks is not None and any(map(held.isdisjoint, blocks[0])):
                    assert not guard.blocks.search(reading), guard.finding


def test_most_rules_need_something() -> None:
    rules = load_rules().rules
    assert sum(bool(rule.needs) for rule in rules) / len(rules) > 0.9


def test_an_index_finds_what_is_there_and_nothing_else() -> None:
    index = NeedsIndex.over([(frozenset({"you should", "you"}),), (frozenset({"pills"}), frozenset({"end"}))])
    assert index.found_in("you shall take pills") == {"you", "pills"}
    assert index.found_in("") == frozenset()
