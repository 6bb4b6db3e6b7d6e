"""The tuning study of benchmarks/studies goes on after a kill, and gives every loss the same settings to try."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import click
import pytest

from holdfast.metric.benchmark.spec import BENCHMARK_LOSSES

STUDY = Path(__file__).parents[3] / "benchmarks" / "studies" / "metric_tuning.py"


@pytest.fixture(scope="module")
def tuning() -> ModuleType:
    found = importlib.util.spec_from_file_location("metric_tuning", STUDY)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_a_line_that_a_kill_cut_short_is_dropped_and_the_next_is_whole(tmp_path, tuning):
    store = tmp_path / "runs.jsonl"
    store.write_text(json.dumps({"key": "a", "f1": 0.5}) + "\n" + '{"key": "b", "f')
    study = tuning.Study(store, device="cpu", workers=1, until=None)
    assert list(study.kept) == ["a"]
    with store.open("a") as kept:
        kept.write(json.dumps({"key": "c", "f1": 0.6}) + "\n")
    assert list(tuning.Study(store, device="cpu", workers=1, until=None).kept) == ["a", "c"]


def test_a_trial_shares_what_every_loss_has_and_search_confirmation_and_test_share_no_seed(tuning):
    for trial in range(5):
        tried = [tuning.draw(name, trial, 10) for name in BENCHMARK_LOSSES]
        shared = {(spec.lr, spec.normalize, spec.schedule, spec.weight_decay, spec.seed) for spec in tried}
        assert len(shared) == 1
        assert len({spec.loss_settings["margin"] for spec in tried if "margin" in spec.loss_settings}) == 1
    test_seeds = set(range(tuning.TEST_SEED, tuning.TEST_SEED + 100))
    assert not test_seeds & {tuning.SEARCH_SEED, *tuning.CONFIRMING_SEEDS}


def test_a_loss_that_always_diverged_is_said_in_one_line(tuning):
    with pytest.raises(click.ClickException, match="Every trial of a loss diverged"):
        tuning._choose([], [])
