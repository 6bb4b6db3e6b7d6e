"""Claims about the language the rules are written in."""

import re
import time

import pytest

from holdfast.errors import ContentError
from holdfast.safety.detection.template import TemplateParser

PARSER = TemplateParser({"want": ["want", "wish", "would like"], "wish_to": ["<want> to"]}, ["i", "to", "want"])


def found(template: str, text: str) -> str | None:
    match = PARSER.compile(template).regex.search(text + " ")
    return match and match.group().strip()


@pytest.mark.parametrize(
    ("template", "text", "expected"),
    [
        ("i <wish_to> rest", "so i would like to rest now", "i would like to rest"),
        ("[my] own way", "own way", "own way"),
        ("[my|your] own", "your own", "your own"),
        ("go *2 home", "go right back home", "go right back home"),
        ("go *2 home", "go a b c home", None),
        ("go *2 home", "go , home", None),
        ("go ~2 home", "go , home", "go , home"),
        ("cat", "concatenate", None),
        ("a cat", "a cats", None),
        ("^ no", "oh no", None),
        ("no $", "no way", None),
        ("no $", "no , way", "no"),
        ("(a (b|c)|d) e", "a c e", "a c e"),
    ],
)
def test_templates_match_whole_words_in_order(template: str, text: str, expected: str | None) -> None:
    assert found(template, text) == expected


def test_anchors_are_the_rarest_words_that_must_occur() -> None:
    assert PARSER.compile("i want to (rest|sleep)").anchors == {"rest", "sleep"}
    assert PARSER.compile("[never] *2 mind").anchors == {"mind"}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("(a|b", "must balance its brackets"),
        ("a)", "must balance its brackets"),
        ("[a] *2", "at least one required word"),
        ("<nope>", "must use lists of the lexicon, got 'nope'"),
        ("a ()", "must have words between its marks"),
        ("a.*", "must use plain words and marks"),
    ],
)
def test_a_malformed_template_is_refused_with_the_reason(template: str, message: str) -> None:
    with pytest.raises(ContentError, match=re.escape(message)):
        PARSER.compile(template)


def test_gaps_cannot_blow_up_on_hostile_text() -> None:
    template = PARSER.compile("a *9 b *9 c *9 d")
    began = time.perf_counter()
    assert template.regex.search("a " * 72) is None
    assert template.regex.search("a b " * 36) is None
    assert time.perf_counter() - began < 0.5
