"""Bring what a person wrote into one plain form, keeping where each word came from.

Folds case, width, accents, look-alike letters, zero-width characters, emoji, leetspeak, spaced-out and repeated
letters, short forms and slips; leaves out filler words. Every word keeps its span in the original text.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from holdfast.safety.detection.dialects import Dialects
from holdfast.safety.detection.letters import LetterMemo, folded
from holdfast.safety.detection.spelling import Spelling, SpellingFile
from holdfast.safety.detection.word import COMMA, QUERY, QUOTE, STOP, Word

__all__ = ["Normaliser"]

_TOKEN = re.compile(
    r"""(?P<spaced>(?<![a-z0-9])[a-z](?:[ ._\-][a-z0-9!$]){2,}(?![a-z0-9']))
      | (?P<word>(?:[$@](?=[a-z]))?[a-z0-9]+(?:[*$@!|+']+[a-z0-9]+)*)
      | (?P<stop>(?<!\.)\.(?!\.)|[!?\n\r][!?.\n\r\s]*)
      | (?P<comma>[,;:\[\]/\u2013\u2014\u2026]|\.\.+|\s-+\s|--+)
      | (?P<quote>")""",
    re.VERBOSE,
)
_MARKS = frozenset({STOP, QUERY, COMMA, QUOTE})
_LONGEST_STUTTER = 3
_RUN = re.compile(r"([a-z])\1\1")
_QUOTES = {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'",
           "\u201c": '"', "\u201d": '"', "\u00ab": '"', "\u00bb": '"'}  # fmt: skip


class Normaliser:
    """Turns text into plain words and marks.

    Args:
        file: Letters, pictures, short forms and fillers.
        spelling: Repairs disguised and mistyped words.
        dialects: Puts words of other Englishes into plain ones.
    """

    def __init__(self, file: SpellingFile, spelling: Spelling, dialects: Dialects) -> None:
        self._dialects = dialects
        self._spelling = spelling
        self._known: Mapping[str, tuple[str, ...]] = spelling.known
        self._folds = {**file.letters, **{picture: f" {word} " for picture, word in file.emoji.items()}}
        self._letters = LetterMemo(self._fold_letter)
        self._fillers = frozenset(filler for filler in file.fillers if " " not in filler)
        self._future_verbs = frozenset(file.future_verbs)
        self._pairs = frozenset(tuple(filler.split()) for filler in file.fillers if " " in filler)
        self._after_filler = frozenset(pair[-1] for pair in self._pairs)

    def words(self, text: str, *, keep_fillers: bool = False) -> list[Word]:
        """Return the words and marks of ``text`` in order; none for empty or blank text."""
        plain, origins = folded(text.replace("`", "'"), self._letters)
        found = list(self._tokens(plain))
        if not isinstance(origins, range):
            found = [Word(word.text, origins[word.start], origins[word.end - 1] + 1) for word in found]
        found = self._dialects.standard(found)
        return found if keep_fillers else _without_stutter(self._without_fillers(found))

    def _fold_letter(self, letter: str) -> str:
        for known in (_QUOTES, self._folds):
            if letter in known:
                return known[letter]
        decomposed = unicodedata.normalize("NFKD", letter)
        kept = [part for part in decomposed if unicodedata.category(part) not in {"Mn", "Cf", "Me"}]
        return "".join(self._folds.get(part, part.casefold()) for part in kept)

    def _tokens(self, plain: str) -> Iterator[Word]:
        known = self._known
        has_run = _RUN.search(plain) is not None
        for match in _TOKEN.finditer(plain):
            kind, token = match.lastgroup, match.group()
            start, end = match.span()
            if kind == "word":
                if not has_run and token not in known and token.isalpha():
                    yield Word(token, start, end)
                else:
                    yield from self._word(token, start, end)
            elif kind == "spaced":
                yield from self._spaced(token, start)
            elif kind == "stop":
                yield Word(QUERY if "?" in token else STOP, start, end)
            else:
                yield Word(COMMA if kind == "comma" else QUOTE, start, end)

    def _word(self, token: str, start: int, end: int) -> Iterator[Word]:
        meant = self._known.get(token)
        if meant is None and "'" in token:
            joined = token.replace("'", "")
            meant = self._known.get(joined)
            token = joined if meant is not None else token.removesuffix("'s").replace("'", "")
        if meant is None and not (token.isalpha() and len(token) < 4):
            meant = self._spelling.repair(token)
        if meant is not None:
            yield from (Word(word, start, end) for word in meant)
        elif token.isalnum():
            yield Word(token, start, end)
        else:
            yield from (Word(m.group(), start + m.start(), start + m.end()) for m in re.finditer("[a-z0-9]+", token))

    def _spaced(self, token: str, start: int) -> Iterator[Word]:
        joined = re.sub(r"[ ._\-]", "", token)
        meant = self._known.get(joined) or self._spelling.repair(joined)
        if meant is None and self._spelling.has_word(joined):
            meant = (joined,)
        if meant is not None and len(joined) > 2:
            yield from (Word(word, start, start + len(token)) for word in meant)
            return
        for match in re.finditer("[a-z0-9]+", token):
            yield from self._word(match.group(), start + match.start(), start + match.end())

    def _without_fillers(self, found: list[Word]) -> list[Word]:
        kept: list[Word] = []
        for word in found:
            text = word.text
            if text in self._fillers:
                continue
            if text in self._after_filler and kept and (kept[-1].text, text) in self._pairs:
                kept.pop()
                continue
            if text in self._future_verbs and kept and kept[-1].text == "ill":
                ill = kept.pop()
                kept += [ill._replace(text="i"), ill._replace(text="will")]
            kept.append(word)
        return kept


def _without_stutter(words: list[Word]) -> list[Word]:
    """Leave out what is said twice running ("he is he is coming"), up to three words, as in transcripts of speech."""
    kept: list[Word] = []
    said: list[str] = []
    for word in words:
        is_again = word.text in said[-_LONGEST_STUTTER:]
        kept.append(word)
        said.append(word.text)
        if is_again and (size := _repeated(said)):
            del kept[-size:], said[-size:]
    return kept


def _repeated(said: Sequence[str]) -> int:
    """Return how many words ``said`` ends with that stand there twice running; 0 for none."""
    for size in range(1, _LONGEST_STUTTER + 1):
        tail = said[-size:]
        if tail == said[-2 * size : -size] and not _MARKS.intersection(tail):
            return size
    return 0
