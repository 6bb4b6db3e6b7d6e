"""Read the utterance files: a folder for each language, a file for each topic, families of things said one way."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from holdfast.content import ContentModel, load_yaml
from holdfast.errors import ContentError
from holdfast.safety.detection.verdict import Category, Level, Subject, Tense
from holdfast.safety.utterances.utterance import Form, Language, Split, Utterance
from holdfast.turn import Role, Turn

__all__ = ["UtteranceSet", "load_utterances"]

_FOLDER = Path(__file__).parent


class _TurnText(ContentModel):
    role: Role
    text: str


class _Family(ContentModel):
    family: str
    split: Split
    level: Literal["none", "notice", "concern", "crisis"]
    categories: tuple[Category, ...]
    form: Form
    subject: Subject
    tense: Tense
    identity: tuple[str, ...] = ()
    utterances: tuple[str, ...] = ()
    windows: tuple[tuple[_TurnText, ...], ...] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if bool(self.utterances) == bool(self.windows):
            raise ValueError("a family must hold utterances or windows, one of the two")
        if (self.level == "none") != (not self.categories):
            raise ValueError("a family must name a category exactly where its level is not none")
        if any(window[-1].role is not Role.PERSON for window in self.windows):
            raise ValueError("a window must end with the person's turn")
        return self

    def conversations(self) -> Iterator[tuple[Turn, ...]]:
        yield from ((Turn(Role.PERSON, text),) for text in self.utterances)
        yield from (tuple(Turn(turn.role, turn.text) for turn in window) for window in self.windows)


class _UtteranceFile(ContentModel):
    id: str
    version: int = Field(ge=1)
    language: Language
    author_role: str
    notes: str
    families: tuple[_Family, ...]


@dataclass(frozen=True, kw_only=True)
class UtteranceSet:
    """Every utterance, and the SHA-256 over the files they came from."""

    utterances: tuple[Utterance, ...]
    sha256: str

    def of(self, *splits: Split) -> tuple[Utterance, ...]:
        """Return the utterances of ``splits``, in order."""
        return tuple(utterance for utterance in self.utterances if utterance.split in splits)


def load_utterances(folder: Path = _FOLDER) -> UtteranceSet:
    """Read every utterance file below ``folder``, in the order of their paths.

    Raises:
        ContentError: A file is malformed, a family occurs twice, or there are none.
    """
    utterances: list[Utterance] = []
    families: Counter[str] = Counter()
    seal = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        loaded = load_yaml(path, _UtteranceFile)
        seal.update(loaded.sha256.encode())
        for family in loaded.value.families:
            families[family.family] += 1
            utterances += _of(family, loaded.value.language)
    _check(families, folder)
    return UtteranceSet(utterances=tuple(utterances), sha256=seal.hexdigest())


def _of(family: _Family, language: Language) -> Iterator[Utterance]:
    for number, turns in enumerate(family.conversations(), start=1):
        yield Utterance(
            id=f"{family.family}-{number:02}",
            family=family.family,
            split=family.split,
            turns=turns,
            level=Level[family.level.upper()],
            categories=family.categories,
            form=family.form,
            subject=family.subject,
            tense=family.tense,
            language=language,
            identity=family.identity,
        )


def _check(families: Counter[str], folder: Path) -> None:
    if not families:
        raise ContentError(f"{folder.name} must hold utterance files, got none; restore them.")
    twice: Sequence[str] = sorted(family for family, count in families.items() if count > 1)
    if twice:
        raise ContentError(f"Family must be named once in the whole set, got {twice[0]!r} twice; rename one.")
