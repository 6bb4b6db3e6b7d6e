"""Find the passages nearest a question: full-text search in memory, ranked by BM25 (SQLite FTS5).

Any text is a safe query: it is read into stems, each looked up on its own and quoted, so that neither operators nor
length reach SQLite.
"""

import sqlite3
import threading
import weakref
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from holdfast.care.conversation.state import Audience
from holdfast.care.education.article import Passage
from holdfast.care.education.asked import Asked, load_asked
from holdfast.care.education.everyday import EverydayWords, load_everyday_words
from holdfast.care.education.particular import Particular, load_particular
from holdfast.care.education.question import Concept, QuestionReader
from holdfast.care.education.synonyms import Synonyms, load_synonyms
from holdfast.language.stem import stem
from holdfast.language.words import STOP_WORDS, content_stems, content_words, words

__all__ = ["FullTextRetriever", "Hit", "Retriever"]

_CREATE = "CREATE VIRTUAL TABLE passage USING fts5(title, heading, body, topic)"
_INSERT = "INSERT INTO passage(rowid, title, heading, body, topic) VALUES (?, ?, ?, ?, ?)"
_SEARCH = "SELECT rowid, -bm25(passage, ?, ?, ?, ?) FROM passage WHERE passage MATCH ?"
_COLUMN_WEIGHTS = (3.0, 3.0, 1.0, 1.0)

_CHARACTERS_COMPARED = 4_000
_RERANKED = 40
_MEANT_SCORE = 0.9
_HEADING_LIKENESS = 5.0
_OWN_AUDIENCE = 1.2
_COVERAGE_SHARE = 0.85

_DOUBT = 0.6
_MEANT_CREDIT = 0.9
_BODY_CREDIT = 0.8
_ARTICLE_CREDIT = 0.5
_ELSEWHERE_WEIGHT = 0.7


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A passage found. ``score``, above 0, ranks the hits of one search: higher is nearer.

    ``coverage``, 0 to 1, is how much of the question the passage bears out: higher is more. It is the share of the
    question's subjects, by weight, that the passage has. A subject counts in full in the title or heading, less in
    the text, and by half where only another passage of the article has it; one that the library lacks altogether
    counts against the passage more than one that other articles have. Short questions are doubted a little.
    """

    passage: Passage
    score: float
    coverage: float


class Retriever(Protocol):
    """Finds passages for a question."""

    def search(self, query: str, *, audience: Audience, limit: int) -> tuple[Hit, ...]:
        """Return at most ``limit`` passages fit for ``audience``, nearest first; none where nothing matches."""
        ...


class FullTextRetriever:
    """Searches an in-memory SQLite FTS5 index of stems; safe to share between threads.

    In a message of several sentences those that ask are searched for, and so is the whole; the search that the library
    bears out best counts, since what people say of themselves first is not what they ask.

    The public and caregivers never meet passages written for helpers alone. Passages about a particular group or
    condition rank lower where the question does not mention it.

    Args:
        passages: What to search.
        synonyms: What everyday phrases mean; the packaged table where None.
        everyday: Words that weigh little; the packaged list where None.
        particular: Topics about a group or condition, and what mentions it; the packaged list where None.
        asked: Which sentences of a message ask; the packaged patterns where None.
    """

    def __init__(
        self,
        passages: Iterable[Passage],
        *,
        synonyms: Synonyms | None = None,
        everyday: EverydayWords | None = None,
        particular: Particular | None = None,
        asked: Asked | None = None,
    ) -> None:
        self._entries = tuple(map(_Entry.of, passages))
        self._of_article = _stems_by_article(self._entries)
        self._known = frozenset().union(*self._of_article.values())
        synonyms = synonyms or load_synonyms()
        self._reader = QuestionReader(
            known=self._known,
            counts=_spellings(self._entries, synonyms),
            synonyms=synonyms,
            everyday=everyday or load_everyday_words().value,
        )
        self._particular = particular or load_particular().value
        self._asked = asked or load_asked().value
        self._lock = threading.Lock()
        self._scores: dict[str, Mapping[int, float]] = {}
        self._database = _index(self._entries)
        weakref.finalize(self, self._database.close)

    def search(self, query: str, *, audience: Audience, limit: int) -> tuple[Hit, ...]:
        """Return at most ``limit`` passages, nearest first; none where no subject of ``query`` is known."""
        parts = self._asked.parts(query, names_subject=self._names_subject)
        return max((self._nearest(part, audience, limit) for part in parts), key=_borne_out)

    def _names_subject(self, sentence: str) -> bool:
        """Whether ``sentence`` has a subject that the library knows, in more than an everyday word."""
        read = self._reader.read(sentence)
        return any(concept.weight >= 1 and not concept.stems.isdisjoint(self._known) for concept in read)

    def _nearest(self, query: str, audience: Audience, limit: int) -> tuple[Hit, ...]:
        concepts = self._reader.read(query)
        said = [stem(word) for word in words(query, limit=_CHARACTERS_COMPARED)]
        meant = {word for concept in concepts for word in concept.stems}
        lowered = self._particular.unmentioned(said, meant, audience=audience)
        found = {row: score for row, score in self._match(concepts).items() if self._entries[row].is_for(audience)}
        likely = sorted(found, key=lambda row: -found[row])[:_RERANKED]
        hits = [self._lowered(self._hit(row, found[row], concepts, set(said), audience), lowered) for row in likely]
        return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.passage.citation))[:limit])

    def _match(self, concepts: Sequence[Concept]) -> dict[int, float]:
        """Sum over the concepts, by weight, the BM25 of each one's best stem, by row."""
        total: defaultdict[int, float] = defaultdict(float)
        for concept in concepts:
            best: dict[int, float] = {}
            for word in concept.stems:
                factor = 1.0 if word in concept.said else _MEANT_SCORE
                for row, score in self._bm25(word).items():
                    best[row] = max(best.get(row, 0.0), score * factor)
            for row, score in best.items():
                total[row] += score * concept.weight
        return total

    def _bm25(self, word: str) -> Mapping[int, float]:
        """Return the weighted BM25 of a stem by row. Each known stem is looked up once and remembered."""
        if word not in self._known:
            return {}
        with self._lock:
            if word not in self._scores:
                rows = self._database.execute(_SEARCH, (*_COLUMN_WEIGHTS, f'"{word}"'))
                self._scores[word] = dict(rows.fetchall())
            return self._scores[word]

    def _hit(self, row: int, bm25: float, concepts: Sequence[Concept], asked: set[str], audience: Audience) -> Hit:
        entry = self._entries[row]
        coverage = self._coverage(entry, concepts)
        likeness = _dice(asked, entry.heading_words) + _dice(asked, entry.title_words)
        bonus = _OWN_AUDIENCE if audience in entry.passage.front.audience else 1.0
        score = (bm25 + _HEADING_LIKENESS * likeness) * bonus * (1 - _COVERAGE_SHARE + _COVERAGE_SHARE * coverage)
        return Hit(passage=entry.passage, score=score, coverage=coverage)

    def _lowered(self, hit: Hit, topics: Collection[str]) -> Hit:
        """Return ``hit``, ranked lower where its article is on one of ``topics``."""
        return replace(hit, score=hit.score * self._particular.weight) if hit.passage.front.topic in topics else hit

    def _coverage(self, entry: "_Entry", concepts: Sequence[Concept]) -> float:
        borne_out = total = 0.0
        for concept in concepts:
            credit, weight = self._credit(entry, concept)
            borne_out += credit * weight * concept.certainty
            total += weight
        return borne_out / (total + _DOUBT)

    def _credit(self, entry: "_Entry", concept: Concept) -> tuple[float, float]:
        """Return how far ``entry`` bears out ``concept``, 0 to 1, and what the concept weighs against it."""
        stems = concept.stems
        if not stems.isdisjoint(entry.stems):
            place = 1.0 if not stems.isdisjoint(entry.prominent) else _BODY_CREDIT
            return place * (_MEANT_CREDIT if concept.said.isdisjoint(entry.stems) else 1.0), concept.weight
        if not stems.isdisjoint(self._of_article[entry.passage.article]):
            return _ARTICLE_CREDIT, concept.weight * _ELSEWHERE_WEIGHT
        return 0.0, concept.weight * (1.0 if stems.isdisjoint(self._known) else _ELSEWHERE_WEIGHT)


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A passage as the index holds it: its columns as stems, those that stand out, and its headings' every word."""

    passage: Passage
    columns: tuple[tuple[str, ...], ...]
    stems: frozenset[str]
    prominent: frozenset[str]
    heading_words: frozenset[str]
    title_words: frozenset[str]

    @classmethod
    def of(cls, passage: Passage) -> "_Entry":
        texts = (passage.title, passage.heading, passage.text, passage.front.topic)
        title, heading, body, topic = (tuple(content_stems(text)) for text in texts)
        return cls(
            passage=passage,
            columns=(title, heading, body, topic),
            stems=frozenset((*title, *heading, *body, *topic)),
            prominent=frozenset((*title, *heading, *topic)),
            heading_words=frozenset(map(stem, words(passage.heading))),
            title_words=frozenset(map(stem, words(passage.title))),
        )

    def is_for(self, audience: Audience) -> bool:
        return audience is Audience.HELPER or set(self.passage.front.audience) != {Audience.HELPER}


def _borne_out(hits: Sequence[Hit]) -> list[float]:
    """Return how much of what was searched for the first hit bears out, to compare; no hit is less than any."""
    return [hit.coverage for hit in hits[:1]]


def _index(entries: Sequence[_Entry]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute(_CREATE)
    rows = ((row, *map(" ".join, entry.columns)) for row, entry in enumerate(entries))
    database.executemany(_INSERT, rows)
    return database


def _stems_by_article(entries: Iterable[_Entry]) -> dict[str, frozenset[str]]:
    grouped: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        grouped[entry.passage.article] |= entry.stems
    return {article: frozenset(stems) for article, stems in grouped.items()}


def _spellings(entries: Iterable[_Entry], synonyms: Synonyms) -> Counter[str]:
    """Count the words that a misspelling may be mended to."""
    counts: Counter[str] = Counter()
    for entry in entries:
        counts.update(content_words(f"{entry.passage.title}\n{entry.passage.heading}\n{entry.passage.text}"))
    counts.update(synonyms.vocabulary - STOP_WORDS)
    return counts


def _dice(first: set[str], second: frozenset[str]) -> float:
    """Return the overlap of two sets, 0 to 1 (Dice 1945); two empty sets do not overlap."""
    return 2 * len(first & second) / (len(first) + len(second)) if first or second else 0.0
