"""Death foretold from one visit in NHANES 2011-2014: every method by 5 x 2 cross-validation, and the next survey.

    python benchmarks/nhanes_risk.py [--inputs labs|all|both] [--repeats 5] [--methods all] [--json OUT.json]

Adults of 20 and older with follow-up. Two sets of inputs: ``labs`` is 19 blood values, age and sex, as the anchors of
the literature have them; ``all`` is every feature but survey design and detection limits that at most 40 % lack. All
methods get the same inputs and people. A table a set: concordance, the same within bands of age, and how far ours is
ahead, with intervals by resampling people and, over the splits, by the corrected resampled t (Nadeau and Bengio 2003).
Then, labs only: learn from 2011-2012, judge on 2013-2014, and the other way round. Results are kept beside OUT.json, so
that an interrupted benchmark goes on where it stopped. ``--people N`` draws that many, for a quick look.
"""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from holdfast.cli.risk_progress import step_progress
from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.nhanes.build import NhanesSettings, build_nhanes
from holdfast.study.evaluation.assessment import assess
from holdfast.study.evaluation.case import Case, repeated_halves, train_and_test
from holdfast.study.evaluation.figures import Figures, figures_of
from holdfast.study.evaluation.risk_store import RiskStore
from holdfast.study.evaluation.text_table import text_table
from holdfast.study.methods.method import Method, MethodSettings
from holdfast.study.methods.registry import make_methods
from holdfast.study.runs.run_record import data_file
from holdfast.study.visits.age_bands import AGE_BAND
from holdfast.study.visits.cohort_visits import CohortSelection, read_cohort
from holdfast.study.visits.healthy_rule import healthy_rule_of
from holdfast.study.visits.visits import Visits

AGE, SEX = "RIDAGEYR", "RIAGENDR"
LABS = (
    *("LBXSAL", "LBXSATSI", "LBXSASSI", "LBXSAPSI", "LBXSBU", "LBXSCR", "LBXSGL", "LBXSGTSI", "LBXSTB", "LBXSCH"),
    *("LBXSTP", "LBXSTR", "LBXSUA", "LBXLYPCT", "LBXMCVSI", "LBXRDW", "LBXWBCSI", "LBXHGB", "LBXPLTSI"),
)
MOST_MISSING = 0.4
CYCLES = ("2011-2012", "2013-2014")


@click.command()
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="The merged Parquet file.")
@click.option("--inputs", type=click.Choice(["labs", "all", "both"]), default="both", show_default=True)
@click.option("--repeats", default=5, show_default=True, help="Times the people are cut in two.")
@click.option("--methods", default="all", show_default=True, help="Names by comma, or all.")
@click.option("--resamples", default=1000, show_default=True)
@click.option("--people", type=click.IntRange(min=500), help="Draw so many people, for a quick look.")
@click.option("--next-survey/--no-next-survey", default=True, show_default=True)
@click.option("--threads", default=1, show_default=True)
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), default=Path("build/nhanes_risk.json"))
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Draw the figures here.")
def main(  # noqa: PLR0913 -- one parameter an option
    data: Path | None,
    inputs: str,
    repeats: int,
    methods: str,
    resamples: int,
    people: int | None,
    next_survey: bool,
    threads: int,
    out: Path,
    svg: Path | None,
) -> None:
    """Run the benchmark, print its tables and write JSON."""
    out.parent.mkdir(parents=True, exist_ok=True)
    visits = _visits(data or _default_data(), out.with_suffix(".cohort"), people)
    made = make_methods(tuple(methods.split(",")), MethodSettings(age=AGE, threads=threads))
    kept = {"data": [f.sha256 for f in data_file("data", data or _default_data())], "people": people}
    found: dict[str, Any] = {"configuration": {**kept, "repeats": repeats, "resamples": resamples}}
    runs: list[tuple[str, Visits, tuple[Case, ...]]] = []
    for name in ("labs", "all") if inputs == "both" else (inputs,):
        chosen = visits.select(_inputs(visits, name))
        click.echo(f"\n{name}: {len(chosen.columns)} inputs, {chosen.n_people} people", err=True)
        runs.append((name, chosen, repeated_halves(chosen, seeds=range(repeats))))
    if next_survey:
        runs += list(_next_survey(visits.select(_inputs(visits, "labs"))))
    for name, chosen, cases in runs:
        figures = _run(cases, made, chosen, resamples, RiskStore(_folder(out, name), {**kept, "inputs": chosen.names}))
        click.echo(f"\n{name}: {len(chosen.columns)} inputs\n{text_table(figures)}\n{_over_splits(figures)}")
        found[name] = {"inputs": list(chosen.names), **figures.to_json()}
    out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    if svg is not None:
        from nhanes.picture import draw

        draw(found, svg)


def _run(
    cases: tuple[Case, ...], methods: tuple[Method, ...], judged: Visits, resamples: int, store: RiskStore
) -> Figures:
    assessment = assess(cases, methods, store=store, progress=step_progress(is_shown=True))
    return figures_of(
        assessment, judged.outcome, age_band=judged.attributes[AGE_BAND], horizon_years=5.0, resamples=resamples
    )


def _next_survey(visits: Visits) -> list[tuple[str, Visits, tuple[Case, ...]]]:
    """Learn from one survey and judge on the other, three seeds each way."""
    cycle = visits.attributes["cycle"]
    halves = [visits.take(cycle == name) for name in CYCLES]
    names = [f"{CYCLES[0]} to {CYCLES[1]}", f"{CYCLES[1]} to {CYCLES[0]}"]
    pairs = [(halves[0], halves[1]), (halves[1], halves[0])]
    return [
        (name, test, train_and_test(train, test, seeds=range(3)))
        for name, (train, test) in zip(names, pairs, strict=True)
    ]


def _over_splits(figures: Figures) -> str:
    """Say the leads over the splits, which look at the people learnt from too."""
    said = []
    for method in figures.methods:
        over = None if method.lead is None else method.lead.over_splits
        interval = getattr(over, "interval", None)
        if interval is not None:
            said.append(f"{method.name} {over.value:+.4f} ({interval.low:+.4f} to {interval.high:+.4f})")
    return "Over the splits, ahead of: " + "; ".join(said) if said else ""


def _visits(data: Path, folder: Path, people: int | None) -> Visits:
    if not folder.exists():
        build_nhanes((data,), folder, today=datetime.now(UTC).date(), settings=NhanesSettings(min_age=20))
    cohort = Cohort.open(folder)
    visits = read_cohort(cohort, CohortSelection(healthy=healthy_rule_of(cohort)))
    cycles = cohort.people().select("person", "CYCLE").collect()
    said = dict(zip(cycles["person"], cycles["CYCLE"], strict=True))
    words = {"G": CYCLES[0], "H": CYCLES[1]}
    cycle = np.array([words.get(said[person], said[person]) for person in visits.persons], dtype=object)
    visits = replace(visits, attributes={**visits.attributes, "cycle": cycle})
    if people is None or people >= visits.n_people:
        return visits
    rows = np.random.default_rng(0).choice(visits.n_people, people, replace=False)
    return visits.take(np.sort(rows))


def _inputs(visits: Visits, name: str) -> list[str]:
    if name == "labs":
        return [AGE, SEX, *LABS]
    missing = np.isnan(visits.values).mean(axis=0)
    return [column for column, share in zip(visits.names, missing, strict=True) if share <= MOST_MISSING]


def _folder(out: Path, name: str) -> Path:
    return out.with_suffix(".runs") / name.replace(" ", "-")


def _default_data() -> Path:
    path = Path(os.environ.get("HOLDFAST_DATA", "../shared/data")) / "nhanes_2011_2018.parquet"
    if not path.is_file():
        raise click.UsageError(f"No data at {path}: give --data, or set HOLDFAST_DATA to where it is.")
    return path


if __name__ == "__main__":
    main()
