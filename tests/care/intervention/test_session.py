"""Claims about a session: immutable, resumable, reversible, and silent about the words in it."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.care.intervention.catalogue import Catalogue, exercises
from holdfast.care.intervention.prompt import Prompt
from holdfast.care.intervention.session import ExerciseSession, saved_entries
from holdfast.errors import InputError

CATALOGUE = exercises()
STARTED = datetime.fromisoformat("2026-11-22T09:30:00+00:00")
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=60).filter(str.strip)


def value_for(prompt: Prompt, data: st.DataObject) -> Any:
    asked = prompt.input
    if asked.type == "number":
        return data.draw(st.integers(asked.low, asked.high))
    values = [option.value for option in prompt.options]
    if asked.type == "choice":
        return data.draw(st.sampled_from(values))
    if asked.type == "multi_choice":
        most = asked.at_most or len(values)
        return data.draw(st.lists(st.sampled_from(values), min_size=asked.at_least, max_size=most, unique=True))
    return data.draw(TEXT)


def drawn_run(data: st.DataObject, *, most: int = 100) -> ExerciseSession:
    """Answer or skip at random, at most ``most`` times."""
    session = ExerciseSession.start(CATALOGUE.get(data.draw(st.sampled_from(CATALOGUE.ids))), STARTED)
    for _ in range(most):
        prompt = session.step
        if prompt is None:
            break
        skips = prompt.skip_label is not None and data.draw(st.booleans())
        session = session.skip() if skips else session.submit(value_for(prompt, data))
    return session


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_sequence_of_valid_inputs_ends(data: st.DataObject) -> None:
    session = drawn_run(data)
    assert session.is_over
    assert session.step is None
    assert session.progress.number == session.progress.total == len(session.answers)


@given(st.data(), st.integers(0, 30), st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_session_survives_being_saved_as_json(data: st.DataObject, most: int, stops: bool) -> None:
    session = drawn_run(data, most=most)
    if stops and not session.is_over:
        session = session.stop()
    saved = json.loads(json.dumps(session.to_dict()))
    restored = ExerciseSession.from_dict(saved, session.exercise)
    assert restored == session
    assert restored.to_dict() == saved
    assert saved_entries(saved) == session.entries


@given(st.data(), st.integers(1, 30))
@settings(max_examples=75, deadline=None)
def test_going_back_undoes_exactly_one_answer(data: st.DataObject, most: int) -> None:
    session = drawn_run(data, most=most)
    before = session.back()
    assert before.answers == session.answers[:-1]
    assert before.step is not None
    assert before.step.step_id == session.answers[-1].step_id


def test_submitting_leaves_the_earlier_session_as_it_was(catalogue: Catalogue, now: datetime) -> None:
    first = ExerciseSession.start(catalogue.get("thought-record"), now)
    second = first.submit("on the bus")
    assert first.answers == ()
    assert second.entries[0].value == "on the bus"
    assert first.step is not None
    assert not first.step.can_go_back


def test_a_value_that_does_not_fit_changes_nothing_and_is_not_quoted(catalogue: Catalogue, now: datetime) -> None:
    session = ExerciseSession.start(catalogue.get("grounding-and-breathing"), now)
    with pytest.raises(InputError, match="whole number from 0 to 10") as caught:
        session.submit("my private words")
    assert "private" not in str(caught.value)
    assert session.answers == ()


def test_a_step_that_others_build_on_cannot_be_skipped(catalogue: Catalogue, now: datetime) -> None:
    session = ExerciseSession.start(catalogue.get("thought-record"), now)
    with pytest.raises(InputError, match="must be one that can be skipped, got 'situation'"):
        session.skip()


def test_there_is_nothing_before_the_first_step(catalogue: Catalogue, now: datetime) -> None:
    with pytest.raises(InputError, match="got the first"):
        ExerciseSession.start(catalogue.get("thought-record"), now).back()


@pytest.mark.parametrize("act", ["submit", "skip", "stop"])
def test_nothing_can_be_added_once_it_is_over(run: Callable[..., ExerciseSession], act: str) -> None:
    done = run("activity-plan")
    calls: dict[str, Callable[[], ExerciseSession]] = {
        "submit": lambda: done.submit("more"),
        "skip": done.skip,
        "stop": done.stop,
    }
    with pytest.raises(InputError, match="must be under way"):
        calls[act]()


def test_a_person_who_stopped_can_take_up_where_they_were(catalogue: Catalogue, now: datetime) -> None:
    session = ExerciseSession.start(catalogue.get("thought-record"), now).submit("on the bus")
    assert session.stop().stopped_reason == "person"
    assert session.stop().back() == session


def test_the_persons_own_ideas_become_the_choices(run: Callable[..., ExerciseSession]) -> None:
    session = run("activity-plan", first_idea="Walk", second_idea="Call Sam", third_idea=None, choose="call sam")
    chosen = next(entry for entry in session.entries if entry.step_id == "choose")
    assert chosen.value == "Call Sam"


def test_another_version_is_refused_clearly_and_its_entries_stay_readable(
    run: Callable[..., ExerciseSession], catalogue: Catalogue
) -> None:
    saved = run("thought-record", situation="on the bus").to_dict() | {"version": "0.9"}
    kept = json.loads(json.dumps(saved))
    with pytest.raises(
        InputError, match=r"must be version 1\.0 .* got version '0\.9'.*start it again.*Nothing .* lost"
    ):
        ExerciseSession.from_dict(saved, catalogue.get("thought-record"))
    assert saved == kept
    assert saved_entries(saved)[0].value == "on the bus"


DAMAGE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no answers": lambda saved: saved.pop("answers"),
    "answers are no list": lambda saved: saved.update(answers=7),
    "a row is no mapping": lambda saved: saved["answers"].insert(0, "x"),
    "a step is out of order": lambda saved: saved["answers"].reverse(),
    "a value is out of range": lambda saved: saved["answers"][2].update(value=101),
    "a needed step is skipped": lambda saved: saved["answers"][0].update(value=None),
    "there is no such step": lambda saved: saved["answers"][0].update(step="nope"),
    "a stop rule that was not met": lambda saved: saved.update(stopped="feelings-rose"),
    "a stop that is no word": lambda saved: saved.update(stopped=3),
    "a start that is no time": lambda saved: saved.update(started_at="yesterday"),
    "more answers than steps": lambda saved: saved["answers"].append({"step": "end", "value": "x"}),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_save_is_refused_and_never_quoted(
    run: Callable[..., ExerciseSession], catalogue: Catalogue, damage: Callable[[dict[str, Any]], Any]
) -> None:
    saved = run("thought-record", situation="my private words").to_dict()
    damage(saved)
    with pytest.raises(InputError, match="must fit 'thought-record', got answers that do not") as caught:
        ExerciseSession.from_dict(saved, catalogue.get("thought-record"))
    assert "private" not in str(caught.value)


@pytest.mark.parametrize("saved", [{}, {"answers": None}, {"answers": ["x", {"step": "a"}]}])
def test_what_is_no_saved_session_has_no_entries(saved: dict[str, Any]) -> None:
    assert saved_entries(saved) == ()


def test_no_words_appear_when_a_session_is_printed(run: Callable[..., ExerciseSession]) -> None:
    session = run("thought-record", situation="my private words")
    assert "private" not in repr(session)
    assert all("private" not in repr(entry) for entry in session.entries)
