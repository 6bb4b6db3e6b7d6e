"""Claims about a screening under way."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.care.assessment.catalogue import Catalogue, instruments
from holdfast.care.assessment.scoring import score
from holdfast.care.assessment.screening import Screening, start
from holdfast.errors import AnswersError, UnknownNameError
from holdfast.safety.detection.verdict import Level

CATALOGUE = instruments()
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def answer_all(screening: Screening, *values: int | None) -> Screening:
    for value in values:
        screening = screening.answer(value)
    return screening


def pending_id(screening: Screening) -> str | None:
    return screening.pending.id if screening.pending else None


def test_questions_come_in_order_and_difficulty_last(catalogue: Catalogue, now: datetime) -> None:
    screening = start(catalogue.get("gad-7"), now)
    asked = []
    while (item := screening.pending) is not None:
        asked.append(item.id)
        screening = screening.answer(1)
    assert asked == ["1", "2", "3", "4", "5", "6", "7", "functional"]
    assert screening.is_complete
    assert screening.result() == score(catalogue.get("gad-7"), [1] * 7, functional=1)


def test_difficulty_is_not_asked_when_no_problem_was_marked(catalogue: Catalogue, now: datetime) -> None:
    assert answer_all(start(catalogue.get("gad-7"), now), *[0] * 7).is_complete


@pytest.mark.parametrize(("value", "level"), [(1, Level.CONCERN), (2, Level.CRISIS), (3, Level.CRISIS)])
def test_risk_is_known_before_the_next_question(catalogue: Catalogue, now: datetime, value: int, level: Level) -> None:
    before = answer_all(start(catalogue.get("phq-9"), now), *[0] * 8)
    assert before.risk is None
    after = before.answer(value)
    assert pending_id(after) == "functional"
    assert after.risk is not None
    assert after.newest_risk is not None
    assert after.risk.level is after.newest_risk.level is level


def test_asq_raises_risk_at_the_first_yes_and_asks_the_fifth_only_then(catalogue: Catalogue, now: datetime) -> None:
    first = start(catalogue.get("asq"), now).answer(1)
    assert first.newest_risk is not None
    assert pending_id(first) == "2"
    noes = answer_all(first, 0, 0, 0)
    assert noes.newest_risk is None
    assert noes.risk is not None
    assert pending_id(noes) == "5"
    assert answer_all(start(catalogue.get("asq"), now), 0, 0, 0, 0).is_complete


def test_the_event_question_opens_or_closes_the_rest(catalogue: Catalogue, now: datetime) -> None:
    begun = start(catalogue.get("pc-ptsd-5"), now)
    assert begun.answer(0).is_complete
    assert begun.answer(0).result().total == 0
    assert pending_id(begun.answer(1)) == "1"


def test_back_takes_the_last_answer_away_and_stops_at_the_first_question(catalogue: Catalogue, now: datetime) -> None:
    begun = start(catalogue.get("asq"), now)
    assert begun.back() == begun
    assert begun.answer(1).answer(0).back() == begun.answer(1)


def test_blank_questions_can_be_reopened_without_losing_an_answer(catalogue: Catalogue, now: datetime) -> None:
    done = answer_all(start(catalogue.get("phq-2"), now), None, 2)
    assert done.is_complete
    assert done.blank == ("1",)
    with pytest.raises(AnswersError, match="item 1 is missing"):
        done.result()
    again = done.reopen_blank()
    assert pending_id(again) == "1"
    assert again.answer(1).result().total == 3


def test_a_screening_is_not_scored_before_its_end(catalogue: Catalogue, now: datetime) -> None:
    with pytest.raises(AnswersError, match="PHQ-2 must be finished before it is scored; question 2 is open"):
        start(catalogue.get("phq-2"), now).answer(1).result()


def test_an_answer_out_of_range_or_past_the_end_is_refused(catalogue: Catalogue, now: datetime) -> None:
    begun = start(catalogue.get("phq-2"), now)
    with pytest.raises(AnswersError, match="PHQ-2 item 1 must be 0, 1, 2 or 3, got 9"):
        begun.answer(9)
    with pytest.raises(AnswersError, match="PHQ-2 must have a question left to answer; it has none"):
        answer_all(begun, 0, 0, 0)


@given(st.sampled_from(CATALOGUE.ids), st.data())
def test_stopping_and_resuming_anywhere_changes_nothing(name: str, data: st.DataObject) -> None:
    instrument = CATALOGUE.get(name)
    screening = start(instrument, NOW)
    for _ in range(data.draw(st.integers(0, len(instrument.items) + 1))):
        if screening.pending is None:
            break
        screening = screening.answer(data.draw(st.sampled_from([*instrument.values_of(screening.pending), None])))
    saved = json.loads(json.dumps(screening.to_dict()))
    resumed = Screening.from_dict(saved, CATALOGUE)
    assert resumed == screening
    assert resumed.pending == screening.pending
    assert saved == screening.to_dict()


@pytest.mark.parametrize("change", [{"version": 0}, {"wording_sha256": "0" * 64}])
def test_another_version_is_refused_kindly_and_nothing_is_lost(
    catalogue: Catalogue, now: datetime, change: dict[str, object]
) -> None:
    saved = start(catalogue.get("phq-9"), now).answer(2).to_dict() | change
    kept = json.dumps(saved)
    with pytest.raises(AnswersError, match="updated since; your earlier answers are kept as they were"):
        Screening.from_dict(saved, catalogue)
    assert json.dumps(saved) == kept


@pytest.mark.parametrize("change", [
    {"started": "yesterday"}, {"started": None}, {"given": None}, {"given": [["1"]]}, {"given": [["12", 1]]},
    {"given": [["1", 1], ["1", 2]]}, {"given": "12"}, {"given": [[["1"], 1]]},
])  # fmt: skip
def test_damaged_progress_is_refused(catalogue: Catalogue, now: datetime, change: dict[str, object]) -> None:
    with pytest.raises(AnswersError, match="PHQ-9 must resume from answers it saved, and these are damaged"):
        Screening.from_dict(start(catalogue.get("phq-9"), now).to_dict() | change, catalogue)


@pytest.mark.parametrize("value", [7, True, "2", 1.0])
def test_a_damaged_answer_is_refused(catalogue: Catalogue, now: datetime, value: object) -> None:
    with pytest.raises(AnswersError, match="PHQ-9 item 1 must be 0, 1, 2 or 3"):
        Screening.from_dict(start(catalogue.get("phq-9"), now).to_dict() | {"given": [["1", value]]}, catalogue)


def test_an_instrument_that_is_gone_is_named(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownNameError, match="Instrument must be a known id, got 'phq-7'"):
        Screening.from_dict({"instrument": "phq-7"}, catalogue)


def test_answers_are_kept_out_of_the_representation(catalogue: Catalogue, now: datetime) -> None:
    assert "given" not in repr(start(catalogue.get("asq"), now).answer(1))
