"""benchmarks/nhanes_depression.py: what goes in, what its figures mean, and that the page says what was run."""

import importlib.util
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from scipy.stats import spearmanr
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from holdfast.cohort.nhanes.dictionary import load_dictionary
from holdfast.cohort.nhanes.nhanes_schema import nhanes_schema
from holdfast.measured import Scored, Unscored
from holdfast.study.error import StudyError
from holdfast.study.tasks.comparison import Contender, Inputs
from holdfast.study.tasks.result import PairResult, TaskResult
from holdfast.study.tasks.split_store import SplitRecord
from holdfast.study.tasks.splits import repeated_splits
from holdfast.study.tasks.task import Task

ROOT = Path(__file__).parents[3]
FIGURES = ROOT / "docs" / "data" / "risk" / "depression.json"
PAGE = ROOT / "docs" / "explanation" / "depression-from-a-visit.md"


@pytest.fixture(scope="module")
def benchmark() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(ROOT / "benchmarks")
        found = importlib.util.spec_from_file_location(
            "nhanes_depression", ROOT / "benchmarks" / "nhanes_depression.py"
        )
        assert found is not None
        assert found.loader is not None
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
        yield module


@pytest.fixture
def relate(benchmark):
    from depression.phq9_relation import relate_to_phq9

    return relate_to_phq9


@pytest.fixture(scope="module")
def nhanes() -> Path:
    path = Path(os.environ.get("HOLDFAST_DATA", ROOT.parent / "shared" / "data")) / "nhanes_2011_2018.parquet"
    if not path.is_file():
        pytest.skip("no NHANES: set HOLDFAST_DATA to the folder that holds nhanes_2011_2018.parquet")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("depression")


@pytest.fixture(scope="module")
def figures(benchmark, nhanes, folder) -> dict[str, Any]:
    run(benchmark, nhanes, folder, preset="fast")
    return json.loads((folder / "out.json").read_text())


def run(benchmark: ModuleType, data: Path, folder: Path, *, preset: str) -> str:
    options = "--people 1500 --repeats 1 --resamples 100 --representations raw,pca --classifiers logistic,lda "
    paths = f"--data {data} --store {folder / 'store'} --json {folder / 'out.json'} --svg {folder / 'out.svg'}"
    done = CliRunner().invoke(benchmark.main, f"{options} {paths} --preset {preset}".split(), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def inputs_of(name: str) -> set[str]:
    from depression.people import SETS

    dictionary = load_dictionary()
    columns = {v.name for v in dictionary.variables} | {n for v in dictionary.variables for n in v.derived_from}
    schema = nhanes_schema(columns, dictionary.cycles, dictionary)
    return set(SETS[name].features(SimpleNamespace(schema=schema)))


def people(n: int = 400, seed: int = 4) -> tuple[np.ndarray, ...]:
    generator = np.random.default_rng(seed)
    age, is_female = generator.uniform(20, 80, n), (generator.random(n) < 0.5).astype(float)
    risk = age / 15 + generator.normal(size=n)
    totals = np.clip(np.round(3 + 1.5 * risk + 3 * generator.normal(size=n)), 0, 27)
    return risk, totals, age, is_female


# What goes in


def test_no_input_is_a_phq9_item_or_worked_out_from_one(benchmark):
    for name in ("age-sex", "labs-lifestyle", "self-report"):
        assert not [feature for feature in inputs_of(name) if feature.startswith(("DPQ", "PHQ"))]


def test_labs_and_lifestyle_hold_no_self_rated_health_nor_sleep_complaints_and_self_report_holds_all_of_it(benchmark):
    labs, everything = inputs_of("labs-lifestyle"), inputs_of("self-report")
    apart = {"HSD010", "SLQ050", "SLQ060", "SLQ120", "INDFMPIR", "DMDEDUC2", "DMDMARTL", "RIDRETH3"}
    assert {"LBXSAL", "LBXRDW", "BMXBMI", "SYSTOLIC_MEAN", "SMOKING", "SLEEP_HOURS", "RIDAGEYR", "RIAGENDR"} <= labs
    assert not labs & apart
    assert labs | apart <= everything
    assert inputs_of("age-sex") == {"RIDAGEYR", "AGE_80_PLUS", "RIAGENDR"}


# Risk against PHQ-9


def test_correlation_is_scipys_and_adjusted_that_of_what_sklearns_fit_leaves(relate):
    risk, totals, age, is_female = people()
    found = relate(risk, totals, age=age, is_female=is_female, resamples=50, seed=1)
    design = np.stack([age, age**2, is_female, age * is_female], axis=1)
    left = []
    for values in (risk, totals):
        ranks = pl.Series(values).rank("average").to_numpy()
        left.append(ranks - LinearRegression().fit(design, ranks).predict(design))
    assert found["spearman"]["value"] == pytest.approx(spearmanr(risk, totals).statistic, abs=1e-9)
    assert found["spearman_adjusted"]["value"] == pytest.approx(spearmanr(*left).statistic, abs=1e-6)


def test_what_age_alone_explains_is_gone_once_age_is_taken_out(relate):
    generator = np.random.default_rng(7)
    age = generator.uniform(20, 80, 3000)
    risk, totals = (
        age + 5 * generator.normal(size=3000),
        np.round(np.clip(age / 4 + generator.normal(size=3000), 0, 27)),
    )
    found = relate(risk, totals, age=age, is_female=np.zeros(3000), resamples=100, seed=1)
    low, high, _ = found["spearman_adjusted"]["interval"]
    assert found["spearman"]["value"] > 0.9
    assert low < 0 < high
    assert found["bands"][3]["percentile"]["value"] > 70
    assert found["bands"][3]["adjusted"]["value"] == pytest.approx(50, abs=3)


def test_bands_hold_the_mean_percentile_of_their_people(relate):
    risk, totals, age, is_female = people()
    found = relate(risk, totals, age=age, is_female=is_female, resamples=50, seed=1)
    for band in found["bands"]:
        low, high = (int(end) for end in band["band"].split("-"))
        own = [
            100 * (sum(other < mine for other in risk) + 0.5 * sum(other == mine for other in risk)) / len(risk)
            for mine, total in zip(risk, totals, strict=True)
            if low <= total <= high
        ]
        assert band["people"] == len(own)
        if len(own) < 10:
            assert band["percentile"]["reason"] == "fewer than 10 people"
            continue
        assert band["percentile"]["value"] == pytest.approx(np.mean(own))
        assert band["percentile"]["interval"][0] <= np.mean(own) <= band["percentile"]["interval"][1]
    assert sum(band["people"] for band in found["bands"]) == len(risk)


def test_a_missing_phq9_is_refused_and_never_filled_in(relate):
    risk, totals, age, is_female = people(50)
    totals[3] = np.nan
    with pytest.raises(StudyError, match="leave people out of whom one is not known"):
        relate(risk, totals, age=age, is_female=is_female, resamples=10, seed=1)


def test_one_risk_for_everybody_gives_no_correlation_and_says_why(relate):
    _, totals, age, is_female = people(50)
    found = relate(np.ones(50), totals, age=age, is_female=is_female, resamples=10, seed=1)
    assert found["spearman"]["reason"] == "everybody has the same risk or the same PHQ-9"


# Groups and sets


def scored_set(scores_of: Any, n: int = 300) -> Any:
    from depression.scored_set import ScoredSet

    has = np.random.default_rng(2).random(n) < 0.3
    task = Task.prevalent("depression", has)
    scores = scores_of(has)
    records = [
        SplitRecord(repeat=s.repeat, fold=s.fold, outcomes={("raw", "lda"): scores[s.test] + s.fold})
        for s in repeated_splits(task, repeats=2, seed=0)
    ]
    auroc = Scored(value=0.7, n=n)
    pair = PairResult(
        representation="raw",
        classifier="lda",
        auroc=auroc,
        average_precision=auroc,
        ahead=None,
        unconverged_splits=0,
    )
    result = TaskResult(
        task="depression",
        n_people=n,
        n_cases=int(has.sum()),
        left_out={},
        n_splits=4,
        reference=("raw", "lda"),
        pairs=(pair,),
    )
    return ScoredSet(task=task, result=result, records=records)


def noisy(has: np.ndarray) -> np.ndarray:
    return np.round(has + np.random.default_rng(3).normal(size=len(has)), 1)


def test_a_groups_auroc_is_sklearns_among_its_people_averaged_over_splits(benchmark):
    from depression.scored_set import subgroup_aurocs

    one = scored_set(noisy)
    groups = np.array(["under 40", "40 to 49", "80 and over"], dtype=object)[
        np.random.default_rng(5).choice(3, 300, p=[0.6, 0.38, 0.02])
    ]
    found = subgroup_aurocs(one, {"age band": groups}, resamples=50)
    assert [group.level for group in found] == ["under 40", "40 to 49", "80 and over"]
    for group in found[:2]:
        expected = []
        for split, scores in zip(one.splits, one.best_scores(), strict=True):
            is_in = groups[split.test] == group.level
            expected.append(roc_auc_score(one.task.has[split.test][is_in], scores[is_in]))
        assert isinstance(group.figure, Scored)
        assert group.figure.value == pytest.approx(np.mean(expected))
        assert group.figure.interval is not None
    assert found[2].figure == Unscored("fewer than 10 people with or without it")
    assert sum(group.people for group in found) == 300
    assert sum(group.events for group in found) == one.task.n_cases


def test_a_set_that_tells_more_is_ahead_of_one_of_noise(benchmark):
    from depression.scored_set import between_sets

    noise = scored_set(lambda has: np.random.default_rng(9).normal(size=len(has)))
    (row,) = between_sets({"noise": noise, "told": scored_set(noisy)}, resamples=100)
    assert (row["first"], row["second"]) == ("noise", "told")
    assert row["difference"]["interval"][0] > 0.05


def test_what_was_learnt_by_heart_is_sklearns_auroc_of_either_half(benchmark):
    from depression.learnt_by_heart import learnt_by_heart

    generator = np.random.default_rng(6)
    rows = generator.normal(size=(200, 30)).astype(np.float32)
    has = rows[:, 0] + generator.normal(size=200) > 0.8
    task = Task.prevalent("depression", has)
    split = repeated_splits(task, repeats=1, seed=0)[0]
    inputs = Inputs(task=task, prepare=lambda train: (rows[train], rows))
    (found,) = learnt_by_heart(inputs, [Contender(representation="raw")], split)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(rows[split.train], has[split.train])
    for name, places in (("learnt_from", split.train), ("others", split.test)):
        expected = roc_auc_score(has[places], model.predict_proba(rows[places])[:, 1])
        assert found[name]["value"] == pytest.approx(expected)
    assert found["learnt_from"]["value"] > found["others"]["value"] + 0.05


# The whole run, on real people


def test_the_people_are_those_the_published_items_say(benchmark, nhanes, tmp_path):
    from depression.people import read_people

    items = [f"DPQ0{k}0" for k in range(1, 10)]
    raw = pl.read_parquet(nhanes, columns=["RIDSTATR", "RIDAGEYR", *items])
    adults = raw.filter((pl.col("RIDSTATR") == 2) & (pl.col("RIDAGEYR") >= 20))
    complete = adults.filter(pl.all_horizontal(pl.col(items).is_not_null() & (pl.col(items) < 4)))
    task = read_people(nhanes, tmp_path).task
    assert len(task.rows) == complete.height
    assert task.n_cases == complete.filter(pl.sum_horizontal(items) >= 10).height
    assert task.left_out == {"not known": adults.height - complete.height}


def test_self_report_tells_depression_better_than_chance_and_no_set_so_well_that_an_item_must_have_slipped_in(figures):
    sets = figures["sets"]
    assert figures["people"]["labelled"] == 1500
    values = [p["auroc"]["value"] for one in sets.values() for p in one["pairs"]]
    assert len(values) == 2 + 4 + 4
    assert max(values) < 0.9
    assert min(p["auroc"]["interval"][0] for p in sets["self-report"]["pairs"]) > 0.55
    for one in sets.values():
        assert sum(g["events"] for g in one["groups"] if g["attribute"] == "Sex") == one["cases"]


def test_the_risk_is_of_people_followed_up_with_a_complete_phq9(figures):
    risk = figures["risk"]
    assert risk["outcome"] == "scored"
    assert risk["people"] == risk["followed_up"] == sum(band["people"] for band in risk["bands"])
    assert 0 < risk["people"] < 1500
    assert min(c["value"] for c in risk["concordance_by_half"]) > 0.7


def test_a_second_run_learns_nothing_again_and_says_the_same(benchmark, nhanes, folder, figures):
    kept = {path: path.read_bytes() for path in (folder / "store").rglob("splits.jsonl")}
    output = run(benchmark, nhanes, folder, preset="none")
    again = json.loads((folder / "out.json").read_text())
    assert again["risk"] == {"outcome": "unscored", "reason": "not asked for"}
    assert "not measured: not asked for" in output
    assert again["sets"] == figures["sets"]
    assert len(kept) == 3
    assert all(path.read_bytes() == before for path, before in kept.items())


def test_absent_data_are_said_in_one_line(benchmark, monkeypatch, tmp_path):
    monkeypatch.setenv("HOLDFAST_DATA", str(tmp_path))
    done = CliRunner().invoke(benchmark.main, ["--store", str(tmp_path / "store")])
    assert done.exit_code == 2
    assert "set HOLDFAST_DATA to where nhanes_2011_2018.parquet is" in done.output


# The page


def measurements(said: Any) -> Iterator[dict[str, Any]]:
    if isinstance(said, dict):
        if said.get("outcome") == "scored" and "value" in said:
            yield said
        for value in said.values():
            yield from measurements(value)
    elif isinstance(said, list):
        for value in said:
            yield from measurements(value)


def test_every_figure_with_an_interval_on_the_page_is_of_the_run(benchmark):
    from depression.table import said

    run_figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    known = {
        said(one, signed=signed, digits=digits)
        for one in measurements(run_figures)
        for signed in (False, True)
        for digits in (1, 3)
    }
    page = PAGE.read_text(encoding="utf-8").replace("−", "-")
    written = re.findall(r"[+-]?\d+\.\d+ \([^()]* to [^()]*\)", page)
    assert len(written) > 80
    assert [figure for figure in written if figure not in known] == []


def test_the_page_shows_every_pair_of_the_run(benchmark):
    from depression.table import said

    run_figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    for name in ("labs-lifestyle", "self-report"):
        pairs = run_figures["sets"][name]["pairs"]
        assert len(pairs) == 40
        for representation in {pair["representation"] for pair in pairs}:
            cells = [said(p["auroc"]) for p in pairs if p["representation"] == representation]
            assert f"| {representation} | " + " | ".join(cells) + " |" in page.replace("**", "")


def test_the_pages_counts_and_what_was_learnt_by_heart_are_of_the_run(benchmark):
    run_figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    counts, page = run_figures["people"], PAGE.read_text(encoding="utf-8")
    for row in run_figures["learnt_by_heart"]:
        seen, unseen = (f"{row[name]['value']:.3f}" for name in ("learnt_from", "others"))
        assert f"| {row['representation']} | {seen} | {unseen} |" in page
    for name in ("people", "followed_up", "deaths"):
        assert f"{run_figures['risk'][name]:,}" in page
    for name in ("adults_examined", "labelled", "screen_positive"):
        assert f"{counts[name]:,}" in page
    assert f"{counts['left_out']['not known']:,}" in page
