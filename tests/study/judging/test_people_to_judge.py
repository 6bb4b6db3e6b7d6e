"""Who is judged on: people held out of the model's own cohort, or everybody of another one."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.schema import Kind
from holdfast.cohort.synthetic import build_synthetic
from holdfast.errors import UnknownNameError
from holdfast.study.error import StudyError
from holdfast.study.judging.people_to_judge import people_to_judge
from holdfast.study.risk_model.cohort_fit import CohortFit
from holdfast.study.risk_model.held_out_people import held_out_people
from holdfast.study.risk_model.model_folder import StoredModel
from holdfast.study.visits import Visits
from holdfast.study.visits.cohort_visits import input_features


def stored(cohort: Path, **asked: Any) -> StoredModel:
    """A model that was fitted to a cohort, as far as reading people needs one: its columns and its record."""
    fit = CohortFit(cohort=str(cohort), preset="fast", **asked)
    columns = input_features(Cohort.open(cohort).schema, fit.features, fit.without)
    return StoredModel(model=SimpleNamespace(columns=columns), outcome="Death", run=fit.record)  # type: ignore[arg-type]


@pytest.fixture
def own(made_up: Cohort, tmp_path: Path) -> Path:
    """A copy of the cohort, to change."""
    return Path(shutil.copytree(made_up.folder, tmp_path / "own"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another 1,500 people."""
    folder = tmp_path_factory.mktemp("other") / "cohort"
    build_synthetic(folder, people=1_500, seed=77, today=date(2026, 1, 1))
    return folder


@pytest.fixture
def changed(other: Path, tmp_path: Path) -> Path:
    """A copy of the other people, to change."""
    return Path(shutil.copytree(other, tmp_path / "changed"))


def edit_schema(folder: Path, name: str, **changes: Any) -> None:
    path = folder / "schema.json"
    said = json.loads(path.read_text())
    feature = next(f for f in said["features"] if f["name"] == name)
    feature |= changes
    path.write_text(json.dumps(said))


def test_of_its_own_cohort_only_people_held_out_are_judged_on(made_up: Cohort, people: Visits) -> None:
    found = people_to_judge(stored(made_up.folder, seed=4), made_up.folder)
    is_out = held_out_people(people.persons, share=0.25, seed=4)
    assert found.kind == "held out"
    assert found.test.persons.tolist() == people.persons[is_out].tolist()
    assert found.train is not None
    assert found.train.persons.tolist() == people.persons[~is_out].tolist()
    assert found.n_followed == people.n_people


def test_its_own_cohort_is_known_by_its_bytes_wherever_it_lies(made_up: Cohort, own: Path) -> None:
    model = stored(made_up.folder)
    moved, there = people_to_judge(model, own), people_to_judge(model, made_up.folder)
    assert moved.kind == "held out"
    assert moved.test.persons.tolist() == there.test.persons.tolist()


def test_other_methods_learn_from_no_more_people_than_the_model(made_up: Cohort) -> None:
    found = people_to_judge(stored(made_up.folder, most_people=500), made_up.folder)
    assert found.train is not None
    assert found.train.n_people == 500
    assert not set(found.train.persons) & set(found.test.persons)


def test_nobody_held_out_is_refused(made_up: Cohort) -> None:
    with pytest.raises(StudyError, match=r"held out of the training, got 0 of 3000; name another cohort, or fit again"):
        people_to_judge(stored(made_up.folder, held_out=0.0), made_up.folder)


def test_its_own_people_with_other_outcomes_are_refused(made_up: Cohort, own: Path) -> None:
    outcomes = pl.read_parquet(own / "outcomes.parquet")
    outcomes.head(outcomes.height - 1).write_parquet(own / "outcomes.parquet")
    with pytest.raises(StudyError, match="the same people and 1 other files that differ"):
        people_to_judge(stored(made_up.folder), own)


def test_its_own_people_in_a_cohort_built_otherwise_are_refused(made_up: Cohort, own: Path) -> None:
    people = pl.read_parquet(own / "people.parquet")
    people.head(people.height - 1).write_parquet(own / "people.parquet")
    refused = (
        r"must be of people who were not learnt from, got \d{4} of \d{4} with the id and the values of one who was"
    )
    with pytest.raises(StudyError, match=refused):
        people_to_judge(stored(made_up.folder), own)


def test_everybody_of_another_cohort_is_judged_on_and_methods_learn_from_the_models_own(
    made_up: Cohort, other: Path
) -> None:
    found = people_to_judge(stored(made_up.folder), other)
    assert found.kind == "external"
    assert found.test.n_people == found.n_followed == 1_500
    assert found.train is not None
    assert 2_000 < found.train.n_people < 2_500
    assert found.test.is_healthy is not None


def test_only_the_models_columns_are_read_in_its_order(made_up: Cohort, other: Path) -> None:
    model = stored(made_up.folder, features=("body_mass_index", "age"))
    found = people_to_judge(model, other)
    assert found.test.columns == model.model.columns
    ages = pl.read_parquet(other / "people.parquet")["age"].to_numpy()
    np.testing.assert_allclose(found.test.values[:, found.test.names.index("age")], ages, rtol=1e-6)


def test_a_column_that_the_other_cohort_lacks_is_named(made_up: Cohort, changed: Path) -> None:
    said = json.loads((changed / "schema.json").read_text())
    said["features"] = [f for f in said["features"] if f["name"] != "body_mass_index"]
    (changed / "schema.json").write_text(json.dumps(said))
    people = pl.read_parquet(changed / "people.parquet")
    people.drop("body_mass_index").write_parquet(changed / "people.parquet")
    with pytest.raises(StudyError, match=r"'changed' must have every column .* got 1 of .* \(body_mass_index\)"):
        people_to_judge(stored(made_up.folder), changed)


def test_a_column_in_another_unit_is_refused(made_up: Cohort, changed: Path) -> None:
    edit_schema(changed, "body_mass_index", unit="lb/in2")
    with pytest.raises(StudyError, match=r"'body_mass_index' must be in Kg/m2, got lb/in2; convert it"):
        people_to_judge(stored(made_up.folder), changed)


def test_values_that_no_living_person_has_are_refused(made_up: Cohort, changed: Path) -> None:
    people = pl.read_parquet(changed / "people.parquet")
    people.with_columns(pl.col("body_mass_index") * 703).write_parquet(changed / "people.parquet")
    with pytest.raises(StudyError, match=r"'body_mass_index'.* must lie in"):
        people_to_judge(stored(made_up.folder), changed)


def test_categories_are_matched_by_code_whatever_their_order(made_up: Cohort, other: Path, changed: Path) -> None:
    name = next(f.name for f in Cohort.open(other).schema.features if f.kind is Kind.CATEGORICAL)
    levels = next(f for f in json.loads((other / "schema.json").read_text())["features"] if f["name"] == name)["levels"]
    turned = levels[::-1] if isinstance(levels, list) else dict(reversed(list(levels.items())))
    edit_schema(changed, name, levels=turned)
    model = stored(made_up.folder)
    place = [c.name for c in model.model.columns].index(name)
    before, after = people_to_judge(model, other), people_to_judge(model, changed)
    np.testing.assert_array_equal(before.test.values[:, place], after.test.values[:, place])
    assert len(np.unique(before.test.values[:, place][~np.isnan(before.test.values[:, place])])) > 1


def test_an_outcome_that_the_other_cohort_does_not_have_is_refused(made_up: Cohort, changed: Path) -> None:
    said = json.loads((changed / "schema.json").read_text())
    said["outcomes"] = [o for o in said["outcomes"] if o["name"] != "death"]
    (changed / "schema.json").write_text(json.dumps(said))
    with pytest.raises(UnknownNameError, match="Outcome must be a known id, got 'death'"):
        people_to_judge(stored(made_up.folder), changed)


def test_where_the_training_cohort_is_gone_methods_learn_from_nobody_and_a_note_says_so(own: Path, other: Path) -> None:
    model = stored(own)
    shutil.rmtree(own)
    found = people_to_judge(model, other)
    assert found.train is None
    assert any("is not where it was" in note for note in found.notes)


def test_a_healthy_rule_that_has_changed_since_is_refused(made_up: Cohort, tmp_path: Path) -> None:
    import holdfast.cohort.nhanes

    rule = tmp_path / "rule.yaml"
    rule.write_bytes(Path(holdfast.cohort.nhanes.__file__).with_name("healthy.yaml").read_bytes())
    model = stored(made_up.folder, healthy=str(rule))
    rule.write_text(rule.read_text() + "\n# another\n")
    with pytest.raises(StudyError, match=r"healthy rule\) must be as it was, got other bytes in 'rule.yaml'"):
        people_to_judge(model, made_up.folder)


def test_a_table_fit_is_no_model_of_a_cohort(made_up: Cohort) -> None:
    model = stored(made_up.folder)
    odd = replace(model, run=replace(model.run, configuration={"train": "a.csv"}))
    with pytest.raises(StudyError, match="Run must be of a fit"):
        people_to_judge(odd, made_up.folder)
