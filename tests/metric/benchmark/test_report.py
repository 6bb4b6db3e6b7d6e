"""The report holds differences in the direction it says, corrects for many tests, and says what is missing."""

import json

import numpy as np
import pytest
from scipy import stats

from holdfast.measured import Failed, Scored, Unscored
from holdfast.metric.benchmark.plot import draw_intervals
from holdfast.metric.benchmark.report import _holm, report_to_json, summarise
from holdfast.metric.benchmark.table import text_table
from holdfast.metric.error import MetricError

TRIPLET, NPLB, SWAP = [0.80, 0.82, 0.81], [0.86, 0.87, 0.88], [0.79, 0.83, 0.80]


@pytest.fixture
def records(record):
    made = {"triplet": TRIPLET, "nplb": NPLB, "swap": SWAP}
    return [
        record(loss, seed, figure) for seed in range(3) for loss, values in made.items() for figure in [values[seed]]
    ]


def test_means_and_intervals_are_those_of_student(records):
    report = summarise(records)
    mean = report.losses[1].figures["knn_weighted_f1"]
    low, high = stats.t.interval(0.95, 2, np.mean(NPLB), stats.sem(NPLB))
    assert (mean.value, mean.n) == (pytest.approx(np.mean(NPLB)), 3)
    assert (mean.interval.low, mean.interval.high) == (pytest.approx(low), pytest.approx(high))


def test_a_difference_above_zero_means_better_than_the_baseline(records):
    nplb = summarise(records).losses[1]
    assert nplb.loss == "nplb"
    assert nplb.difference.difference.value == pytest.approx(np.mean(NPLB) - np.mean(TRIPLET))
    assert nplb.difference.p_t.value == pytest.approx(stats.ttest_rel(NPLB, TRIPLET).pvalue)
    assert summarise(records, baseline="nplb").losses[0].difference.difference.value < 0


def test_holm_corrects_as_worked_out_by_hand():
    """Of 0.01, 0.04, 0.03 sorted: 3 x 0.01, 2 x 0.03, then 0.04 raised to the 0.06 before it."""
    p = {"a": Scored(value=0.01, n=5), "b": Scored(value=0.04, n=5), "c": Scored(value=0.03, n=5), "d": Unscored("x")}
    corrected = _holm(p)
    assert [round(corrected[name].value, 10) for name in "abc"] == [0.03, 0.06, 0.06]
    assert corrected["d"] == Unscored("x")
    assert _holm({"a": Scored(value=0.8, n=2), "b": Scored(value=0.9, n=2)})["a"].value == 1.0


def test_without_the_baseline_nothing_is_compared(records):
    report = summarise([record for record in records if record.spec.loss != "triplet"])
    assert report.baseline is None
    assert all(summary.difference is None for summary in report.losses)
    assert "less triplet" not in text_table(report)


def test_a_diverged_run_is_in_no_mean_and_is_counted(record):
    report = summarise(
        [
            record("triplet", 0, 0.8),
            record("triplet", 1, 0.9),
            record("nplb", 0, 0.7),
            record("nplb", 1, Failed("diverged")),
        ]
    )
    nplb = report.losses[1]
    assert nplb.figures["knn_weighted_f1"] == Scored(value=0.7, n=1)
    assert nplb.failed == 1
    assert nplb.difference.pairs == 1
    assert "1, 1 diverged" in text_table(report)


def test_a_loss_that_always_diverged_has_no_figure(record, tmp_path):
    report = summarise([record("triplet", 0, 0.8), record("nplb", 0, Failed("diverged"))])
    assert isinstance(report.losses[1].figures["knn_weighted_f1"], Unscored)
    assert "—" in text_table(report)
    draw_intervals(report, tmp_path / "p.svg")
    json.dumps(report_to_json(report), allow_nan=False)


def test_the_table_says_data_direction_tests_and_how_memory_was_measured(records):
    text = text_table(summarise(records))
    for said in (
        "d, judged on test, seeds: 3 (n)",
        "above 0: better",
        "p (Holm)",
        "Peak memory: as measured.",
        "threads: 1",
    ):
        assert said in text
    row = next(line for line in text.splitlines() if line.startswith("nplb"))
    assert row.split()[1] == "0.8700"


def test_the_json_holds_protocol_settings_and_every_run(records):
    stored = json.loads(json.dumps(report_to_json(summarise(records)), allow_nan=False))
    assert stored["format"] == "holdfast-metric-bench"
    assert len(stored["runs"]) == 9
    assert stored["seeds"] == [0, 1, 2]
    assert any("images_per_step / 3 random triplets" in line for line in stored["protocol"])
    triplet, nplb, _ = stored["losses"]
    assert triplet["difference_to_baseline"] is None
    assert nplb["drawn"] == "10 x random triplets a step"
    assert nplb["settings"]["steps"] == 20
    assert nplb["difference_to_baseline"]["holds"] == "the loss less the baseline: above 0, the loss is better"
    assert nplb["difference_to_baseline"]["smallest_p_sign_flip"] == 0.25


def test_runs_of_different_data_are_not_summarised_together(record):
    other = record("nplb", 0, 0.5, data={"name": "e", "fingerprint": "g", "judged_on": "test"})
    with pytest.raises(MetricError, match="must be of one set of data"):
        summarise([record("triplet", 0, 0.5), other])
    with pytest.raises(MetricError, match="at least one run"):
        summarise([])


def test_the_plot_is_the_same_bytes_each_time_and_names_every_loss(records, tmp_path):
    report = summarise(records)
    for name in ("a.svg", "b.svg"):
        draw_intervals(report, tmp_path / name)
    text = (tmp_path / "a.svg").read_text()
    assert text == (tmp_path / "b.svg").read_text()
    for said in ("triplet", "nplb", "swap", "right of 0: better", "higher is better", "<title>Losses compared on d"):
        assert said.replace("<title>", "") in text
