"""Route messages by plain patterns from a content file; a language model never routes."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from holdfast.care.conversation.parts import Routing
from holdfast.care.conversation.reply import Route
from holdfast.care.conversation.state import ConversationState
from holdfast.content import ContentModel, load_yaml
from holdfast.errors import ContentError

__all__ = ["ROUTING", "PatternRouter", "load_router"]

ROUTING = Path(__file__).with_name("routing.yaml")

_SCANNED_CHARS = 2000
"""Routing reads this much of a message; longer ones are questions or stories, not commands."""


class RuleText(ContentModel):
    """One routing rule of the content file."""

    route: Route
    reason: str
    target: str | None = None
    target_from: Literal["instrument", "exercise"] | None = None
    patterns: tuple[str, ...] = ()
    unless: str | None = None


class RoutingFile(ContentModel):
    """The routing content file."""

    id: str
    version: int
    written: str
    rules: tuple[RuleText, ...]
    instruments: dict[str, tuple[str, ...]]
    exercises: dict[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class _Rule:
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    route: Route
    reason: str
    target: str | None


@dataclass(frozen=True, kw_only=True)
class PatternRouter:
    """Tries rules in order; what none of them claims is a question for the library.

    Attributes:
        unsorted: The same rules with those about feelings joined into one, which tells no feeling from another.
        asks_identity: Whether a message asks who or what is answering, which comes before every rule.
    """

    rules: tuple[_Rule, ...]
    unsorted: tuple[_Rule, ...]
    asks_identity: Callable[[str], bool]
    artefact: tuple[str, str]

    def route(self, message: str, state: ConversationState) -> Routing:
        """Route ``message``. The same words always go the same way, but for ``state.infers_affect``.

        Without it, every message about oneself goes to one text for all feelings, and none is told from another.
        """
        if self.asks_identity(message):
            return Routing(route=Route.IDENTITY, reason="asks who or what is answering")
        text = fold(message[:_SCANNED_CHARS])
        for rule in self.rules if state.infers_affect else self.unsorted:
            if rule.pattern.search(text) and not (rule.unless and rule.unless.search(text)):
                return Routing(route=rule.route, reason=rule.reason, target=rule.target)
        return Routing(route=Route.EDUCATION, reason="a question for the library")


def fold(text: str) -> str:
    """Return ``text`` in lower case, without accents, with straight apostrophes and single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").replace("‘", "'"))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


def load_router(*, asks_identity: Callable[[str], bool], path: Path = ROUTING) -> PatternRouter:
    """Load the routing rules and compile their patterns.

    Args:
        asks_identity: Whether a message asks who or what is answering.
        path: The content file.

    Raises:
        ContentError: The file is malformed or a pattern does not compile.
    """
    loaded = load_yaml(path, RoutingFile)
    rules: list[_Rule] = []
    for rule in loaded.value.rules:
        if rule.target_from is None:
            rules.append(_compile(path, rule, rule.patterns, rule.target))
            continue
        named = loaded.value.instruments if rule.target_from == "instrument" else loaded.value.exercises
        rules.extend(_compile(path, rule, patterns, target) for target, patterns in named.items())
    return PatternRouter(
        rules=tuple(rules),
        unsorted=_unsorted(rules),
        asks_identity=asks_identity,
        artefact=(loaded.value.id, loaded.sha256),
    )


def _unsorted(rules: Sequence[_Rule]) -> tuple[_Rule, ...]:
    """Return ``rules`` with those about feelings joined, at the place of the first of each exception."""
    kept: list[_Rule] = []
    joined: dict[re.Pattern[str] | None, int] = {}
    for rule in rules:
        at = joined.get(rule.unless) if rule.route is Route.SUPPORT else None
        if at is not None:
            both = f"{kept[at].pattern.pattern}|{rule.pattern.pattern}"
            kept[at] = replace(kept[at], pattern=re.compile(both))
            continue
        if rule.route is Route.SUPPORT:
            joined[rule.unless] = len(kept)
            rule = replace(rule, reason="says something about themselves", target="support")
        kept.append(rule)
    return tuple(kept)


def _compile(path: Path, rule: RuleText, patterns: tuple[str, ...], target: str | None) -> _Rule:
    try:
        pattern = re.compile("|".join(f"(?:{p})" for p in patterns))
        unless = re.compile(rule.unless) if rule.unless else None
    except re.error as error:
        raise ContentError(f"{path.name}: patterns of rule {rule.reason!r} must compile: {error}; fix them.") from error
    if not patterns:
        raise ContentError(f"{path.name}: rule {rule.reason!r} must have patterns, got none; add one.")
    return _Rule(pattern=pattern, unless=unless, route=rule.route, reason=rule.reason, target=target)
