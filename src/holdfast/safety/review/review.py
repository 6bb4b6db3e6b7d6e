"""Review by rules: judge a text before a person sees it, whatever wrote it, and fail closed.

Order: can the text be judged at all; what the rules forbid, in every reading of it; then what must be compared with
the context: telephone numbers, addresses, citations and private strings.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Self

from holdfast.safety.crisis.helplines import Helplines
from holdfast.safety.review.guards import GuardSet, load_guards, sentences
from holdfast.safety.review.language import Lexicon, load_lexicon, unreadable
from holdfast.safety.review.needs import Held, NeedsIndex
from holdfast.safety.review.normalise import plain, run_on, views
from holdfast.safety.review.numbers import unknown_addresses, unknown_names, unknown_numbers
from holdfast.safety.review.rules import RuleSet, load_rules
from holdfast.safety.review.verdict import Finding, Harm, ReviewContext, ReviewVerdict
from holdfast.safety.review.vocabulary import Vocabulary, load_vocabulary

__all__ = ["RuleReview"]

_BRACKETED = re.compile(r"\[([^\[\]\n]{1,120})\](?!\()")
_TARGET = re.compile(r"\]\(\s*(?!/(?!/))")
_WORD = re.compile(r"[^\W_]+")
_NO_NAME = re.compile(r"[*_`>#]|(?<!\w)-(?!\w)|(?<=\w)\.(?=\s)")
_SHINGLE_WORDS = 8


@dataclass(frozen=True, kw_only=True)
class RuleReview:
    """Output review by rules (implements ``OutputReview``).

    Attributes:
        rules: What a text must not say.
        guards: Topics that only careful sentences may touch.
        vocabulary: The words this service uses.
        lexicon: What counts as English.
        lexicon_sha256: The hash of the word lists' file.
        domains: Web domains a text may name.
        names: Names of helplines a text may give, in lower case.
    """

    rules: RuleSet
    guards: GuardSet
    vocabulary: Vocabulary
    lexicon: Lexicon
    lexicon_sha256: str
    domains: Collection[str] = frozenset()
    names: Collection[str] = field(default=frozenset(), repr=False)

    @classmethod
    def load(cls, helplines: Helplines | None = None, vetted: Iterable[str] = ()) -> Self:
        """Read the rules and word lists of the package.

        Args:
            helplines: Lines whose names and web addresses a text may give; without them, none.
            vetted: Further vetted texts whose words belong to the vocabulary, such as the library's passages.

        Raises:
            ContentError: A rule or word file is malformed.
        """
        lexicon, sha256 = load_lexicon()
        return cls(
            rules=load_rules(),
            guards=load_guards(),
            vocabulary=load_vocabulary().extended([*vetted, *(helplines.regions.values() if helplines else ())]),
            lexicon=lexicon,
            lexicon_sha256=sha256,
            domains=helplines.domains() if helplines else frozenset(),
            names=frozenset(plain(name) for name in helplines.names()) if helplines else frozenset(),
        )

    @cached_property
    def version(self) -> str:
        """The id and hash of everything this review judges by."""
        parts = self.rules.sha256 + self.guards.sha256 + self.vocabulary.sha256 + self.lexicon_sha256
        return f"rule-review@{hashlib.sha256(parts.encode()).hexdigest()}"

    def review(self, text: str, context: ReviewContext) -> ReviewVerdict:
        """Judge one text, a sentence or more. Blank text passes: there is nothing in it to show."""
        return ReviewVerdict(findings=tuple(self._findings(text, context)), version=self.version)

    def _findings(self, text: str, context: ReviewContext) -> Iterator[Finding]:
        citations = _citations(text)
        if not citations.keys() <= {citation.lower() for citation in context.citation_ids}:
            yield Finding(harm=Harm.INVENTED_CITATION, rule="bracketed")
        text = _without(text, citations.values())
        if _BRACKETED.search(text):
            yield Finding(harm=Harm.UNREVIEWABLE, rule="words-in-brackets")
        read = plain(text)
        reason = unreadable(text, read, self.lexicon, self.names)
        if reason is not None:
            yield Finding(harm=Harm.UNREVIEWABLE, rule=reason)
            if reason == "too-long":
                return
        readings = views(read)
        held = {reading: Held.by(reading) for reading in readings}
        yield from self.rules.findings(held.values())
        nameless = self._nameless(held[read])
        guarded = (held.get(reading) or Held.by(reading) for reading in dict.fromkeys((nameless, run_on(nameless))))
        yield from dict.fromkeys(chain.from_iterable(self.guards.findings(one, bool(citations)) for one in guarded))
        if any(self.vocabulary.is_strange(sentence) for _, sentence in sentences(nameless)):
            yield Finding(harm=Harm.OFF_SCOPE, rule="vocabulary")
        yield from self._invented(text, read, context)
        if _TARGET.search(text):
            yield Finding(harm=Harm.UNREVIEWABLE, rule="outside-link")
        if _gives_away(readings, context.private):
            yield Finding(harm=Harm.LEAK, rule="private")

    @cached_property
    def _name_index(self) -> NeedsIndex:
        return NeedsIndex.over([(frozenset({name}),)] for name in self.names)

    def _nameless(self, held: Held) -> str:
        """Return a folded text without the names of helplines, which may hold any word."""
        text = held.reading
        if not self._name_index.owners_in(held):
            return text
        for name in self.names:
            if name in text:
                text = re.sub(rf"\b{re.escape(name)}(?!\w)", "a helpline", text)
        return text

    def _invented(self, text: str, read: str, context: ReviewContext) -> Iterator[Finding]:
        found = {
            "number": unknown_numbers(read, context.helpline_numbers),
            "name": unknown_names(_cased(text), self.names),
            "address": unknown_addresses(read, self.domains),
        }
        yield from (Finding(harm=Harm.INVENTED_HELPLINE, rule=rule) for rule, is_found in found.items() if is_found)


def _citations(text: str) -> dict[str, str]:
    """Return what stands in brackets like a citation (an id or a number), and the bracket it stands in."""
    found: dict[str, str] = {}
    for match in _BRACKETED.finditer(text):
        parts = [part.strip().removeprefix("@").lower() for part in re.split(r"[,;]", match[1])]
        if all(part and " " not in part for part in parts):
            found.update(dict.fromkeys(parts, match[0]))
    return found


def _without(text: str, brackets: Iterable[str]) -> str:
    for bracket in frozenset(brackets):
        text = text.replace(bracket, "")
    return text


def _cased(text: str) -> str:
    """Return ``text`` on one line, without marks and accents; shouted text in title case, so that names can be told."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    bare = " ".join(_NO_NAME.sub("", text).split())
    return bare.title() if bare.isupper() else bare


def _gives_away(readings: tuple[str, ...], private: Collection[str]) -> bool:
    """Whether any reading holds a private string, or a long stretch of one."""
    texts = [f" {' '.join(_WORD.findall(reading))} " for reading in readings] if private else []
    for secret in private:
        words = _WORD.findall(plain(secret))
        if not words:
            continue
        size = min(len(words), _SHINGLE_WORDS)
        shingles = (f" {' '.join(words[start : start + size])} " for start in range(len(words) - size + 1))
        if any(shingle in text for shingle in shingles for text in texts):
            return True
    return False
