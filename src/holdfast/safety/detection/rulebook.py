"""Load the rules: one file a category, a lexicon, the context, the spelling and the phrasebooks, all with hashes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from holdfast.content import ContentModel, Loaded, load_yaml
from holdfast.errors import ContentError
from holdfast.safety.detection.context import Cue, Grammar
from holdfast.safety.detection.dialects import DialectFile, Dialects
from holdfast.safety.detection.matching import TemplateIndex
from holdfast.safety.detection.normalise import Normaliser
from holdfast.safety.detection.phrasebook import Phrasebook, load_phrasebook
from holdfast.safety.detection.plain_english import PlainEnglish
from holdfast.safety.detection.rule_text import template_lines
from holdfast.safety.detection.spelling import Spelling, SpellingFile
from holdfast.safety.detection.template import Template, TemplateParser
from holdfast.safety.detection.verdict import Category, Level

__all__ = ["Pattern", "Rule", "Rulebook", "load_rulebook"]

_RULES = Path(__file__).parent / "rules"
_SHARED = frozenset({"spelling", "lexicon", "context", "answers", "grammar", "dialects"})


class Rule(ContentModel):
    """One rule of a category file.

    ``subject`` says who a match is about: ``left``, look for it; ``own``, look for it and otherwise take the person
    writing; ``actor``, look for who does it; or whoever is stated. ``alone`` false keeps a match from counting by
    itself, ``negatable`` false from being denied by a "not" before it. ``past`` is what
    a match behind the person is worth. ``hyperbole`` marks words that everyday exaggeration uses too. ``idioms``
    false keeps the rule from being excused as a manner of speaking. ``requires_other`` counts a match only where
    another sign of the kind is in the window. ``theme`` groups signs: several themes
    together weigh more, a lesser sign by its ``weight``.
    """

    id: str
    level: Literal["notice", "concern", "crisis"]
    kind: Literal["explicit", "indirect", "coded"]
    theme: str
    weight: int = Field(default=2, ge=1, le=2)
    subject: Literal["left", "own", "actor", "self", "other"] = "left"
    tense: Literal["auto", "present", "past"] = "auto"
    past: Literal["notice", "concern", "keep"] = "concern"
    hyperbole: bool = False
    idioms: bool = True
    requires_other: bool = False
    alone: bool = True
    negatable: bool = True
    notes: str = ""
    patterns: tuple[str, ...]
    category: Category = Category.SUICIDE

    @field_validator("patterns", mode="before")
    @classmethod
    def _lines(cls, value: object) -> object:
        return template_lines(value) if isinstance(value, str) else value

    @property
    def grade(self) -> Level:
        """The level of a plain match."""
        return Level[self.level.upper()]


@dataclass(frozen=True)
class Pattern:
    """One template of a rule, with the literal words it was written with."""

    rule: Rule
    words: frozenset[str]


class RuleFile(ContentModel):
    """Content of a category's file."""

    id: str
    version: int = Field(ge=1)
    category: Category
    notes: str
    rules: tuple[Rule, ...]


class LexiconFile(ContentModel):
    """Content of ``rules/lexicon.yaml``."""

    id: str
    version: int = Field(ge=1)
    notes: str
    common: tuple[str, ...]
    lists: dict[str, tuple[str, ...]]


class ContextFile(ContentModel):
    """Content of ``rules/context.yaml`` and ``rules/answers.yaml``."""

    id: str
    version: int = Field(ge=1)
    notes: str
    lists: dict[str, tuple[str, ...]]

    @field_validator("lists", mode="before")
    @classmethod
    def _lines(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {name: template_lines(text) if isinstance(text, str) else text for name, text in value.items()}


@dataclass(frozen=True)
class Rulebook:
    """Everything the rule detector needs, parsed. ``artefacts`` maps each file to its SHA-256."""

    normaliser: Normaliser
    grammar: Grammar
    rules: TemplateIndex[Pattern]
    cues: TemplateIndex[Cue]
    questions: TemplateIndex[str]
    answers: TemplateIndex[str]
    phrasebook: Phrasebook
    plain: PlainEnglish
    artefacts: dict[str, str] = field(default_factory=dict)

    def ready(self) -> None:
        """Compile everything now, a few seconds' work, so that nobody waits for it later in any language."""
        for index in (self.rules, self.cues, self.questions, self.answers):
            index.ready()
        self.phrasebook.ready()


def load_rulebook(folder: Path = _RULES) -> Rulebook:
    """Load and parse every rule file in ``folder``; takes most of a second.

    Raises:
        ContentError: A file is missing or malformed, a template does not parse, or two rules share an id.
    """
    lexicon = load_yaml(folder / "lexicon.yaml", LexiconFile)
    spelling = load_yaml(folder / "spelling.yaml", SpellingFile)
    context = load_yaml(folder / "context.yaml", ContextFile)
    answers = load_yaml(folder / "answers.yaml", ContextFile)
    grammar = load_yaml(folder / "grammar.yaml", Grammar)
    dialects = load_yaml(folder / "dialects.yaml", DialectFile)
    files = [load_yaml(path, RuleFile) for path in sorted(folder.glob("*.yaml")) if path.stem not in _SHARED]
    parser = TemplateParser(lexicon.value.lists, lexicon.value.common)
    compiled = [(parser.compile(pattern), rule) for rule in _rules(files) for pattern in rule.patterns]
    rules = [(template, Pattern(rule, template.words)) for template, rule in compiled]
    cues = [(template, _cue(name)) for name, template in _named(parser, context)]
    asked = _named(parser, answers)
    vocabulary = {word for template, _ in (*rules, *cues) for word in template.words}
    english = vocabulary.union(lexicon.value.common, spelling.value.real_words, spelling.value.expand)
    phrasebook = load_phrasebook(folder / "phrases", elsewhere=english)
    other_englishes = Dialects(dialects.value.dialects)
    loaded: list[Loaded[Any]] = [lexicon, spelling, dialects, context, answers, grammar, *files]
    return Rulebook(
        normaliser=Normaliser(spelling.value, Spelling(spelling.value, vocabulary), other_englishes),
        grammar=grammar.value,
        rules=TemplateIndex(rules),
        cues=TemplateIndex(cues),
        questions=TemplateIndex([(t, name) for name, t in asked if name.startswith("ask_")]),
        answers=TemplateIndex([(t, name) for name, t in asked if not name.startswith("ask_")]),
        phrasebook=phrasebook,
        plain=PlainEnglish(other_englishes),
        artefacts={f"detection/{item.path.name}": item.sha256 for item in loaded} | dict(phrasebook.artefacts),
    )


def _rules(files: list[Loaded[RuleFile]]) -> Iterator[Rule]:
    seen: set[str] = set()
    for file in files:
        for rule in file.value.rules:
            if rule.id in seen:
                raise ContentError(f"Rule ids must differ, got {rule.id!r} twice; rename one.")
            seen.add(rule.id)
            yield rule.model_copy(update={"category": file.value.category})


def _named(parser: TemplateParser, file: Loaded[ContextFile]) -> list[tuple[str, Template]]:
    return [(name, parser.compile(text)) for name, texts in file.value.lists.items() for text in texts]


def _cue(name: str) -> Cue:
    try:
        return Cue(name)
    except ValueError as error:
        raise ContentError(f"Cue must be one of {', '.join(Cue)}, got {name!r}; correct context.yaml.") from error
