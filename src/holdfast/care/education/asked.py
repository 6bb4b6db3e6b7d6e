"""Tell which part of a message asks, so that an introduction does not count as part of the question."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from holdfast.content import ContentModel, Loaded, load_yaml
from holdfast.language.support import split_sentences

__all__ = ["Asked", "load_asked"]

ASKED = Path(__file__).parent / "asked.yaml"

_CHARACTERS_READ = 4_000
_MOST_PARTS = 6

_Patterns = Annotated[tuple[str, ...], Field(min_length=1)]


class Asked(ContentModel):
    """Patterns of sentences that ask, and of those among them that lean on what was said before."""

    id: str
    version: int = Field(ge=1)
    asks: _Patterns
    leans: _Patterns
    stands: _Patterns

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        try:
            _ = self._expressions
        except re.error as error:
            raise ValueError(f"a pattern cannot be read: {error}") from error
        return self

    @cached_property
    def _expressions(self) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
        """What asks, what leans and what stands all the same, each as one pattern."""
        return _joined(self.asks), _joined(self.leans), _joined(self.stands)

    def parts(self, message: str, *, names_subject: Callable[[str], bool]) -> tuple[str, ...]:
        """Return what may be the question of ``message``: at most 6 parts of it, and then all of it.

        Each sentence that asks is a part with the sentence before it and, where it needs no other to be understood,
        one by itself. Where none asks the last one counts as if it did. A message of one sentence is its only part.

        Args:
            message: Any text; its first 4,000 characters are read for sentences.
            names_subject: Whether a sentence says what it is about.
        """
        sentences = [s for line in message[:_CHARACTERS_READ].splitlines() for s in split_sentences(line)]
        if len(sentences) < 2:
            return (message,)
        found = islice(dict.fromkeys(self._asked(sentences, names_subject)), _MOST_PARTS)
        return tuple(dict.fromkeys((*found, message)))

    def _asked(self, sentences: list[str], names_subject: Callable[[str], bool]) -> Iterator[str]:
        last = len(sentences) - 1
        for at in [at for at, sentence in enumerate(sentences) if self._asks(sentence)] or [last]:
            sentence = sentences[at]
            if names_subject(sentence) and not self._leans(sentence):
                yield sentence
            if at:
                yield f"{sentences[at - 1]} {sentence}"

    def _asks(self, sentence: str) -> bool:
        asks, _, _ = self._expressions
        return "?" in sentence[-3:] or asks.search(_straight(sentence)) is not None

    def _leans(self, sentence: str) -> bool:
        _, leans, stands = self._expressions
        return leans.search(_straight(sentence)) is not None and stands.search(_straight(sentence)) is None


def load_asked(path: Path = ASKED) -> Loaded[Asked]:
    """Read the patterns.

    Raises:
        ContentError: The file is malformed or a pattern is not a regular expression.
    """
    return load_yaml(path, Asked)


def _joined(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


def _straight(text: str) -> str:
    return text.replace("\u2019", "'")
