"""Claims about the learned detector, with points placed by hand and with the installed model."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from holdfast.safety.detection.verdict import Category, Detection, Level, Subject, Tense
from holdfast.safety.learned import (
    BENIGN,
    NOTICE,
    Calibration,
    Calibrations,
    Kind,
    LearnedDetector,
    LearnedModel,
    References,
)
from holdfast.safety.learned.calibration import DEFAULT
from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.gravity_head import GravityHead
from holdfast.safety.learned.linear_head import LinearHead
from holdfast.safety.learned.parts import TOGETHER
from holdfast.safety.learned.pieces import Piece, pieces
from holdfast.safety.learned.reading import Reader
from holdfast.safety.learned.tense_head import TenseHead
from holdfast.safety.utterances.collection import UtteranceSet
from holdfast.safety.utterances.utterance import Split
from holdfast.turn import Role, Turn

SUICIDE = Kind.risk(Category.SUICIDE, Subject.SELF)
HARM = Kind.risk(Category.HARM_TO_OTHERS, Subject.OTHER)


class Marks:
    """Places a text by the marks in it: the more ``*`` the nearer to suicide, ``#`` to harm, ``~`` to what is past."""

    id = "marks"
    dimensions = 4

    joins_turns = True

    def cut(self, text: str) -> list[Piece]:
        return pieces(text)

    def reads_all(self, text: str) -> bool:
        return "?" not in text

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.array([self._place(text) for text in texts], dtype=np.float32).reshape(len(texts), 4)

    def encode_with_language(self, texts: Sequence[str]) -> tuple[Vectors, list[str]]:
        return self.encode(texts), ["xx" if "xx" in text else "en" for text in texts]

    @staticmethod
    def _place(text: str) -> list[float]:
        stars, hashes, past = (min(text.count(mark), 4) / 4 for mark in "*#~")
        calm = 1 - max(stars, hashes, past)
        return [stars, hashes, calm, past]


@pytest.fixture(scope="module")
def model() -> LearnedModel:
    """Relative distance is what a text has of the marks, a quarter for each, twice halfway at two."""
    straight = Calibration(slope=1.0, intercept=0.0, ask=0.6, crisis=0.9)
    strict = Calibration(slope=1.0, intercept=0.0, ask=0.2, crisis=0.9)
    return LearnedModel(
        encoder=Marks(),
        references=References((SUICIDE, HARM, BENIGN, NOTICE), np.eye(4, dtype=np.float32), np.arange(4)),
        calibrations=Calibrations({DEFAULT: straight, "xx": strict}),
        sha256="",
    )


@pytest.fixture(scope="module")
def by_marks(model: LearnedModel) -> LearnedDetector:
    return LearnedDetector(model, name="test")


def said(*texts: str) -> list[Turn]:
    """Return a conversation in which the assistant answers each time but the last."""
    turns = [turn for text in texts for turn in (Turn(Role.PERSON, text), Turn(Role.ASSISTANT, "I see *****"))]
    return turns[:-1]


def test_the_level_follows_the_thresholds_and_the_kind_the_nearest_danger(by_marks: LearnedDetector) -> None:
    grave = by_marks.detect(said("so it a **** b"))
    assert (grave.level, grave.categories, grave.subject) == (Level.CRISIS, (Category.SUICIDE,), Subject.SELF)
    assert grave.evidence[0].rule == "test/suicide"
    asked = by_marks.detect(said("so it a ### b"))
    assert (asked.level, asked.categories, asked.subject) == (Level.CONCERN, (Category.HARM_TO_OTHERS,), Subject.OTHER)
    assert (grave.tense, asked.tense) == (Tense.UNKNOWN, Tense.UNKNOWN), "this model was never taught to tell"
    assert by_marks.detect(said("so it a * b")) == Detection(level=Level.NONE)
    assert (grave.is_unsure, asked.is_unsure) == (False, True), "between the thresholds it abstains, and so asks"


@pytest.fixture(scope="module")
def tells_tense(model: LearnedModel) -> LearnedDetector:
    """Tells past by how much more of its mark a text has than of danger's; not where the two weigh alike."""
    toward_past = np.array([[-9, 9], [-9, 9], [0, 0], [9, -9]], dtype=np.float32)
    head = TenseHead(
        weights=toward_past, offsets=np.zeros(2, dtype=np.float32), tenses=(Tense.PAST, Tense.PRESENT), margin=0.9
    )
    return LearnedDetector(replace(model, tense=head), name="test")


def test_the_tense_is_told_where_one_leads_by_the_margin_and_is_unknown_otherwise(tells_tense: LearnedDetector) -> None:
    assert tells_tense.detect(said("so it a **** b")).tense is Tense.PRESENT
    assert tells_tense.detect(said("so it a ****~~~~ b")).tense is Tense.UNKNOWN
    assert tells_tense.detect(said("yes")).tense is Tense.UNKNOWN


def test_the_tense_of_harmless_words_is_told_for_other_layers_and_makes_them_no_sign(
    tells_tense: LearnedDetector,
) -> None:
    assert tells_tense.detect(said("so it a ~~~~ b")) == Detection(level=Level.NONE, tense=Tense.PAST)


def test_the_tense_is_that_of_what_lies_nearest_to_danger(tells_tense: LearnedDetector) -> None:
    assert tells_tense.detect(said("so it a ~~~~ b", "so it a ### b")).tense is Tense.PRESENT


def test_teaching_tense_changes_no_level_no_evidence_and_no_turn_called_harmless(
    by_marks: LearnedDetector, tells_tense: LearnedDetector
) -> None:
    for text in ("so it a **** b", "so it a ### b", "so it a ~~~~ b", "so it a ***~~~ b", "so it is the day"):
        without, with_tense = by_marks.detect(said(text)), tells_tense.detect(said(text))
        assert replace(with_tense, tense=Tense.UNKNOWN) == without


def test_what_lies_nearest_to_the_past_is_no_risk(by_marks: LearnedDetector) -> None:
    assert by_marks.detect(said("so it a ~~~~ b")) == Detection(level=Level.NONE)


def test_a_language_with_its_own_calibration_is_judged_by_it(by_marks: LearnedDetector) -> None:
    assert by_marks.detect(said("so it a ** b")).level is Level.NONE
    assert by_marks.detect(said("xx so it ** b")).level is Level.CONCERN


def test_a_turn_is_clearly_harmless_where_every_piece_of_it_is_and_all_of_it_was_read(model: LearnedModel) -> None:
    calm = Calibration(slope=1.0, intercept=0.0, calm=0.3, ask=0.6, crisis=0.9)
    judge = LearnedDetector(replace(model, calibrations=Calibrations({DEFAULT: calm})))
    turns = said(
        "so it a * b", "so it a ** b", "So it is a day. And a ** b here", "yes", "so it is the ?", "so it is the day"
    )
    assert judge.detect(turns).harmless == (0, 10)
    assert LearnedDetector(model).detect(turns).harmless == ()


def test_a_huge_message_of_which_only_the_ends_are_read_is_not_clearly_harmless(model: LearnedModel) -> None:
    calm = Calibration(slope=1.0, intercept=0.0, calm=0.3, ask=0.6, crisis=0.9)
    judge = LearnedDetector(replace(model, calibrations=Calibrations({DEFAULT: calm})))
    assert judge.detect(said("It is a day. " * 9)).harmless == (0,)
    assert judge.detect(said("It is a day. " * 999)).harmless == ()


def test_more_evidence_than_is_reported_is_more_than_words(by_marks: LearnedDetector) -> None:
    few, many = (by_marks.detect(said("so it a ### b. " * count)) for count in (2, 40))
    assert all(piece.by_words for piece in few.evidence)
    assert not any(piece.by_words for piece in many.evidence)


def test_turns_that_are_grave_only_together_are_a_concern_with_lesser_evidence(by_marks: LearnedDetector) -> None:
    turns = said("so it a ** b", "so what", "and so c ** d")
    assert [by_marks.detect([turn]).level for turn in turns if turn.role is Role.PERSON] == [Level.NONE] * 3
    found = by_marks.detect(turns)
    assert found.level > Level.NOTICE
    assert {piece.level for piece in found.evidence} == {Level.NOTICE}
    assert {piece.rule for piece in found.evidence} == {"test/together"}
    assert {piece.turn for piece in found.evidence} == {0, 4}


def test_the_same_turns_are_a_concern_where_together_they_reach_no_crisis(by_marks: LearnedDetector) -> None:
    found = by_marks.detect(said("so it a * b", "and so c ** d"))
    assert found.level is Level.CONCERN
    assert {(piece.turn, piece.level) for piece in found.evidence} == {(2, Level.NOTICE)}


def test_small_talk_afterwards_is_neither_news_nor_evidence(by_marks: LearnedDetector) -> None:
    assert by_marks.detect(said("so it a ** b", "and so c ** d", "nice weather")) == Detection(level=Level.NONE)
    found = by_marks.detect(said("so it a ** b", "nice weather", "tea?", "and so c ** d"))
    assert found.level > Level.NOTICE
    assert {piece.turn for piece in found.evidence} == {0, 6}


def test_turns_further_back_than_the_last_few_are_not_read_together(by_marks: LearnedDetector) -> None:
    turns = said("so it a ** b", *["nice weather"] * (TOGETHER - 1), "and so c ** d")
    assert by_marks.detect(turns).level is Level.NONE


def test_a_grave_sentence_is_found_among_calm_ones_and_is_where_evidence_says(by_marks: LearnedDetector) -> None:
    text = "Nice weather. Now it a **** b. Tea was good."
    found = by_marks.detect(said(text))
    places = [text[piece.start : piece.end] for piece in found.evidence]
    assert found.level is Level.CRISIS
    assert "Now it a **** b." in places
    assert all("****" in place for place in places)


def test_the_worst_of_a_conversation_is_its_greatest_relative_distance(model: LearnedModel) -> None:
    reader = Reader(encoder=model.encoder, references=model.references)
    found = reader.worst([said("so it a ** b", "xx so it *** c"), said(" ", ""), []])
    assert found[0] == (pytest.approx(1.0), "xx")
    assert found[1:] == [(0.0, ""), (0.0, "")]


BLANK = ("", " ", "\n\n", "\t", "\u00a0")


@pytest.mark.parametrize("text", [*BLANK, "...", "\u200b", "!?"])
def test_blank_text_is_no_risk(detector: LearnedDetector, text: str) -> None:
    assert detector.detect([Turn(Role.PERSON, text)]).level is Level.NONE


def test_no_turns_and_turns_of_the_assistant_alone_are_no_risk(detector: LearnedDetector) -> None:
    assert detector.detect([]) == Detection(level=Level.NONE)
    assert detector.detect([Turn(Role.ASSISTANT, "I want to die")]) == Detection(level=Level.NONE)
    assert detector.detect_many([]) == []


def test_detecting_many_is_detecting_one_by_one(detector: LearnedDetector, utterances: UtteranceSet) -> None:
    test = utterances.of(Split.TEST)
    windows = [one.turns for one in test if one.is_window][:40]
    conversations = [*windows, *(one.turns for one in test[:: len(test) // (300 - len(windows))])][:300]
    assert len(conversations) == 300
    many = detector.detect_many(conversations)
    assert many == [detector.detect(turns) for turns in conversations]
    assert {found.level for found in many} >= {Level.NONE, Level.CONCERN}, "verdicts that are all alike prove nothing"


def test_evidence_lies_inside_what_the_person_said(detector: LearnedDetector, utterances: UtteranceSet) -> None:
    conversations = [one.turns for one in utterances.of(Split.TEST) if one.is_risk]
    found = detector.detect_many(conversations[::3])
    assert sum(len(one.evidence) for one in found) > 150
    for one, turns in zip(found, conversations[::3], strict=True):
        assert (one.level > Level.NONE) == bool(one.evidence)
        assert {piece.category for piece in one.evidence} <= set(one.categories)
        for piece in one.evidence:
            assert turns[piece.turn].role is Role.PERSON
            assert 0 <= piece.start < piece.end <= len(turns[piece.turn].text)


def test_it_adds_some_of_what_it_was_never_shown(detector: LearnedDetector, utterances: UtteranceSet) -> None:
    """Far from the measured figures, which the report holds: only that it neither sleeps nor cries at everything."""
    test = utterances.of(Split.TEST)[::4]
    risks, calm = [one.turns for one in test if one.is_risk], [one.turns for one in test if one.is_benign]

    def share(conversations: list[tuple[Turn, ...]]) -> float:
        found = detector.detect_many(conversations)
        return sum(one.level >= Level.CONCERN for one in found) / len(found)

    assert share(risks) > 0.1
    assert share(calm) < 0.1


@pytest.mark.timeout(60)
def test_a_message_of_a_million_characters_is_judged_by_its_first_and_last_pieces(by_marks: LearnedDetector) -> None:
    calm = "Nice weather. " * 36_000
    middle, end = [Turn(Role.PERSON, calm + "a **** b. " + calm)], [Turn(Role.PERSON, calm + calm + "a **** b.")]
    assert by_marks.detect(middle).level is Level.NONE
    assert by_marks.detect(end).level is Level.CRISIS


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("unit", "times"), [("tea ", 250_000), ("a", 1_000_000), ("好", 1_000_000), ("1!", 30_000)])
def test_a_huge_message_does_not_stop_the_installed_model(detector: LearnedDetector, unit: str, times: int) -> None:
    text = unit * times
    found = detector.detect([Turn(Role.PERSON, text)])
    assert all(piece.end <= len(text) for piece in found.evidence)


def test_what_lies_near_danger_but_not_gravely_is_asked_about_and_starts_no_protocol(model: LearnedModel) -> None:
    line = LinearHead(weights=np.zeros(4, dtype=np.float32), offset=np.array([-9], dtype=np.float32))
    never = GravityHead(line=line, least=0.5)
    always = GravityHead(line=replace(line, offset=-line.offset), least=0.5)
    near = [Turn(Role.PERSON, "it is all very much so ****")]
    said = [LearnedDetector(replace(model, gravity=head)).detect(near) for head in (None, always, never)]
    assert [one.level for one in said] == [Level.CRISIS, Level.CRISIS, Level.CONCERN]
    assert [one.is_unsure for one in said] == [False, False, True]
    half = [Turn(Role.PERSON, "it is all very much so ***")]
    assert LearnedDetector(replace(model, gravity=always)).detect(half).level is Level.CONCERN


def test_what_can_be_put_plainly_is_read_both_ways_and_the_way_nearer_to_danger_counts(model: LearnedModel) -> None:
    said = [Turn(Role.PERSON, "och it is all gey sair noo")]
    worse, calmer = (lambda text: text.replace("sair", "****")), (lambda text: text.replace("****", "sair"))
    assert LearnedDetector(model).detect(said).level is Level.NONE
    found = LearnedDetector(model, plain=worse).detect(said)
    assert (found.level, found.categories) == (Level.CRISIS, (Category.SUICIDE,))
    assert (found.evidence[0].start, found.evidence[0].end) == (0, len(said[0].text)), "a place in what was written"
    grave = [Turn(Role.PERSON, "och it is all gey **** noo")]
    assert LearnedDetector(model, plain=calmer).detect(grave).level is Level.CRISIS


def test_what_is_too_short_to_place_when_put_plainly_is_not_placed(model: LearnedModel) -> None:
    said = [Turn(Role.PERSON, "och it is done gone ****")]
    assert LearnedDetector(model, plain=lambda text: text.replace("gone", "by")).detect(said).level is Level.CRISIS
    assert LearnedDetector(model, plain=lambda text: text.replace("done gone ", "")).detect(said).level is Level.NONE


def test_a_text_whose_plain_wording_is_dangerous_reassures_nobody(model: LearnedModel) -> None:
    said = [Turn(Role.PERSON, "och it is all gey sair noo")]
    calming = replace(model.calibrations.of("en"), calm=0.4)
    calm = replace(model, calibrations=replace(model.calibrations, by_language={DEFAULT: calming}))
    assert LearnedDetector(calm).detect(said).harmless == (0,)
    assert LearnedDetector(calm, plain=lambda text: text.replace("sair", "**")).detect(said).harmless == ()
