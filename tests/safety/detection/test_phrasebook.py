"""The phrasebooks: plain danger in languages other than English, and what takes it out again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.errors import ContentError
from holdfast.safety.detection.phrasebook import Phrasebook, load_phrasebook
from holdfast.safety.detection.plain_words import PlainReader
from holdfast.safety.detection.rulebook import load_rulebook
from holdfast.safety.detection.verdict import Level, Subject, Tense

FILE = """
id: phrases-xx
version: 1
language: xx
notes: Made up for the tests.
letters: {殺: 杀}
lists:
  want: [quiero, quisiera]
context:
  idiom: |
    morirme de risa
  past: |
    hace años
  topic: |
    (película|novela)
  firm: |
    no puedo más
  told: |
    me (dijo|escribió)
  denial: no nunca 不
  me: yo mi me 我
  others: hermano él 他
signs:
- id: xx/desire
  category: suicide
  level: crisis
  theme: desire
  patterns: |
    # comments and blank lines are left out
    <want> morirme

    想杀死
- id: xx/no-life
  category: suicide
  level: concern
  theme: life
  deniable: false
  patterns: |
    no <want> *2 vivir
- id: xx/cut
  category: self_harm
  level: concern
  theme: cut
  subject: speaker
  patterns: |
    me corto
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "xx.yaml").write_text(FILE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def book(folder: Path) -> Phrasebook:
    return load_phrasebook(folder)


def levels(book: Phrasebook, text: str) -> list[Level]:
    return [finding.level for finding in book.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "quiero morirme",
        "QUIÉRO, vale. Quiero morirme!",
        "quisieeeera morirme",
        "...ahora\nquiero\tmorirme",
        "我想殺死自己",
    ],
)
def test_a_phrase_is_found_whatever_its_case_accents_stops_and_letters(book: Phrasebook, text: str) -> None:
    assert Level.CRISIS in levels(book, text)


def test_what_is_found_points_to_the_original_text(book: Phrasebook) -> None:
    text = "Ay… ¡quisiéra  MORIRME! ya"
    (finding,) = book.find(text)
    assert text[finding.start : finding.end] == "quisiéra  MORIRME"


@pytest.mark.parametrize("text", ["", "  ", "morirme quiero", "quiero. morirme", "quiero ir, morirme de risa", "👍"])
def test_nothing_is_found_where_the_phrase_is_not_said(book: Phrasebook, text: str) -> None:
    assert levels(book, text) == []


def test_a_manner_of_speaking_means_nothing_but_only_where_it_stands(book: Phrasebook) -> None:
    assert levels(book, "quiero morirme de risa") == []
    assert levels(book, "quiero morirme de risa. y quiero morirme") == [Level.CRISIS]


def test_a_denial_shortly_before_takes_the_danger_out(book: Phrasebook) -> None:
    assert levels(book, "no quiero morirme") == [Level.NOTICE]
    assert levels(book, "我 不想杀死") == [Level.NOTICE]
    assert levels(book, "mi hermano no quiere, nunca quisiera morirme") == []


def test_a_denial_in_another_breath_or_a_double_one_does_not(book: Phrasebook) -> None:
    assert levels(book, "no, quiero morirme") == [Level.CRISIS]
    assert levels(book, "no es que no quiero morirme") == [Level.CRISIS]


def test_a_language_says_how_far_from_what_they_deny_its_denials_stand(folder: Path) -> None:
    text = FILE.replace("  denial: no nunca 不", "  denial: no nunca 不\n  denial_reach: 1\n  denial_after: 1")
    (folder / "xx.yaml").write_text(text, encoding="utf-8")
    book = load_phrasebook(folder)
    assert levels(book, "quiero morirme no") == [Level.NOTICE]
    assert levels(book, "quiero morirme, no") == [Level.CRISIS]
    assert levels(book, "quiero morirme ya no") == [Level.CRISIS]
    assert levels(book, "no quiero morirme") == [Level.NOTICE]
    assert levels(book, "no ya quiero morirme") == [Level.CRISIS]


def test_a_phrase_whose_no_is_its_own_is_not_denied_by_it(book: Phrasebook) -> None:
    assert levels(book, "ya no quiero de veras vivir") == [Level.CONCERN]


def test_long_ago_is_past_and_worth_a_line(book: Phrasebook) -> None:
    (finding,) = book.find("hace años quisiera morirme")
    assert (finding.level, finding.tense) == (Level.NOTICE, Tense.PAST)


def test_what_a_story_tells_counts_only_where_the_writer_speaks_of_themselves(book: Phrasebook) -> None:
    assert levels(book, "en la película dice quiero morirme") == []
    assert levels(book, "vi la película y yo quiero morirme") == [Level.CRISIS]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("quiero morirme", Subject.SELF),
        ("yo quiero morirme", Subject.SELF),
        ("mi hermano dice quiero morirme", Subject.OTHER),
        ("他想杀死", Subject.OTHER),
    ],
)
def test_whoever_is_named_last_before_a_phrase_is_at_risk_else_the_writer(
    book: Phrasebook, text: str, subject: Subject
) -> None:
    assert [finding.subject for finding in book.find(text)] == [subject]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("mi hermano no sabe que me corto", Subject.SELF),
        ('mi hermano puso "me corto mucho"', Subject.OTHER),
        ("él me escribió, me corto", Subject.OTHER),
        ('escribí "hola" y me corto', Subject.SELF),
    ],
)
def test_the_first_person_is_the_writer_unless_quoted(book: Phrasebook, text: str, subject: Subject) -> None:
    assert [finding.subject for finding in book.find(text)] == [subject]


def test_a_no_of_its_own_denies_nothing_after_it(book: Phrasebook) -> None:
    assert levels(book, "no puedo más quiero morirme") == [Level.CRISIS]
    assert levels(book, "no digas que quiero morirme") == [Level.NOTICE]


def test_two_signs_with_one_id_are_refused(folder: Path) -> None:
    (folder / "yy.yaml").write_text(FILE, encoding="utf-8")
    with pytest.raises(ContentError, match="Sign ids must differ, got 'xx/desire' twice; rename one"):
        load_phrasebook(folder)


def test_a_template_that_does_not_parse_is_refused(folder: Path) -> None:
    (folder / "xx.yaml").write_text(FILE.replace("no <want> *2 vivir", "no (want vivir"), encoding="utf-8")
    with pytest.raises(ContentError, match="Template must balance its brackets"):
        load_phrasebook(folder).ready()


def test_every_template_in_the_package_parses() -> None:
    load_rulebook().phrasebook.ready()


def test_a_book_is_used_only_where_a_word_or_script_of_its_language_is_met(folder: Path) -> None:
    (folder / "yy.yaml").write_text(
        FILE.replace("phrases-xx", "phrases-yy").replace("xx/", "yy/").replace("quisiera]", "want]"), encoding="utf-8"
    )
    book = load_phrasebook(folder, elsewhere={"want", "no"})
    assert list(book.find("I want morirm, no 1 vivi")) == []
    assert {finding.rule for finding in book.find("want morirme")} == {"yy/desire"}
    assert {finding.rule for finding in book.find("我想殺死自己")} == {"xx/desire", "yy/desire"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("J'ai très-très mal", ["j", "ai", "tres", "tres", "mal"]),
        ("ich heiße Öko", ["ich", "heisse", "oko"]),
        ("أنا مُتعَبـــة", ["انا", "متعبه"]),
        ("मैं ज़िंदा हूँ।", ["मैं", "जिंदा", "हूं", "."]),
        ("我不想活了！", ["我", "不", "想", "活", "了", "."]),
        ("qué? ja_ja", ["que", "?", "jaja"]),
        ("qu13r0 m0r1r, 2 h 30min 4 covid19", ["quiero", "morir", ",", "2", "h", "30min", "4", "covidi9"]),
    ],
)
def test_words_of_every_script_are_folded(text: str, words: list[str]) -> None:
    assert [word.text for word in PlainReader({}).words(text)] == words


def test_the_phrasebooks_in_the_package_are_found_by_the_default_detector(
    detect: Callable[..., object],
) -> None:
    found = detect("ya no quiero vivir")
    assert any(piece.rule.startswith("es/") for piece in found.evidence)  # type: ignore[attr-defined]


FORMS = """
id: phrases-yy
version: 1
language: yy
notes: Made up for the tests.
prefixes: [و]
context:
  others: 妈 儿子 صاحبي
signs:
- id: yy/desire
  category: suicide
  level: crisis
  theme: desire
  patterns: |
    عايز اموت
    想死
"""


@pytest.mark.parametrize("text", ["تعبت وعايز اموت", "عاايز أموتت", "عايز اموت"])
def test_a_word_is_known_with_and_written_onto_it_and_with_a_letter_doubled(tmp_path: Path, text: str) -> None:
    (tmp_path / "yy.yaml").write_text(FORMS, encoding="utf-8")
    assert levels(load_phrasebook(tmp_path), text) == [Level.CRISIS]


@pytest.mark.parametrize(("text", "subject"), [("儿子想死", Subject.OTHER), ("日子想死", Subject.SELF)])
def test_somebody_may_be_named_by_two_words(tmp_path: Path, text: str, subject: Subject) -> None:
    (tmp_path / "yy.yaml").write_text(FORMS, encoding="utf-8")
    assert [finding.subject for finding in load_phrasebook(tmp_path).find(text)] == [subject]
