"""Evidence is read back as it was written, and what is not evidence is refused with its problems named."""

import json
from pathlib import Path
from typing import Any

import pytest

from holdfast.errors import EvidenceError
from holdfast.measured import Failed, Interval, Measurement, Scored, Unscored, measurement_to_dict, wilson
from holdfast.proof.evidence import Evidence, measured_in_run
from holdfast.proof.measurement import measurement_from_dict

ENTRY = {
    "metric": "crisis.recall",
    "measurement": {"outcome": "scored", "value": 0.9, "n": 10, "interval": [0.6, 0.98, 0.95]},
    "at": "2026-11-22T12:00:00+00:00",
    "suite": "crisis",
    "suite_sha256": "a" * 64,
    "release_sha256": "b" * 64,
}


def test_evidence_survives_a_round_trip_through_json(full: Evidence) -> None:
    assert Evidence.from_dict(json.loads(json.dumps(full.to_dict()))) == full


@pytest.mark.parametrize(
    "measurement", [wilson(9, 10), Scored(value=1.0, n=1), Unscored("no cases"), Failed("1 of 2 cases failed")]
)
def test_a_measurement_survives_a_round_trip(measurement: Measurement) -> None:
    assert measurement_from_dict(json.loads(json.dumps(measurement_to_dict(measurement)))) == measurement


SCORED: dict[str, Any] = {"outcome": "scored", "value": 0.9, "n": 10, "interval": [0.6, 0.98, 0.95]}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (SCORED | {"outcome": "fine"}, "outcome must be"),
        (SCORED | {"n": 0}, "n must be a count"),
        (SCORED | {"n": True}, "n must be a count"),
        (SCORED | {"n": 9.5}, "n must be a count"),
        (SCORED | {"value": float("nan")}, "value must be a finite number"),
        (SCORED | {"value": "0.9"}, "value must be a finite number"),
        (SCORED | {"value": 0.99}, "interval must hold the value"),
        (SCORED | {"interval": [0.6, 0.98, 1.5]}, "interval must hold the value"),
        (SCORED | {"interval": [0.6, float("inf"), 0.95]}, "interval must be a finite number"),
        (SCORED | {"interval": [0.6]}, r"interval must be \[low, high, level\]"),
        ({"outcome": "unscored"}, "reason must say something"),
        ({"outcome": "failed", "error": ""}, "error must say something"),
        (0.9, "must be an object"),
    ],
)
def test_what_no_measurement_can_be_is_refused(data: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        measurement_from_dict(data)
    with pytest.raises(EvidenceError, match=problem):
        Evidence.from_dict({"measured": [ENTRY | {"measurement": data}]})


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([], "evidence"),
        ({"surprise": []}, "surprise"),
        ({"measured": [ENTRY | {"at": "2026-11-22T12:00:00"}]}, "timezone"),
        ({"measured": [ENTRY | {"suite_sha256": "short"}]}, "suite_sha256"),
        ({"measured": [{"metric": "crisis.recall"}]}, "measured.0.measurement"),
        ({"measured": [ENTRY, ENTRY]}, "crisis.recall stands more often"),
    ],
)
def test_malformed_evidence_is_refused_by_name(data: Any, problem: str) -> None:
    with pytest.raises(EvidenceError, match=problem):
        Evidence.from_dict(data)


def test_a_person_who_is_not_said_to_be_human_is_refused(full: Evidence) -> None:
    data = full.to_dict()
    del data["sign_offs"][0]["signer"]["kind"]
    with pytest.raises(EvidenceError, match=r"sign_offs\.0\.signer\.kind"):
        Evidence.from_dict(data)


def test_a_folder_without_results_is_not_evidence(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"must hold results\.json"):
        measured_in_run(tmp_path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [("{", "must be JSON"), ("[]", "object with 'metrics'"), ('{"metrics": [1]}', "list metrics as objects")],
)
def test_damaged_results_are_refused(text: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(text)
    with pytest.raises(EvidenceError, match=problem):
        measured_in_run(tmp_path)


def test_results_are_read_with_their_time_and_release(tmp_path: Path) -> None:
    metric = {name: ENTRY[name] for name in ("metric", "measurement", "suite", "suite_sha256")} | {"title": "Recall"}
    results = {"started": ENTRY["at"], "release_sha256": ENTRY["release_sha256"], "metrics": [metric]}
    (tmp_path / "results.json").write_text(json.dumps(results))
    (entry,) = measured_in_run(tmp_path)
    assert entry == Evidence.from_dict({"measured": [ENTRY]}).measured[0]
    assert entry.measurement == Scored(value=0.9, n=10, interval=Interval(0.6, 0.98, 0.95))
