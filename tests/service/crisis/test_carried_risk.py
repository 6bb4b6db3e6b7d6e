"""Claims about the cookie that carries a crisis: sealed, small, and read back as it was or not at all."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import StorageError
from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.detection.verdict import Category, Level, Subject
from holdfast.service.crisis.carried_risk import CarriedRisk, RiskCarrier
from holdfast.service.storage.encryption import Keyring

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CARRIER = RiskCarrier(Keyring("a secret key for tests, which is long enough to be one"))

risks = st.builds(
    CarriedRisk,
    state=st.builds(
        CrisisState,
        level=st.sampled_from([Level.CONCERN, Level.CRISIS]),
        categories=st.lists(st.sampled_from(Category), unique=True).map(tuple),
        subject=st.sampled_from(Subject),
        since=st.just(NOW),
        signalled=st.none() | st.just(NOW),
        told=st.lists(st.sampled_from(["a", "b", "c"]), max_size=12).map(tuple),
        check_in=st.none() | st.just((("safe-now", "yes"),)),
    ),
    is_kept=st.booleans(),
    region=st.none() | st.just("GB"),
)


@given(risks)
def test_what_is_carried_comes_back_as_it_was(risk: CarriedRisk) -> None:
    assert CARRIER.open(CARRIER.seal(risk)) == risk


def test_nobody_who_looks_at_the_cookie_learns_anything() -> None:
    sealed = CARRIER.seal(CarriedRisk(state=CrisisState(level=Level.CRISIS, told=("x",)), is_kept=False))
    raw = base64.urlsafe_b64decode(sealed)
    for word in (b"crisis", b"level", b"suicide", b"kept"):
        assert word not in raw


def test_the_longest_state_fits_a_cookie() -> None:
    told = tuple(f"a-rather-long-template-id-number-{n}" for n in range(200))
    answers = tuple((f"question-{n}", "not-sure") for n in range(11))
    state = CrisisState(level=Level.CRISIS, categories=tuple(Category), told=told, check_in=answers, since=NOW)
    sealed = CARRIER.seal(CarriedRisk(state=state, is_kept=False, region="GB"))
    assert len(sealed) < 3800
    assert CARRIER.open(sealed).state.told == told[-12:]


@given(st.integers(0, 300), st.integers(1, 255))
def test_one_changed_byte_anywhere_is_noticed(place: int, change: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(CARRIER.seal(CarriedRisk(state=CrisisState(), is_kept=True))))
    raw[place % len(raw)] ^= change
    with pytest.raises(StorageError, match="must open with this installation's secret key"):
        CARRIER.open(base64.urlsafe_b64encode(bytes(raw)).decode())


@pytest.mark.parametrize("value", ["", "no", "é", "====", base64.urlsafe_b64encode(b"{}").decode()])
def test_what_is_no_sealed_risk_is_refused(value: str) -> None:
    with pytest.raises(StorageError, match="must"):
        CARRIER.open(value)


def test_another_secret_key_opens_nothing() -> None:
    other = RiskCarrier(Keyring("another secret key for tests, which is long enough"))
    with pytest.raises(StorageError, match="must open with"):
        other.open(CARRIER.seal(CarriedRisk(state=CrisisState(level=Level.CRISIS), is_kept=False)))


def test_a_sealed_text_that_is_no_risk_is_refused() -> None:
    sealed = CARRIER._cipher.seal(json.dumps({"kept": True}), place="cookie.risk", row=1)
    with pytest.raises(StorageError, match="Carried risk must be as this service sealed it"):
        CARRIER.open(base64.urlsafe_b64encode(sealed).decode())
