"""Claims about trying few templates and missing none."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.content import load_yaml
from holdfast.safety.detection import Category, rulebook
from holdfast.safety.detection.candidates import Candidates
from holdfast.safety.detection.matching import Match, Sentence, TemplateIndex, sentences
from holdfast.safety.detection.normalise import Normaliser
from holdfast.safety.detection.rulebook import LexiconFile, RuleFile, load_rulebook
from holdfast.safety.detection.template import Template, TemplateParser
from holdfast.safety.utterances import Language, Split, load_utterances

FOLDER = Path(rulebook.__file__).parent / "rules"
MESSAGES = 50

SETS = st.lists(st.frozensets(st.sampled_from("abcdefgh"), min_size=1, max_size=3), min_size=1, max_size=6)
NEEDS = st.lists(SETS, max_size=70)


@pytest.fixture(scope="module")
def templates() -> list[Template]:
    """Every template of two categories."""
    lexicon = load_yaml(FOLDER / "lexicon.yaml", LexiconFile).value
    parser = TemplateParser(lexicon.lists, lexicon.common)
    chosen = (Category.SUICIDE, Category.MEDICAL_EMERGENCY)
    rules = (rule for name in chosen for rule in load_yaml(FOLDER / f"{name.value}.yaml", RuleFile).value.rules)
    return [parser.compile(pattern) for rule in rules for pattern in rule.patterns]


def said(normaliser: Normaliser) -> Iterator[Sentence]:
    """Sentences of every sixtieth English message of dev."""
    english = [one for one in load_utterances().of(Split.DEV) if one.language is Language.ENGLISH]
    for one in islice(english, 0, 60 * MESSAGES, 60):
        yield from sentences(normaliser.words(one.turns[-1].text))


@given(NEEDS, st.sets(st.sampled_from("abcdefgh")))
def test_whatever_finds_a_word_of_each_set_is_a_candidate(needs: list[list[frozenset[str]]], words: set[str]) -> None:
    found = Candidates(needs).among(words)
    meeting = [number for number, sets in enumerate(needs) if all(words & one for one in sets)]
    assert found == sorted(found)
    assert set(meeting) <= set(found)
    assert all(words & one for number in found for one in needs[number][:4])


def test_no_words_and_no_templates_leave_no_candidates() -> None:
    assert Candidates([]).among(["a"]) == []
    assert Candidates([[frozenset("a")]]).among([]) == []


def test_trying_the_candidates_finds_what_trying_every_template_finds(templates: list[Template]) -> None:
    index = TemplateIndex((template, number) for number, template in enumerate(templates))
    matches = 0
    for sentence in said(load_rulebook().normaliser):
        found = list(index.find(sentence))
        assert found == [
            Match(number, len(sentence.text[: match.start()].split()), len(sentence.text[: match.end()].split()))
            for number, template in enumerate(templates)
            for match in template.find(sentence.text)
        ]
        matches += len(found)
    assert matches > MESSAGES / 5
