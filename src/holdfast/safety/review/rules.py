"""Rules as data: what a text must not say, by harm, and where the same words are harmless.

A rule's ``pattern`` is searched for in the folded text. It does not count where ``before`` matches the words that lead
up to it, within the sentence, or ``after`` the words that follow ("how to *help someone who* wants to ..."). In a
``quotable`` file it does not count either inside a short quotation given as words that somebody might say.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ConfigDict

from holdfast.content import ContentModel, load_yaml
from holdfast.errors import ContentError
from holdfast.safety.review.needs import Held, Needs, NeedsIndex, needs_of
from holdfast.safety.review.patterns import is_example, spell_out
from holdfast.safety.review.verdict import Finding, Harm

__all__ = ["Rule", "RuleSet", "load_rules"]

_FOLDER = Path(__file__).parent / "rules"
_SENTENCE_END = re.compile(r"[.?!\n](?=\s|$)")
_LEAD_CHARS = 80


class _RuleText(ContentModel):
    model_config = ConfigDict(str_strip_whitespace=False)

    id: str
    pattern: str
    before: str | None = None
    after: str | None = None
    quotable: bool = False


class _RuleFile(ContentModel):
    model_config = ConfigDict(str_strip_whitespace=False)

    harm: Harm
    quotable: bool = False
    words: Mapping[str, str] = {}
    rules: tuple[_RuleText, ...]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One compiled rule. ``needs`` is what a text must hold for each way in which ``pattern`` can match."""

    finding: Finding
    pattern: re.Pattern[str]
    needs: tuple[Needs, ...]
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    is_quotable: bool

    def is_broken_by(self, text: str) -> bool:
        """Whether ``text`` (folded) says what the rule forbids."""
        return any(not self._is_harmless(text, match) for match in self.pattern.finditer(text))

    def _is_harmless(self, text: str, match: re.Match[str]) -> bool:
        if self.before is not None:
            lead = _SENTENCE_END.split(text[max(0, match.start() - _LEAD_CHARS) : match.start()])[-1]
            if self.before.search(lead):
                return True
        if self.after is not None and self.after.match(text, match.end()):
            return True
        return self.is_quotable and is_example(text, match.start())


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """Every rule, an index of what they need by their places, and the SHA-256 over the files they came from."""

    rules: tuple[Rule, ...]
    index: NeedsIndex
    sha256: str

    def findings(self, readings: Iterable[Held]) -> Iterator[Finding]:
        """Yield what the rules find in any of ``readings`` (folded) of one text, each finding once."""
        tried: dict[int, list[str]] = {}
        for held in readings:
            for place in self.index.owners_in(held):
                tried.setdefault(place, []).append(held.reading)
        for place in sorted(tried):
            if any(map(self.rules[place].is_broken_by, tried[place])):
                yield self.rules[place].finding


def load_rules(folder: Path = _FOLDER) -> RuleSet:
    """Read and compile every rule file.

    Raises:
        ContentError: A file is malformed, names an unknown word list or holds a pattern that does not compile.
    """
    rules: list[Rule] = []
    seal = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        loaded = load_yaml(path, _RuleFile)
        rules += [_compile(rule, loaded.value, path) for rule in loaded.value.rules]
        seal.update(loaded.sha256.encode())
    if not rules:
        raise ContentError(f"{folder.name} must hold the review rules, got none; restore them.")
    index = NeedsIndex.over(rule.needs for rule in rules)
    return RuleSet(rules=tuple(rules), index=index, sha256=seal.hexdigest())


def _compile(rule: _RuleText, file: _RuleFile, path: Path) -> Rule:
    def ready(pattern: str | None) -> re.Pattern[str] | None:
        return None if pattern is None else re.compile(spell_out(pattern, file.words))

    try:
        spelt = spell_out(rule.pattern, file.words)
        pattern, needs = re.compile(spelt), needs_of(spelt)
        before, after = ready(rule.before), ready(rule.after)
    except (re.error, KeyError) as error:
        raise ContentError(f"{path.name} rule {rule.id!r} must compile, got {error}; correct it.") from error
    return Rule(
        finding=Finding(harm=file.harm, rule=rule.id),
        pattern=pattern,
        needs=needs,
        before=before,
        after=after,
        is_quotable=file.quotable or rule.quotable,
    )
