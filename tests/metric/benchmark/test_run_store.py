"""Finished runs are kept exactly, found again under the same settings, and never mixed with others."""

import json
from dataclasses import replace

import pytest
import torch

from holdfast.errors import StorageError
from holdfast.measured import Failed, Interval, Scored, Unscored
from holdfast.metric.benchmark.record import RunRecord, measurement_from_json, measurement_to_json
from holdfast.metric.benchmark.run import EmbeddedSample, run_one
from holdfast.metric.benchmark.run_store import RunStore, write_whole
from holdfast.metric.error import MetricError

CONTEXT = {"fingerprint": "f", "judged_on": "test"}


@pytest.mark.parametrize(
    "measurement",
    [
        Scored(value=0.1 + 0.2, n=3, interval=Interval(0.1, 0.5)),
        Scored(value=1.0, n=1),
        Unscored("nothing to score"),
        Failed("it broke"),
    ],
)
def test_a_figure_survives_json_in_kind_and_to_the_last_digit(measurement):
    assert measurement_from_json(json.loads(json.dumps(measurement_to_json(measurement)))) == measurement


def test_a_real_run_survives_being_kept(tmp_path, data, spec):
    kept = RunRecord.of(run_one(data, spec), data)
    RunStore(tmp_path).keep(kept)
    assert RunStore(tmp_path).find(spec, context={"fingerprint": data.fingerprint, "device": "cpu"}) == kept


def test_a_run_not_made_yet_is_none(tmp_path, spec):
    assert RunStore(tmp_path / "nowhere").find(spec, context=CONTEXT) is None


def test_a_run_of_other_settings_is_refused_with_what_changed_and_what_to_do(tmp_path, record):
    kept = record("nplb", 0, 0.5)
    RunStore(tmp_path).keep(kept)
    with pytest.raises(MetricError, match=r"`steps` 20 then and 30 now; start anew with --fresh"):
        RunStore(tmp_path).find(replace(kept.spec, steps=30), context=CONTEXT)
    with pytest.raises(MetricError, match="`fingerprint` 'f' then and 'g' now"):
        RunStore(tmp_path).find(kept.spec, context={"fingerprint": "g"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "triplet-seed0.json must be a finished run; it is damaged"),
        ("[]", "must be a finished run; it is damaged"),
        ('{"format": "other"}', "must be a finished run; it is damaged"),
        ('{"format": "holdfast-metric-run", "format_version": 1}', "must be a finished run; it is damaged"),
    ],
)
def test_a_damaged_run_is_refused(tmp_path, spec, text, message):
    (tmp_path / "triplet-seed0.json").write_text(text)
    with pytest.raises(MetricError, match=message):
        RunStore(tmp_path).find(spec, context=CONTEXT)


def test_clearing_removes_runs_and_nothing_else(tmp_path, record, spec):
    store = RunStore(tmp_path)
    store.keep(record("nplb-all", 0, 0.5))
    store.keep(record("swap", 12, 0.5))
    store.keep_sample(spec, EmbeddedSample(embeddings=torch.eye(3), labels=torch.arange(3)))
    (tmp_path / "notes.json").write_text("mine")
    assert store.clear() == 2
    assert [path.name for path in tmp_path.iterdir()] == ["notes.json"]
    assert RunStore(tmp_path / "nowhere").clear() == 0


def test_a_sample_survives_being_kept(tmp_path, spec):
    sample = EmbeddedSample(embeddings=torch.rand(4, 3), labels=torch.tensor([0, 1, 1, 0]))
    store = RunStore(tmp_path)
    assert store.sample(spec) is None
    store.keep_sample(spec, sample)
    found = store.sample(spec)
    assert torch.equal(found.embeddings, sample.embeddings)
    assert torch.equal(found.labels, sample.labels)


def test_a_file_that_could_not_be_written_leaves_the_old_one_whole(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_whole(path, b"old")

    def fail(descriptor: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(StorageError, match="must be writable, got: "):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]
