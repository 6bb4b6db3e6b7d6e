"""Claims about the policies: each row's duty is met from its date on, unknown is strictest, nothing is ever weaker."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import ContentError
from holdfast.safety.detection.verdict import Category
from holdfast.safety.jurisdiction.age import Age
from holdfast.safety.jurisdiction.duty import Default, Duties, Law
from holdfast.safety.jurisdiction.feature import Feature
from holdfast.safety.jurisdiction.policy import (
    JurisdictionPolicies,
    Policy,
    load_policies,
    load_policies_or_strictest,
)

LOADED = load_policies()
POLICIES = LOADED.value
LONG_AFTER = datetime(2030, 1, 1, tzinfo=UTC)
ROLES = ("public", "caregiver", "helper", "clinician", "somebody else")
SWITCHES = (
    "at_first_use",
    "at_session_start",
    "on_request",
    "states_suitability",
    "publishes_protocol",
    "counts_referrals",
    "reports_yearly",
    "interrupts_in_crisis",
)
TIMES = {
    "session_gap_minutes": ("session_gap", "minutes", False),
    "after_days": ("longest", "days", False),
    "interval_minutes": ("interval", "minutes", False),
    "minor_interval_minutes": ("interval", "minutes", True),
    "break_minutes": ("break_every", "minutes", False),
    "minor_break_minutes": ("break_every", "minutes", True),
}


def weaknesses(policy: Policy, duties: Duties, *, age: Age, role: str) -> list[str]:
    """Every way in which ``policy`` is weaker than ``duties``, gone through one by one."""
    found = [name for name in SWITCHES if getattr(duties, name) and not getattr(policy, name)]
    for name, (served, unit, is_for_minors) in TIMES.items():
        asked = getattr(duties, name)
        if asked is None or (is_for_minors and age is Age.ADULT):
            continue
        if getattr(policy, served) > timedelta(**{unit: asked}):
            found.append(name)
    off = [*duties.switched_off]
    off += duties.minors_off if age is not Age.ADULT else ()
    off += duties.licensed_only if role != "clinician" else ()
    found += [feature.value for feature in off if policy.allows(feature)]
    return found + [category.value for category in duties.detects if category not in policy.detects]


def served(region: str | None, age: Age = Age.ADULT, *, now: datetime = LONG_AFTER, role: str = "public") -> Policy:
    return POLICIES.policy_for(region, age, now=now, role=role)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("age", Age)
@pytest.mark.parametrize("row", POLICIES.rows, ids=lambda row: row.id)
def test_what_is_served_is_at_least_as_strict_as_the_row_and_the_default(row: Law, age: Age, role: str) -> None:
    for region in row.regions:
        policy = served(region, age, role=role)
        assert row.id in policy.laws
        assert weaknesses(policy, row, age=age, role=role) == []
        assert weaknesses(policy, POLICIES.default, age=age, role=role) == []


_FEATURES = st.lists(st.sampled_from(list(Feature)), max_size=4).map(tuple)
_MINUTES = st.none() | st.integers(1, 100_000)
_LAWS = st.fixed_dictionaries(
    {
        "id": st.uuids().map(str),
        "name": st.just("a place"),
        "regions": st.lists(st.sampled_from(["US-UT", "US-NY", "US", "DE", "DE-BY"]), min_size=1).map(tuple),
        "law": st.just("a law"),
        "source": st.just("nowhere"),
        "verified": st.sampled_from(["read", "second_hand", "memory"]),
        "in_force": st.dates(date(2024, 1, 1), date(2029, 1, 1)),
        "switched_off": _FEATURES,
        "minors_off": _FEATURES,
        "licensed_only": _FEATURES,
        "detects": st.just((Category.SUICIDE,)),
        **dict.fromkeys(TIMES, _MINUTES),
        **{name: st.booleans() for name in SWITCHES},
    }
).map(lambda values: Law(**values))
_LISTS = st.lists(_LAWS, max_size=4, unique_by=lambda law: law.id)
_REGIONS = st.sampled_from([None, "", "US-UT", "us-ny", "US", "DE", "de-by", "FR", "??"])


@given(
    rows=_LISTS,
    region=_REGIONS,
    age=st.sampled_from(list(Age)),
    role=st.sampled_from(ROLES),
    day=st.dates(date(2024, 1, 1), date(2030, 1, 1)),
)
def test_no_law_however_it_reads_weakens_what_is_served(
    rows: list[Law], region: str | None, age: Age, role: str, day: date
) -> None:
    policies = POLICIES.model_copy(update={"rows": tuple(rows)})
    policy = policies.policy_for(region, age, now=datetime(day.year, day.month, day.day, 12, tzinfo=UTC), role=role)
    assert weaknesses(policy, POLICIES.default, age=age, role=role) == []
    code = (region or "").upper()
    is_named = any(code and _touches(code, row) for row in rows)
    for row in rows:
        is_due = row.in_force <= day and (not is_named or _touches(code, row))
        assert not is_due or weaknesses(policy, row, age=age, role=role) == []


def _touches(code: str, row: Law) -> bool:
    """Whether one of the two places lies in the other, by the parts of their codes."""
    pairs = [(code.split("-"), place.split("-")) for place in row.regions]
    return any(one[: len(other)] == other or other[: len(one)] == one for one, other in pairs)


@pytest.mark.parametrize("row", POLICIES.rows, ids=lambda row: row.id)
def test_a_row_applies_from_its_date_and_not_before(row: Law) -> None:
    day = datetime(row.in_force.year, row.in_force.month, row.in_force.day, tzinfo=UTC)
    before = served(row.regions[0], now=day - timedelta(days=1))
    assert row.id not in before.laws
    assert weaknesses(before, POLICIES.default, age=Age.ADULT, role="public") == []
    assert row.id in served(row.regions[0], now=day).laws


def test_a_day_counts_from_where_it_begins_first() -> None:
    begins = datetime(2026, 12, 31, 10, tzinfo=UTC)
    assert "US-WA-HB-2225" in served("US-WA", now=begins).laws
    assert "US-WA-HB-2225" not in served("US-WA", now=begins - timedelta(seconds=1)).laws


@pytest.mark.parametrize("region", [None, "", "XX", "🙂", "JP", "US'; --", "U", "EU", "USA"])
def test_a_region_that_no_law_names_gets_every_law_and_the_default(region: str | None) -> None:
    policy = served(region)
    assert policy.row == "default"
    assert set(policy.laws) == {row.id for row in POLICIES.rows}


@pytest.mark.parametrize(
    ("region", "laws"),
    [
        ("us-ut", {"US-UT-13-72a"}),
        (" US-NY ", {"US-NY-GBL-1701", "US-NY-GBL-1702"}),
        ("US-CA", {"US-CA-SB-243", "US-CA-SB-243-report", "US-CA-AB-489"}),
        ("DE-BY", {"EU-2024-1689-50"}),
        ("IE", {"EU-2024-1689-50"}),
        ("US", {row.id for row in POLICIES.rows if row.id.startswith("US-")}),
    ],
)
def test_a_country_brings_the_laws_of_all_its_parts_and_a_part_its_countrys(region: str, laws: set[str]) -> None:
    assert set(served(region).laws) == laws


def test_the_default_is_a_superset_of_every_row() -> None:
    nowhere = POLICIES.model_copy(update={"rows": ()})
    for age in Age:
        policy = nowhere.policy_for(None, age, now=LONG_AFTER)
        assert {row.id: weaknesses(policy, row, age=age, role="public") for row in POLICIES.rows} == {
            row.id: [] for row in POLICIES.rows
        }


def test_somebody_who_has_not_said_their_age_is_served_as_a_minor() -> None:
    assert served(None, Age.UNKNOWN) == served(None, Age.MINOR)
    assert served(None, Age.ADULT) != served(None, Age.MINOR)
    assert served(None, Age.ADULT).interval == timedelta(hours=3)
    assert served(None, Age.UNKNOWN).interval == timedelta(hours=1)


def test_being_a_minor_only_ever_takes_away() -> None:
    for region in [None, *(place for row in POLICIES.rows for place in row.regions)]:
        minor, adult = served(region, Age.MINOR), served(region, Age.ADULT)
        assert minor.off > adult.off
        assert minor.off - adult.off == {Feature.LANGUAGE_MODEL, Feature.UNTESTED_QUESTIONNAIRES}
        assert minor.interval < adult.interval
        assert minor.break_every < adult.break_every


def test_no_role_and_no_place_opens_what_is_closed_everywhere() -> None:
    closed = set(POLICIES.default.switched_off)
    assert {Feature.THERAPY, Feature.AFFECT_INFERENCE, Feature.ADVERTISING, Feature.SELLING_OR_SHARING} <= closed
    for region in [None, *(place for row in POLICIES.rows for place in row.regions)]:
        for role in ROLES:
            assert closed <= served(region, role=role).off


def test_every_kind_of_risk_that_detection_knows_is_covered_everywhere() -> None:
    assert served("GB").detects == set(Category)


def _damage(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    data = yaml.safe_load(LOADED.path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


DAMAGE: list[tuple[str, Callable[[dict[str, Any]], None], str]] = [
    ("a time left open", lambda data: data["default"].pop("interval_minutes"), "default must set interval_minutes"),
    ("a notice without words", lambda data: data["notices"].pop("asked"), "asked"),
    ("a misspelt duty", lambda data: data["rows"][0].update(affect_infrence=False), "affect_infrence"),
    ("a time of nought", lambda data: data["rows"][2].update(interval_minutes=0), "interval_minutes"),
    ("a region that is none", lambda data: data["rows"][0].update(regions=["Utah"]), "regions"),
    ("a row that asks for nothing", lambda data: data["rows"][5].pop("switched_off"), "must ask for something"),
    ("a row twice", lambda data: data["rows"].append(data["rows"][0]), "id of its own"),
    ("a feature nobody knows", lambda data: data["rows"][0].update(switched_off=["flying"]), "switched_off"),
]
DAMAGE += [
    (f"a row without {name}", lambda data, name=name: data["rows"][3].pop(name), name)  # type: ignore[misc]
    for name in ("id", "name", "regions", "law", "source", "verified", "in_force")
]


@pytest.mark.parametrize(("change", "problem"), [case[1:] for case in DAMAGE], ids=[case[0] for case in DAMAGE])
def test_damage_is_refused_by_name_and_served_as_the_strictest(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], problem: str
) -> None:
    path = _damage(tmp_path / "policies.yaml", change)
    with pytest.raises(ContentError, match=problem):
        load_policies(path)
    _is_strictest(load_policies_or_strictest(path).value)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"rows: [", b"[]", b"null"])
def test_a_file_that_is_missing_or_no_policy_is_served_as_the_strictest(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "policies.yaml"
    if content is not None:
        path.write_bytes(content)
    loaded = load_policies_or_strictest(path)
    assert loaded.sha256 == ""
    _is_strictest(loaded.value)


def _is_strictest(policies: JurisdictionPolicies) -> None:
    for region in (None, "US-UT", "JP"):
        for age in Age:
            policy = policies.policy_for(region, age, now=LONG_AFTER, role="clinician")
            assert policy.off == set(Feature)
            assert max(policy.interval, policy.break_every, policy.session_gap) == timedelta(minutes=1)
            for duties in (POLICIES.default, *POLICIES.rows):
                assert weaknesses(policy, duties, age=age, role="clinician") == []


def test_the_file_that_is_shipped_is_not_damaged() -> None:
    assert load_policies_or_strictest().sha256 == LOADED.sha256 != ""


def test_the_strictest_leaves_nothing_that_can_be_asked_for_out() -> None:
    strictest = Default.strictest()
    for name, value in strictest.model_dump().items():
        assert value, name
