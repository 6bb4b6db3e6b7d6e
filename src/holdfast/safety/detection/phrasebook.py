"""The phrasebooks: how danger is commonly put in languages other than English, one file a language (``phrases/``).

Much simpler than the English rules: plain phrases, with manners of speaking, denials, what is long past, and talk of
films or news taken out. They catch the plain cases; the learned layer is there for the rest.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from holdfast.content import ContentModel, Loaded, load_yaml
from holdfast.errors import ContentError
from holdfast.safety.detection.finding import Finding
from holdfast.safety.detection.known_forms import KnownForms
from holdfast.safety.detection.letters import LetterMemo, script_of
from holdfast.safety.detection.matching import Match, Sentence, TemplateIndex, sentences
from holdfast.safety.detection.plain_words import PlainReader
from holdfast.safety.detection.rule_text import template_lines
from holdfast.safety.detection.template import Template, TemplateParser
from holdfast.safety.detection.verdict import Category, Level, Subject, Tense
from holdfast.safety.detection.word import QUOTE, Word

__all__ = ["PhraseFile", "Phrasebook", "Sign", "load_phrasebook"]

_HAN = re.compile("([\u3400-\u4dbf\u4e00-\u9fff])")
_ASCII_WORD = re.compile("[a-z0-9]+")
_LIST_NAME = re.compile("<[a-z_]+>")
_TEMPLATE_WORD = re.compile(r"[^\s()\[\]|<>*~&!^$,\"?\d]+")
_LATIN = "LATIN"
_FEWEST_LETTERS = 3
"""Letters of a plain word that tells of a language: shorter ones are pieces of English too."""

_SUBJECT_REACH = 8
_TOLD_REACH = 4
_AROUND = ("idiom", "past", "topic", "firm", "told")


class Sign(ContentModel):
    """Phrases that say one thing.

    ``subject`` says who is at risk: ``self`` or ``other`` where the phrase itself tells; ``nearest``, whoever is named
    last before it, and the person writing if nobody is; ``speaker``, for phrases in the first person, the person
    writing, but whoever is quoted where it stands in quotation marks or right after "she told me". ``theme`` groups
    signs: several themes together weigh more. ``alone`` false keeps a sign from counting by itself. ``deniable``
    false for phrases whose "no" is part of them.
    """

    id: str
    category: Category
    level: Literal["notice", "concern", "crisis"]
    theme: str
    subject: Literal["self", "other", "nearest", "speaker"] = "nearest"
    alone: bool = True
    deniable: bool = True
    patterns: tuple[str, ...]

    @field_validator("patterns", mode="before")
    @classmethod
    def _lines(cls, value: object) -> object:
        return template_lines(value) if isinstance(value, str) else value

    @property
    def grade(self) -> Level:
        """The level of a plain match."""
        return Level[self.level.upper()]


class Context(ContentModel):
    """Words around a sign that change what it means; lists of templates, or of plain words where it says *words*.

    ``idiom``: a sign that shares a word with one of these means nothing. ``past``: anywhere in the sentence, it is
    long over. ``topic``: the sentence is about a film, the news, a class; only what the writer says of themselves
    counts there. ``denial`` words stand up to ``denial_reach`` words before what they deny, up to ``denial_after``
    words after it (Hindi), or inside it; not those inside a ``firm`` template ("I cannot any more"), which deny
    nothing further on. ``told``: somebody said what comes next
    ("she told me"). ``me`` and ``others`` are words for the writer and for somebody else.
    """

    idiom: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    firm: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    denial: frozenset[str] = frozenset()
    denial_reach: int = Field(default=4, ge=0)
    denial_after: int = Field(default=0, ge=0)
    me: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()

    @field_validator("idiom", "past", "topic", "firm", "told", mode="before")
    @classmethod
    def _lines(cls, value: object) -> object:
        return template_lines(value) if isinstance(value, str) else value

    @field_validator("denial", "me", "others", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return value.split() if isinstance(value, str) else value


class PhraseFile(ContentModel):
    """Content of a language's file. ``letters`` says which letters count as which, traditional as simplified ones.

    ``prefixes`` are letters written onto the next word, such as "and" in Arabic.
    """

    id: str
    version: int = Field(ge=1)
    language: str
    notes: str
    letters: dict[str, str] = Field(default_factory=dict)
    prefixes: tuple[str, ...] = ()
    lists: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    context: Context
    signs: tuple[Sign, ...]


@dataclass(frozen=True)
class _Phrase:
    """One phrase of a sign, with the words it is made of and the words around it that matter in its language."""

    sign: Sign
    words: frozenset[str]
    language: str
    context: Context


_Around = Match[tuple[str, str]]


class _LanguageBook:
    """One language's phrasebook, parsed when the language is first met."""

    def __init__(self, file: PhraseFile, reader: PlainReader, elsewhere: Collection[str]) -> None:
        self._file, self._reader = file, reader
        written = _LIST_NAME.sub(" ", " ".join(chain(*(sign.patterns for sign in file.signs), *file.lists.values())))
        words = {_HAN.sub(r" \1 ", reader.fold(word)) for word in set(_TEMPLATE_WORD.findall(written))}
        parts = {part for word in words for part in word.split()}
        told = (part for part in parts if len(part) >= _FEWEST_LETTERS or not part.isascii())
        self.words = frozenset(told) - frozenset(elsewhere)
        self.scripts = frozenset(map(script_of, {word[0] for word in self.words})) - {_LATIN}

    @cached_property
    def _parsed(self) -> "_Parsed":
        compiler = _Compiler(self._file, self._reader)
        phrases, around = list(compiler.phrases()), list(compiler.around())
        words = {word for template, _ in (*phrases, *around) for word in template.words}
        words.update(compiler.context.denial, compiler.context.me, compiler.context.others)
        forms = KnownForms.of_words(words, self._file.prefixes)
        return _Parsed(TemplateIndex(phrases), TemplateIndex(around), forms)

    def ready(self) -> None:
        """Parse and compile every template now."""
        for index in (self._parsed.phrases, self._parsed.around):
            index.ready()

    def find(self, message: Iterable[Sentence]) -> Iterator[Finding]:
        parsed = self._parsed
        for written in message:
            sentence = written if written.text.isascii() else written.with_words(parsed.forms.read(written.words))
            matches = list(parsed.phrases.find(sentence))
            if matches:
                around = list(parsed.around.find(sentence))
                yield from (found for match in matches if (found := _graded(match, sentence, around)) is not None)


@dataclass(frozen=True)
class _Parsed:
    phrases: TemplateIndex[_Phrase]
    around: TemplateIndex[tuple[str, str]]
    forms: KnownForms


class Phrasebook:
    """The phrasebooks of all languages. One is used where a message has a word or a script of its language.

    Args:
        files: The content.
        elsewhere: Words that tell of no language, being English too.
    """

    def __init__(self, files: Sequence[Loaded[PhraseFile]], elsewhere: Collection[str]) -> None:
        self._reader = PlainReader({one: as_other for file in files for one, as_other in file.value.letters.items()})
        self._scripts = LetterMemo(script_of)
        self._books = [_LanguageBook(file.value, self._reader, elsewhere) for file in files]
        self._by_word: dict[str, set[int]] = {}
        self._by_script: dict[str, set[int]] = {}
        for number, book in enumerate(self._books):
            for word in book.words:
                self._by_word.setdefault(word, set()).add(number)
            for script in book.scripts:
                self._by_script.setdefault(script, set()).add(number)
        self.artefacts = {f"detection/phrases/{file.path.name}": file.sha256 for file in files}

    def ready(self) -> None:
        """Parse and compile every phrasebook now, not when its language is first met.

        Raises:
            ContentError: A template does not parse.
        """
        for book in self._books:
            book.ready()

    def find(self, text: str) -> Iterator[Finding]:
        """Yield what ``text`` shows, by language, in order of its sentences; nothing for blank text."""
        if text.isascii() and not self._may_speak(text):
            return
        words = self._reader.words(text)
        spoken = self._spoken_in(words)
        message = list(sentences(words)) if spoken else []
        for number in sorted(spoken):
            yield from self._books[number].find(message)

    def _may_speak(self, text: str) -> bool:
        """Return whether plain ``text`` has a word of any language, or one disguised; sooner than reading it whole."""
        words = (word for word in _ASCII_WORD.findall(text.lower()) if not word.isdigit())
        return any(word in self._by_word or not word.isalpha() for word in words)

    def _spoken_in(self, words: Sequence[Word]) -> set[int]:
        present = {word.text for word in words}
        scripts = {self._scripts[text[0]] for text in present if not text.isascii()}
        by_word = (self._by_word.get(text, ()) for text in present)
        return set(chain(*by_word, *(self._by_script.get(script, ()) for script in scripts)))


def _graded(match: Match[_Phrase], sentence: Sentence, around: Sequence[_Around]) -> Finding | None:
    phrase = match.payload
    mine = [other for other in around if other.payload[0] == phrase.language]
    if any(other.payload[1] == "idiom" and match.overlaps(other) for other in mine):
        return None
    named = {other.payload[1] for other in mine}
    subject, is_stated = _subject(match, sentence, mine)
    level = _level(phrase, named, is_own=subject is Subject.SELF and is_stated)
    is_denied = phrase.sign.deniable and _is_denied(match, sentence, mine)
    if is_denied:
        level = min(level, Level.NOTICE if subject is Subject.SELF else Level.NONE)
    if level is Level.NONE:
        return None
    return Finding(
        rule=phrase.sign.id,
        category=phrase.sign.category,
        theme=phrase.sign.theme,
        level=level,
        subject=subject,
        tense=Tense.PAST if "past" in named else Tense.PRESENT,
        start=sentence.words[match.start].start,
        end=sentence.words[match.end - 1].end,
        alone=phrase.sign.alone,
    )


def _level(phrase: _Phrase, named: set[str], *, is_own: bool) -> Level:
    if "topic" in named and not is_own:
        return Level.NONE
    return min(phrase.sign.grade, Level.NOTICE) if "past" in named else phrase.sign.grade


def _subject(match: Match[_Phrase], sentence: Sentence, around: Sequence[_Around]) -> tuple[Subject, bool]:
    """Return who is at risk, and whether the words say so rather than leave it out."""
    sign, tokens = match.payload.sign, sentence.tokens
    if sign.subject in {"self", "other"}:
        return Subject(sign.subject), True
    named = _named(tokens[max(0, match.start - _SUBJECT_REACH) : match.end], match.payload.context)
    if sign.subject == "nearest":
        return named or Subject.SELF, named is not None
    if any(o.payload[1] == "told" and 0 <= match.start - o.end <= _TOLD_REACH for o in around):
        return Subject.OTHER, True
    if tokens[: match.start].count(QUOTE) % 2 == 1:
        quote = match.start - 1 - tokens[: match.start][::-1].index(QUOTE)
        return _named(tokens[max(0, quote - _SUBJECT_REACH) : quote], match.payload.context) or Subject.OTHER, True
    return Subject.SELF, named is Subject.SELF


def _named(tokens: Sequence[str], context: Context) -> Subject | None:
    """Return who is named last among ``tokens``, by one word or two, or None if nobody is."""
    for place in range(len(tokens) - 1, -1, -1):
        names = {tokens[place], " ".join(tokens[max(0, place - 1) : place + 1])}
        if names & context.me:
            return Subject.SELF
        if names & context.others:
            return Subject.OTHER
    return None


def _is_denied(match: Match[_Phrase], sentence: Sentence, around: Sequence[_Around]) -> bool:
    """Return whether an odd number of denials stands within or close to the match, in the same breath."""
    context, tokens = match.payload.context, sentence.tokens
    denial = context.denial
    firm = {place for other in around if other.payload[1] == "firm" for place in range(other.start, other.end)}
    count = sum(token in denial and token not in match.payload.words for token in tokens[match.start : match.end])
    before = range(match.start - 1, max(0, match.start - context.denial_reach) - 1, -1)
    after = range(match.end, min(len(tokens), match.end + context.denial_after))
    for places in (before, after):
        for place in places:
            if not tokens[place][0].isalnum():
                break
            count += tokens[place] in denial and place not in firm
    return count % 2 == 1


def load_phrasebook(folder: Path, *, elsewhere: Collection[str] = ()) -> Phrasebook:
    """Load every phrasebook in ``folder``; each is parsed when its language is first met.

    Args:
        elsewhere: Words that tell of no language, being English too.

    Raises:
        ContentError: A file is missing or malformed, or two signs share an id.
    """
    files = [load_yaml(path, PhraseFile) for path in sorted(folder.glob("*.yaml"))]
    _refuse_twins(files)
    return Phrasebook(files, elsewhere)


def _refuse_twins(files: Iterable[Loaded[PhraseFile]]) -> None:
    seen: set[str] = set()
    for file in files:
        for sign in file.value.signs:
            if sign.id in seen:
                raise ContentError(f"Sign ids must differ, got {sign.id!r} twice; rename one.")
            seen.add(sign.id)


class _Compiler:
    """Compiles one language's file."""

    def __init__(self, file: PhraseFile, reader: PlainReader) -> None:
        self._file, self._reader = file, reader
        lists = {name: [self._plain(entry) for entry in entries] for name, entries in file.lists.items()}
        self._parser = TemplateParser(lists, common=())
        words = {
            name: frozenset(" ".join(self._plain(word).split()) for word in getattr(file.context, name))
            for name in ("denial", "me", "others")
        }
        self.context = file.context.model_copy(update=words)

    def _plain(self, template: str) -> str:
        return _HAN.sub(r" \1 ", self._reader.fold(template))

    def phrases(self) -> Iterator[tuple[Template, _Phrase]]:
        for sign in self._file.signs:
            for pattern in sign.patterns:
                template = self._parser.compile(self._plain(pattern))
                yield template, _Phrase(sign, template.words, self._file.language, self.context)

    def around(self) -> Iterator[tuple[Template, tuple[str, str]]]:
        context = self._file.context
        for name in _AROUND:
            for template in getattr(context, name):
                yield self._parser.compile(self._plain(template)), (self._file.language, name)
