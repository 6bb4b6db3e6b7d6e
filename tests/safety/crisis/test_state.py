"""Claims about the crisis state: it only rises by detection, and survives being stored."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import StorageError
from holdfast.safety.crisis.state import ClearedBy, CrisisState, raise_state
from holdfast.safety.detection.verdict import Category, Detection, Level, Subject

MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC))
STATES = st.builds(
    CrisisState,
    level=st.sampled_from(Level),
    categories=st.lists(st.sampled_from(Category), unique=True).map(tuple),
    subject=st.sampled_from(Subject),
    since=MOMENTS,
    updated=MOMENTS,
    check_in=st.none() | st.lists(st.tuples(st.text(), st.text())).map(tuple),
    told=st.lists(st.text()).map(tuple),
    cleared_by=st.none() | st.sampled_from(ClearedBy),
    cleared_name=st.none() | st.text(),
)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@given(STATES)
def test_a_state_reads_back_as_it_was_written(state: CrisisState) -> None:
    assert CrisisState.from_dict(state.to_dict()) == state


@given(STATES, st.sampled_from(Level), st.sampled_from(Category))
def test_detection_never_lowers_a_state(state: CrisisState, level: Level, category: Category) -> None:
    raised = raise_state(state, Detection(level=level, categories=(category,)), NOW)
    assert raised.level >= state.level


@pytest.mark.parametrize(
    "damage",
    [{"level": "fine"}, {"level": None}, {"categories": ["joy"]}, {"since": "yesterday"}, {"check_in": [["a"]]}],
)
def test_a_damaged_record_is_refused_and_never_reads_as_calm(damage: dict[str, object]) -> None:
    with pytest.raises(StorageError, match="got a damaged record"):
        CrisisState.from_dict({**CrisisState().to_dict(), **damage})


def test_a_record_with_a_field_missing_is_refused() -> None:
    record = CrisisState().to_dict()
    del record["level"]
    with pytest.raises(StorageError, match="KeyError"):
        CrisisState.from_dict(record)
