"""RiskAssessments and bundles, read back by FHIR's own models."""

import importlib
import json
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from holdfast.measured import Interval, Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.estimates import AbsoluteRisks, Abstained, RiskEstimate, RiskEstimates, RiskIntervals
from holdfast.risk.fhir.bundle import risk_assessments, write_bundle, write_ndjson
from holdfast.risk.fhir.risk_assessment import NOT_FOR_CARE, RiskDescription, checked_risk_assessment, risk_assessment

FOLDERS = {"R4B": "fhir.resources.R4B", "R5": "fhir.resources"}
WHEN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def about(version="R4B", **given):
    said = {"method": "single-time risk, version 1", "outcome": "death from any cause", "assessed_at": WHEN, **given}
    return RiskDescription(version=version, **said)


def estimates(absolute=True, intervals=True):
    """Three people, the second abstained from."""
    return RiskEstimates(
        abstention=np.array([0, 1, 0], dtype=np.uint8),
        rows=np.array([0, 2]),
        score=np.array([0.5, 3.0]),
        percentile=np.array([40.0, 99.25]),
        group=np.array([0, 2], dtype=np.uint8),
        absolute=AbsoluteRisks(horizons_years=(5.0, 10.0), risks=np.array([[0.01, 0.03], [0.2, 0.4567891]]))
        if absolute
        else Unscored("no follow-up"),
        intervals=RiskIntervals(
            level=0.95,
            score_low=np.zeros(2),
            score_high=np.ones(2),
            percentile_low=np.array([35.0, 98.0]),
            percentile_high=np.array([45.0, 100.0]),
        )
        if intervals
        else Unscored("not asked for"),
    )


def read_bundle(path, version):
    model = importlib.import_module(f"{FOLDERS[version]}.bundle").Bundle
    return model.model_validate_json(path.read_text())


@pytest.mark.parametrize("version", ["R4B", "R5"])
def test_a_bundle_read_back_says_of_each_person_what_was_estimated(tmp_path, version):
    write_bundle(
        estimates(), ["p-1", "p-2", "p-3"], tmp_path / "b.json", about=about(version, identifier_system="urn:study")
    )
    bundle = read_bundle(tmp_path / "b.json", version)
    assert (bundle.type, len(bundle.entry), bundle.timestamp) == ("collection", 3, WHEN)
    first, second, third = (entry.resource for entry in bundle.entry)
    for one, subject in zip((first, second, third), ("p-1", "p-2", "p-3"), strict=True):
        assert one.status == "preliminary"
        assert one.method.text == "single-time risk, version 1"
        assert one.note[0].text == NOT_FOR_CARE
        assert (one.subject.identifier.value, one.subject.identifier.system) == (subject, "urn:study")
        assert one.occurrenceDateTime == WHEN
    assert [prediction.probabilityDecimal for prediction in third.prediction] == [Decimal("0.2"), Decimal("0.456789")]
    assert [prediction.whenRange.high.value for prediction in third.prediction] == [5, 10]
    assert {prediction.outcome.text for prediction in third.prediction} == {"death from any cause"}
    assert third.prediction[0].qualitativeRisk.text == "above the range of the healthy reference: higher part"
    assert first.prediction[0].qualitativeRisk.text == "within the range of the healthy reference"
    assert "Percentile 99.2 among the healthy reference" in third.note[1].text
    assert "95% bootstrap interval 98.0 to 100.0" in third.note[1].text


@pytest.mark.parametrize("version", ["R4B", "R5"])
def test_an_abstention_has_no_prediction_and_its_reason_in_a_note(tmp_path, version):
    write_bundle(estimates(), ["a", "b", "c"], tmp_path / "b.json", about=about(version))
    resource = read_bundle(tmp_path / "b.json", version).entry[1].resource
    assert resource.prediction is None
    assert resource.note[1].text == "No estimate: outside the support of the training data."


@pytest.mark.parametrize("version", ["R4B", "R5"])
def test_without_an_absolute_risk_there_is_no_probability_and_the_reason_is_said(version):
    said = risk_assessment(estimates(absolute=False, intervals=False).of(0), "a", about=about(version))
    model = importlib.import_module(f"{FOLDERS[version]}.riskassessment").RiskAssessment
    found = model.model_validate_json(checked_risk_assessment(said, version))
    (prediction,) = found.prediction
    assert (prediction.probabilityDecimal, prediction.whenRange) == (None, None)
    assert prediction.qualitativeRisk.text == "within the range of the healthy reference"
    assert found.note[1].text.endswith("No absolute risk: no follow-up.")
    assert "interval" not in found.note[1].text


@pytest.mark.parametrize("version", ["R4B", "R5"])
def test_every_line_of_the_ndjson_is_the_resource_of_the_bundle(tmp_path, version):
    write_bundle(estimates(), ["a", "b", "c"], tmp_path / "b.json", about=about(version))
    write_ndjson(estimates(), ["a", "b", "c"], tmp_path / "b.ndjson", about=about(version))
    entries = json.loads((tmp_path / "b.json").read_text())["entry"]
    lines = [json.loads(line) for line in (tmp_path / "b.ndjson").read_text().splitlines()]
    assert lines == [entry["resource"] for entry in entries]
    assert [entry["fullUrl"] for entry in entries] == ["urn:uuid:" + line["id"] for line in lines]


def test_a_person_keeps_one_name_and_people_methods_and_times_have_names_of_their_own():
    names = [
        about().urn("a"),
        about().urn("b"),
        about(method="another").urn("a"),
        about(assessed_at=datetime(2025, 1, 1, tzinfo=UTC)).urn("a"),
    ]
    assert len(set(names)) == 4
    assert about().urn("a") == names[0]


def test_writing_is_one_person_at_a_time():
    """A generator, so that millions need no more memory than one."""
    found = risk_assessments(estimates(), ["a", "b", "c"], about=about())
    assert json.loads(next(found)[1])["subject"] == {"identifier": {"value": "a"}}


def test_nobody_makes_an_empty_bundle(tmp_path):
    nobody = RiskEstimates(
        abstention=np.zeros(0, dtype=np.uint8),
        rows=np.zeros(0, dtype=np.int64),
        score=np.zeros(0),
        percentile=np.zeros(0),
        group=np.zeros(0, dtype=np.uint8),
        absolute=Unscored("no follow-up"),
        intervals=Unscored("not asked for"),
    )
    write_bundle(nobody, [], tmp_path / "b.json", about=about())
    assert read_bundle(tmp_path / "b.json", "R4B").entry is None


def test_words_under_claim():
    said = RiskEstimate(
        score=1.0,
        percentile=99.0,
        group="higher",
        absolute={5.0: 0.9},
        score_interval=Interval(0.0, 2.0),
        percentile_interval=Unscored("not asked for"),
    )
    for one in (said, Abstained("too many inputs are missing")):
        text = json.dumps(risk_assessment(one, "a", about=about())).replace("diagnoses nothing", "")
        assert not any(word in text for word in ("diagnos", "abnormal", "patient", "treat", "final"))


@pytest.mark.parametrize(
    ("subjects", "match"),
    [
        (["a", "b"], "Subjects must number 3, got 2"),
        (["secret", "secret", "b"], "Subjects must be distinct, got 1 repeated"),
        (["", "a", "b"], "RiskAssessment must fit FHIR R4B, got a ValidationError"),
    ],
)
def test_subjects_that_do_not_fit_are_refused_and_nothing_is_left(tmp_path, subjects, match):
    with pytest.raises(RiskError, match=match) as caught:
        write_bundle(estimates(), subjects, tmp_path / "b.json", about=about())
    assert "secret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"method": " "}, "Method and outcome must be said"),
        ({"outcome": ""}, "Method and outcome must be said"),
        ({"assessed_at": datetime(2024, 1, 1)}, "Time of assessment must have a zone"),
        ({"version": "R4"}, "FHIR version must be R4B or R5, got 'R4'"),
    ],
)
def test_descriptions_that_say_too_little_are_refused(given, match):
    with pytest.raises(RiskError, match=match):
        about(**given)
