"""Claims about the policies: each row's duty is met, nothing is ever weaker than the default."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from holdfast.content import load_yaml
from holdfast.errors import ContentError
from holdfast.safety.jurisdiction.policy import Duty, JurisdictionPolicies, load_policies

LOADED = load_policies()
POLICIES = LOADED.value
ROWS = [POLICIES.default, *POLICIES.rows]


@pytest.mark.parametrize("is_minor", [False, True])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_policy_served_meets_every_duty_of_its_row(row: Duty, is_minor: bool) -> None:
    policy = POLICIES.policy_for(row.id, is_minor)
    assert policy.row == row.id
    assert policy.at_first_use >= row.at_first_use
    assert policy.at_session_start >= row.at_session_start
    assert policy.on_request >= row.on_request
    assert policy.affect_inference <= row.affect_inference
    assert policy.companion_features <= row.companion_features
    assert policy.publishes_protocol >= row.publishes_protocol
    assert policy.counts_referrals >= row.counts_referrals
    assert row.after_days is None or policy.longest <= timedelta(days=row.after_days)
    assert row.interval_minutes is None or policy.interval <= timedelta(minutes=row.interval_minutes)
    if is_minor and row.minor_interval_minutes is not None:
        assert policy.interval <= timedelta(minutes=row.minor_interval_minutes)


@pytest.mark.parametrize("region", [None, "", "XX", "US-UT", "de", "EU", "GB", "🙂", "US"])
def test_everywhere_gets_the_strictest_superset(region: str | None) -> None:
    policy = POLICIES.policy_for(region, is_minor=False)
    assert policy.at_first_use
    assert policy.at_session_start
    assert policy.on_request
    assert policy.interval == timedelta(hours=3)
    assert not policy.affect_inference
    assert not policy.companion_features


def test_minors_are_told_every_hour() -> None:
    assert POLICIES.policy_for(None, is_minor=True).interval == timedelta(hours=1)


@pytest.mark.parametrize(
    ("region", "row"), [("us-ut", "US-UT"), ("DE", "EU"), ("DE-BY", "EU"), ("US-TX", "default"), ("JP", "default")]
)
def test_a_region_finds_its_row(region: str, row: str) -> None:
    assert POLICIES.policy_for(region, is_minor=False).row == row


def test_a_row_stricter_than_the_default_is_obeyed() -> None:
    strict = Duty(id="ZZ", name="x", law="x", verified="memory", interval_minutes=10, after_days=1)
    policies = POLICIES.model_copy(update={"rows": (strict,)})
    assert policies.policy_for("ZZ", is_minor=False).interval == timedelta(minutes=10)


@pytest.mark.parametrize(
    ("path", "problem"),
    [(("default", "interval_minutes"), "default must set every time"), (("notices", "asked"), "asked")],
)
def test_a_default_with_a_gap_is_refused(tmp_path: Path, path: tuple[str, str], problem: str) -> None:
    data = yaml.safe_load(LOADED.path.read_text(encoding="utf-8"))
    del data[path[0]][path[1]]
    broken = tmp_path / "policies.yaml"
    broken.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(ContentError, match=problem):
        load_yaml(broken, JurisdictionPolicies)
