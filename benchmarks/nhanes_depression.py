"""Depression as the PHQ-9 screens for it, told from labs and lifestyle; and how the health risk relates to PHQ-9.

    python benchmarks/nhanes_depression.py [--data nhanes_2011_2018.parquet] [--people N] [--repeats 5]
        [--representations raw,pca,...] [--classifiers lda,...] [--preset accurate|fast|none]
        [--json OUT.json] [--svg OUT.svg]

Who: adults of NHANES 2011-2018 with all nine PHQ-9 items answered; the others are left out, and no answer is filled in.
What is told: a total of 10 or more, which is a screen and no diagnosis. No PHQ item is an input. Three sets of inputs:
age and sex; labs, body, blood pressure and lifestyle; and those with what people say of their health, their sleep and
themselves. Every representation with every classifier on repeated stratified halves, all learnt on one half and judged
on the other, at their default settings. The best pair of each set is shown by sex, ethnicity and age band too.

Then the risk model (of death) is fitted on one half of those followed up and scores the other, and its scores are set
against PHQ-9 totals. Finished splits are kept in ``--store``: a run that was stopped goes on where it stopped. By
default the folder ``$HOLDFAST_DATA`` is searched for the data. No figure is weighted to the US population.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from depression.cross_fitted_risk import risk_and_phq9
from depression.learnt_by_heart import learnt_by_heart
from depression.people import FEWEST, SEED, SETS, InputSet, People, read_people
from depression.scored_set import ScoredSet, between_sets, subgroup_aurocs
from depression.table import show
from numpy.typing import NDArray
from tqdm import tqdm

from holdfast.measured import Unscored, measurement_to_dict
from holdfast.metric.representations.registry import REPRESENTATIONS
from holdfast.risk.survival.subgroups import subgroup_gaps
from holdfast.study.error import StudyError
from holdfast.study.inputs import InputEncoding, InputSettings
from holdfast.study.risk_model.settings import PRESETS
from holdfast.study.tasks.classifiers import CLASSIFIERS
from holdfast.study.tasks.comparison import Comparison, Contender, Inputs
from holdfast.study.tasks.protocol import compare_on_task
from holdfast.study.tasks.split_store import SplitRecord, SplitStore
from holdfast.study.tasks.splits import repeated_splits

Row = dict[str, Any]

INPUTS = InputSettings(has_hinges=False)  # what bends is for representations and classifiers to find


@click.command()
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="NHANES as a merged table or a folder.")
@click.option("--people", default=0, show_default=True, help="So many, drawn at random; 0: all.")
@click.option("--repeats", default=5, show_default=True, help="Times people are cut in two halves.")
@click.option("--resamples", default=1000, show_default=True, help="Of the bootstrap over people.")
@click.option("--representations", default=",".join(REPRESENTATIONS), show_default=True)
@click.option("--classifiers", default=",".join(CLASSIFIERS), show_default=True)
@click.option("--preset", type=click.Choice([*PRESETS, "none"]), default="accurate", help="Of the risk model.")
@click.option("--store", type=click.Path(file_okay=False, path_type=Path), default=Path("build/nhanes_depression"))
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Draw them here.")
def main(  # noqa: PLR0913 - one argument an option
    data: Path | None,
    people: int,
    repeats: int,
    resamples: int,
    representations: str,
    classifiers: str,
    preset: str,
    store: Path,
    out: Path | None,
    svg: Path | None,
) -> None:
    """Print every pair's AUROC with its interval, the best by group, and the risk by PHQ-9."""
    names, judges = representations.split(","), tuple(classifiers.split(","))
    comparison = Comparison(
        contenders=tuple(Contender(representation=name) for name in names),
        classifiers=judges,
        reference=(names[0], "logistic" if "logistic" in judges else judges[0]),
        repeats=repeats,
        resamples=resamples,
        seed=SEED,
        threads=1,
    )
    who = read_people(data or _default_data(), store, people=people)
    found = {name: _scored(name, who, comparison, store) for name in SETS}
    figures: Row = {
        "people": _described(who),
        "protocol": {**comparison.identity(), "resamples": resamples, "level": comparison.level, "fewest": FEWEST},
        "sets": {name: _set_to_json(SETS[name], who, one, resamples) for name, one in found.items()},
        "between_sets": between_sets(found, resamples=resamples),
        "learnt_by_heart": _learnt_by_heart(who, comparison),
        "risk": _risk_to_json(who, preset, resamples),
    }
    show(figures)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(figures, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    if svg:
        from depression.picture import draw

        draw(figures, svg)


def _default_data() -> Path:
    folder = Path(os.environ.get("HOLDFAST_DATA", "../shared/data"))
    path = folder / "nhanes_2011_2018.parquet"
    if not path.is_file():
        raise click.UsageError(f"No data in {folder}: give --data, or set HOLDFAST_DATA to where {path.name} is.")
    return path


def _scored(name: str, who: People, comparison: Comparison, store: Path) -> ScoredSet:
    """Compare every pair on one set of inputs, on the same splits for all sets."""
    if SETS[name].only_raw:
        raw = (Contender(representation="raw"),)
        comparison = replace(comparison, contenders=raw, reference=("raw", comparison.reference[1]))
    columns = SETS[name].features(who.cohort)
    data = {"inputs": dict(who.cohort.provenance.inputs), "columns": columns, "settings": asdict(INPUTS)}
    folder = store / f"{name}-{_digest(comparison.identity(), data, who.task.rows.tolist())}"
    with tqdm(desc=SETS[name].title, unit=" learnt") as bar:
        result = compare_on_task(_inputs(who, SETS[name]), comparison, folder=folder, data=data, progress=_told(bar))
    return ScoredSet(task=who.task, result=result, records=_records(folder))


def _inputs(who: People, chosen: InputSet) -> Inputs:
    visits = who.visits(chosen)

    def prepare(train: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        everybody = InputEncoding.fit(visits.take(train), INPUTS, seed=SEED).transform(visits.values)
        return everybody[train], everybody

    return Inputs(task=who.task, prepare=prepare)


def _learnt_by_heart(who: People, comparison: Comparison) -> list[Row]:
    first = repeated_splits(who.task, repeats=comparison.repeats, seed=SEED)[0]
    return learnt_by_heart(_inputs(who, SETS["labs-lifestyle"]), comparison.contenders, first)


def _told(bar: Any) -> Callable[[str, int, int], None]:
    def tell(what: str, done: int, total: int) -> None:
        bar.total, bar.n = total, done
        bar.set_postfix_str(what)

    return tell


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def _records(folder: Path) -> tuple[SplitRecord, ...]:
    """Read back what was scored, in the order of the splits."""
    configuration = json.loads((folder / "configuration.json").read_text(encoding="utf-8"))
    return tuple(record for _, record in sorted(SplitStore(folder, configuration).finished().items()))


def _described(who: People) -> Row:
    return {
        "adults_examined": who.cohort.n_people,
        "labelled": len(who.task.rows),
        "screen_positive": who.task.n_cases,
        "left_out": dict(who.task.left_out),
        "files": dict(who.cohort.provenance.inputs),
        "cycles": who.cohort.provenance.settings["cycles"],
    }


def _set_to_json(inputs: InputSet, who: People, one: ScoredSet, resamples: int) -> Row:
    attributes = {title: groups[who.task.rows] for title, groups in who.visits(SETS["age-sex"]).attributes.items()}
    groups = subgroup_aurocs(one, attributes, resamples=resamples)
    return {
        "title": inputs.title,
        "inputs": list(inputs.features(who.cohort)),
        **one.result.to_json(),
        "best": list(one.best),
        "groups": [{**vars(group), "figure": measurement_to_dict(group.figure)} for group in groups],
        "gaps": [{**vars(gap), "gap": measurement_to_dict(gap.gap)} for gap in subgroup_gaps(groups)],
    }


def _risk_to_json(who: People, preset: str, resamples: int) -> Row:
    if preset == "none":
        return measurement_to_dict(Unscored("not asked for"))
    try:
        return {"outcome": "scored", **risk_and_phq9(who, SETS["labs-lifestyle"], preset, resamples=resamples)}
    except StudyError as error:
        return measurement_to_dict(Unscored(str(error)))


if __name__ == "__main__":
    main()
