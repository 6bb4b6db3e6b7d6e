"""Find the passages nearest a question: full-text search in memory, ranked by BM25.

Any text is a safe query. It is reduced to stems, each quoted on its own, and only its first 4,000 characters and
40 different subject words are read, so that neither operators nor length can reach SQLite.
"""

import math
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from holdfast.care.conversation.state import Audience
from holdfast.care.education.article import Passage
from holdfast.care.education.spelling import Speller
from holdfast.care.education.synonyms import Synonyms, load_synonyms
from holdfast.language.stem import stem
from holdfast.language.words import STOP_WORDS, content_stems, content_words, words

__all__ = ["Concept", "FullTextRetriever", "Hit", "Retriever"]

_CHARACTERS_READ = 4_000
_CONCEPTS_READ = 40
_CANDIDATES = 40
_WEIGHTS = {"title": 4.0, "heading": 3.0, "body": 1.0, "topic": 2.0}
_MENDED_WEIGHT = 0.8
_OWN_AUDIENCE_BONUS = 1.1


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A passage found. ``score`` is its weighted BM25, above 0, higher is nearer; only ranks within one search.

    ``coverage``, 0 to 1, is the share of the question's subject words that the passage, its heading or its title
    has, each word weighted by its rarity in the library; higher is more. A word unknown to the library weighs most.
    """

    passage: Passage
    score: float
    coverage: float


class Retriever(Protocol):
    """Finds passages for a question."""

    def search(self, query: str, *, audience: Audience, limit: int) -> tuple[Hit, ...]:
        """Return at most ``limit`` passages fit for ``audience``, nearest first; none where nothing matches."""
        ...


@dataclass(frozen=True)
class Concept:
    """One subject of a question: any of ``stems`` in a passage covers it, to the degree ``certainty`` (0 to 1)."""

    stems: frozenset[str]
    certainty: float = 1.0


class FullTextRetriever:
    """Searches an in-memory SQLite FTS5 index of stems; safe to share between threads.

    The public and caregivers never meet passages written for helpers alone.

    Args:
        passages: What to search.
        synonyms: Everyday words; the packaged table where None.
    """

    def __init__(self, passages: Iterable[Passage], *, synonyms: Synonyms | None = None) -> None:
        self._passages = tuple(passages)
        self._synonyms = synonyms or load_synonyms()
        self._stems = [frozenset(content_stems(_everything(passage))) for passage in self._passages]
        self._frequency = Counter(s for stems in self._stems for s in stems)
        self._speller = Speller(_spellable(self._passages, self._synonyms))
        self._lock = threading.Lock()
        self._database = _index(self._passages)

    def search(self, query: str, *, audience: Audience, limit: int) -> tuple[Hit, ...]:
        """Return at most ``limit`` passages, nearest first; none where no subject word of ``query`` is known."""
        concepts = self.concepts(query)
        match = " OR ".join(f'"{s}"' for s in sorted(set().union(*(c.stems for c in concepts))))
        if not match:
            return ()
        hits = [self._hit(row, bm25, concepts, audience) for row, bm25 in self._rows(match, audience)]
        return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.passage.citation))[:limit])

    def concepts(self, query: str) -> tuple[Concept, ...]:
        """Return the subjects of ``query`` in order, each once, synonyms added and misspellings mended."""
        said = words(query, limit=_CHARACTERS_READ)
        stems = [stem(word) for word in said]
        concepts: list[Concept] = []
        position = 0
        while position < len(said) and len(concepts) < _CONCEPTS_READ:
            length, meaning = self._synonyms.match(stems, position)
            covered = range(position, position + max(length, 1))
            subjects = [self._concept(said[i]) for i in covered if said[i] not in STOP_WORDS]
            if length:
                concepts.append(Concept(meaning.union(*(c.stems for c in subjects))))
            concepts.extend(c for c in subjects if not length)
            position = covered.stop
        return tuple(dict.fromkeys(concepts))

    def _concept(self, word: str) -> Concept:
        if stem(word) in self._frequency or (mended := self._speller.correct(word)) is None:
            return Concept(frozenset({stem(word)}))
        _, meaning = self._synonyms.match([stem(mended)], 0)
        return Concept(meaning | {stem(mended)}, _MENDED_WEIGHT)

    def _rows(self, match: str, audience: Audience) -> Sequence[tuple[int, float]]:
        with self._lock:
            return self._database.execute(
                f"SELECT rowid, -bm25(passage, {', '.join(map(str, _WEIGHTS.values()))}, 0) AS score FROM passage "  # noqa: S608 - numbers of ours
                "WHERE passage MATCH ? AND helpers_only <= ? ORDER BY score DESC LIMIT ?",
                (match, int(audience is Audience.HELPER), _CANDIDATES),
            ).fetchall()

    def _hit(self, row: int, bm25: float, concepts: Sequence[Concept], audience: Audience) -> Hit:
        passage, stems = self._passages[row], self._stems[row]
        covered = sum(self._weight(c) * c.certainty for c in concepts if not c.stems.isdisjoint(stems))
        coverage = covered / sum(map(self._weight, concepts))
        bonus = _OWN_AUDIENCE_BONUS if audience in passage.audiences else 1.0
        return Hit(passage=passage, score=bm25 * bonus * (0.5 + 0.5 * coverage), coverage=coverage)

    def _weight(self, concept: Concept) -> float:
        """Inverse document frequency (Robertson and Sparck Jones, smoothed to stay above 0) of the commonest stem."""
        frequency = max(self._frequency[s] for s in concept.stems)
        return math.log(1 + (len(self._passages) - frequency + 0.5) / (frequency + 0.5))


def _everything(passage: Passage) -> str:
    return f"{passage.title}\n{passage.heading}\n{passage.topic}\n{passage.summary}\n{passage.text}"


def _spellable(passages: Iterable[Passage], synonyms: Synonyms) -> Counter[str]:
    counts = Counter(word for passage in passages for word in content_words(_everything(passage)))
    counts.update(synonyms.vocabulary - STOP_WORDS)
    return counts


def _index(passages: Sequence[Passage]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", check_same_thread=False)
    columns = ", ".join(_WEIGHTS)
    database.execute(f"CREATE VIRTUAL TABLE passage USING fts5({columns}, helpers_only UNINDEXED)")
    rows = (
        (row, *(" ".join(content_stems(getattr_(p))) for getattr_ in _COLUMNS), int(p.audiences == {Audience.HELPER}))
        for row, p in enumerate(passages)
    )
    database.executemany(f"INSERT INTO passage(rowid, {columns}, helpers_only) VALUES (?, ?, ?, ?, ?, ?)", rows)  # noqa: S608 - names of ours
    return database


_COLUMNS = (
    lambda passage: f"{passage.title} {passage.summary}",
    lambda passage: passage.heading,
    lambda passage: passage.text,
    lambda passage: passage.topic,
)
