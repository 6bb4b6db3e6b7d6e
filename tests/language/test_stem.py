"""The stemmer is Porter's: SQLite's own implementation is the oracle."""

import re
import sqlite3
from pathlib import Path

import pytest

from holdfast.language.stem import stem

ARTICLES = Path(__file__).parents[2] / "src" / "holdfast" / "care" / "education" / "articles"


def sqlite_stems(words: list[str]) -> list[str]:
    """Stem with SQLite's ``porter`` tokenizer, one word a row."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE text USING fts5(word, tokenize='porter unicode61')")
    database.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(text, 'instance')")
    database.executemany("INSERT INTO text(rowid, word) VALUES (?, ?)", enumerate(words))
    stems = dict(database.execute("SELECT doc, term FROM terms").fetchall())
    database.close()
    return [stems[row] for row in range(len(words))]


def test_every_word_of_the_library_has_the_stem_that_sqlite_gives_it() -> None:
    text = " ".join(path.read_text(encoding="utf-8") for path in ARTICLES.glob("*.md")).lower()
    words = sorted(set(re.findall(r"[a-z]{3,}", text)))
    assert len(words) > 2_000
    assert [stem(word) for word in words] == sqlite_stems(words)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("caresses", "caress"), ("ponies", "poni"), ("agreed", "agre"), ("plastered", "plaster"), ("motoring", "motor"),
        ("conflated", "conflat"), ("hopping", "hop"), ("falling", "fall"), ("filing", "file"), ("happy", "happi"),
        ("relational", "relat"), ("conditional", "condit"), ("vietnamization", "vietnam"), ("triplicate", "triplic"),
        ("hopefulness", "hope"), ("adjustment", "adjust"), ("adoption", "adopt"), ("rate", "rate"),
        ("controll", "control"),
    ],
)  # fmt: skip
def test_the_papers_own_examples_hold(word: str, expected: str) -> None:
    assert stem(word) == expected


@pytest.mark.parametrize("word", ["", "a", "be", "don't", "988", "4am", "депрессия", "naïve"])
def test_short_words_numbers_and_other_scripts_come_back_unchanged(word: str) -> None:
    assert stem(word) == word
