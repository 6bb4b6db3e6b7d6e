"""A question is read into its subjects: filler left out, everyday words translated, misspellings mended."""

from pathlib import Path

import pytest

from holdfast.care.education.everyday import EverydayWords, load_everyday_words
from holdfast.care.education.library import Library
from holdfast.care.education.question import Concept, QuestionReader
from holdfast.care.education.synonyms import SYNONYMS, Synonyms, load_synonyms
from holdfast.content import load_yaml
from holdfast.errors import ContentError
from holdfast.language.stem import stem
from holdfast.language.words import STOP_WORDS, words

EVERYDAY = EverydayWords(id="few", version=1, weight=0.5, words="night money")


@pytest.fixture(scope="module")
def synonyms() -> Synonyms:
    return load_synonyms()


@pytest.fixture(scope="module")
def reader(synonyms: Synonyms) -> QuestionReader:
    known = {stem(word) for word in ("anxiety", "insomnia", "sleep", "therapist", "psychiatrist", "night", "988")}
    return QuestionReader(known=known, counts={"anxiety": 3, "insomnia": 2}, synonyms=synonyms, everyday=EVERYDAY)


def test_filler_has_no_subject(reader: QuestionReader) -> None:
    assert reader.read("What is it that I should do about this, please?") == ()
    assert reader.read("") == ()


def test_an_everyday_phrase_means_the_librarys_word_and_still_counts_as_itself(reader: QuestionReader) -> None:
    (concept,) = reader.read("Why can't I — I can't sleep")
    assert concept.said == {"sleep"}
    assert stem("insomnia") in concept.meant
    (shrink,) = reader.read("a shrink")
    assert {stem("therapist"), stem("psychiatrist")} <= shrink.meant


def test_the_longest_phrase_wins(reader: QuestionReader) -> None:
    assert len(reader.read("panic attacks")) == 1


def test_a_misspelt_word_is_mended_with_less_certainty(reader: QuestionReader) -> None:
    assert reader.read("anxeity") == (Concept(said=frozenset({stem("anxiety")}), weight=1.0, certainty=0.8),)


def test_everyday_words_weigh_less_and_unknown_words_weigh_all(reader: QuestionReader) -> None:
    night, potato = reader.read("potato night")[::-1]
    assert (night.weight, potato.weight) == (0.5, 1.0)


def test_numbers_count_only_where_the_library_has_them(reader: QuestionReader) -> None:
    assert [sorted(c.said) for c in reader.read("988 or 12345 or 7")] == [["988"]]


def test_each_subject_counts_once_and_at_most_forty_are_read(reader: QuestionReader) -> None:
    assert len(reader.read("anxiety " * 50)) == 1
    many = "".join(f"{chr(97 + i // 26)}{chr(97 + i % 26)}zzq " for i in range(300))
    assert len(reader.read(many)) == 40


def test_every_synonym_leads_to_words_that_the_library_has(synonyms: Synonyms, library: Library) -> None:
    known = {stem(word) for passage in library.passages for word in words(f"{passage.title} {passage.text}")}
    lost = {" ".join(phrase): meaning for phrase, meaning in synonyms.meanings.items() if meaning.isdisjoint(known)}
    assert not lost


def test_no_synonym_is_made_of_filler_alone_by_accident(synonyms: Synonyms) -> None:
    stopped = {stem(word) for word in STOP_WORDS}
    single = [phrase[0] for phrase in synonyms.meanings if len(phrase) == 1]
    assert not stopped.intersection(single)


def test_a_phrase_with_two_entries_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.yaml"
    path.write_text(
        "id: s\nversion: 1\nentries: [{say: [shrink], means: [therapist]}, {say: [shrinks], means: [doctor]}]",
        encoding="utf-8",
    )
    with pytest.raises(ContentError, match=r"synonyms\.yaml must give each phrase one entry; 'shrinks'"):
        load_synonyms(path)


def test_the_everyday_words_are_each_listed_once() -> None:
    listed = load_everyday_words().value.words.split()
    assert len(listed) == len(set(listed)) > 400
    assert load_yaml(SYNONYMS.parent / "everyday_words.yaml", EverydayWords).sha256
