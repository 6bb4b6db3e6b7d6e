"""Guards: topics that only careful shapes of a sentence may touch; every other shape is withheld.

Rules name what is wrong and miss the wording that nobody thought of. A guard names what is right: a sentence about,
say, a medicine passes if it is a question, points to a doctor or pharmacist, or speaks of people in general.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ConfigDict

from holdfast.content import ContentModel, load_yaml
from holdfast.errors import ContentError
from holdfast.safety.review.needs import Held, Needs, NeedsIndex, needs_of
from holdfast.safety.review.patterns import is_example, spell_out
from holdfast.safety.review.verdict import Finding, Harm

__all__ = ["Guard", "GuardSet", "load_guards", "sentences"]

_PATH = Path(__file__).with_name("guards.yaml")
_SENTENCE = re.compile(r"[^.?!\n]+(?:\.(?=\S)[^.?!\n]+)*[.?!]*\"?")


class _GuardText(ContentModel):
    model_config = ConfigDict(str_strip_whitespace=False)

    id: str
    harm: Harm
    topic: str
    unless: str | None = None
    blocks: str | None = None
    blocks_unless: str | None = None
    questions: bool = False
    cited: bool = False
    quotable: bool = False


class _GuardFile(ContentModel):
    model_config = ConfigDict(str_strip_whitespace=False)

    words: Mapping[str, str]
    guards: tuple[_GuardText, ...]


@dataclass(frozen=True, kw_only=True)
class Guard:
    """One guarded topic, compiled. A text that meets the needs of no way of ``needs`` cannot touch it."""

    finding: Finding
    needs: tuple[Needs, ...]
    topic: re.Pattern[str]
    unless: re.Pattern[str] | None
    blocks: re.Pattern[str] | None
    blocks_unless: re.Pattern[str] | None
    passes_questions: bool
    passes_cited: bool
    is_quotable: bool

    def withholds(self, sentence: str, text: str, start: int, is_cited: bool) -> bool:
        """Whether ``sentence``, found at ``start`` in ``text``, touches the topic in a shape that does not pass."""
        if self._is_blocked(sentence):
            return True
        match = self.topic.search(sentence)
        if match is None or (is_cited and self.passes_cited):
            return False
        if self.passes_questions and sentence.rstrip('" ').endswith("?"):
            return False
        if self.unless is not None and self.unless.search(sentence):
            return False
        return not (self.is_quotable and is_example(text, start + match.start()))

    def _is_blocked(self, sentence: str) -> bool:
        match = self.blocks.search(sentence) if self.blocks is not None else None
        if match is None:
            return False
        return self.blocks_unless is None or not self.blocks_unless.search(sentence[: match.start()])


@dataclass(frozen=True, kw_only=True)
class GuardSet:
    """Every guard, an index of what they need by their places, and the SHA-256 of the file they came from."""

    guards: tuple[Guard, ...]
    index: NeedsIndex
    sha256: str

    def findings(self, held: Held, is_cited: bool) -> Iterator[Finding]:
        """Yield what the guards withhold in a text (folded), each finding once."""
        places = self.index.owners_in(held)
        parts = list(sentences(held.reading)) if places else []
        for guard in (self.guards[place] for place in places):
            if any(guard.withholds(sentence, held.reading, start, is_cited) for start, sentence in parts):
                yield guard.finding


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield each sentence of ``text`` with the position it starts at, its closing mark included."""
    for match in _SENTENCE.finditer(text):
        if match[0].strip():
            yield match.start(), match[0]


def load_guards(path: Path = _PATH) -> GuardSet:
    """Read and compile the guards.

    Raises:
        ContentError: The file is malformed, names an unknown word list or holds a pattern that does not compile.
    """
    loaded = load_yaml(path, _GuardFile)
    guards = tuple(_compile(guard, loaded.value.words, path) for guard in loaded.value.guards)
    index = NeedsIndex.over(guard.needs for guard in guards)
    return GuardSet(guards=guards, index=index, sha256=loaded.sha256)


def _compile(guard: _GuardText, words: Mapping[str, str], path: Path) -> Guard:
    def ready(pattern: str | None) -> re.Pattern[str] | None:
        return None if pattern is None else re.compile(spell_out(pattern, words))

    try:
        return Guard(
            finding=Finding(harm=guard.harm, rule=f"guard-{guard.id}"),
            needs=tuple(
                needs
                for sought in (guard.topic, guard.blocks)
                if sought is not None
                for needs in needs_of(spell_out(sought, words))
            ),
            topic=re.compile(spell_out(guard.topic, words)),
            unless=ready(guard.unless),
            blocks=ready(guard.blocks),
            blocks_unless=ready(guard.blocks_unless),
            passes_questions=guard.questions,
            passes_cited=guard.cited,
            is_quotable=guard.quotable,
        )
    except (re.error, KeyError) as error:
        raise ContentError(f"{path.name} guard {guard.id!r} must compile, got {error}; correct it.") from error
