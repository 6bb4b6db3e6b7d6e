"""``holdfast risk report``: the page and its figures from a model's folder and a cohort's, and what is refused."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from holdfast.cli.risk import risk
from holdfast.cohort.error import CohortError
from holdfast.cohort.synthetic import build_synthetic
from holdfast.errors import UnknownNameError
from holdfast.study.error import StudyError
from holdfast.study.risk_model.cohort_fit import CohortFit, fit_cohort
from holdfast.study.risk_model.held_out_people import held_out_people
from holdfast.study.risk_model.model_folder import save_model

QUICK = ("--methods", "age,cox", "--resamples", "20", "--quiet")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cohort, a model fitted to it, and another cohort."""
    folder = tmp_path_factory.mktemp("made")
    build_synthetic(folder / "cohort", people=2_000, seed=8, today=date(2026, 1, 1))
    build_synthetic(folder / "other", people=1_000, seed=9, today=date(2026, 1, 1))
    save_model(fit_cohort(CohortFit(cohort=str(folder / "cohort"), preset="fast", held_out=0.4)), folder / "model")
    return folder


def run(made: Path, *args: object, cohort: str = "cohort") -> Result:
    return CliRunner().invoke(risk, ["report", str(made / "model"), str(made / cohort), *map(str, args)])


def refused(made: Path, error: type[Exception], match: str, *args: object, cohort: str = "cohort") -> None:
    result = run(made, *args, cohort=cohort)
    assert result.exception is not None
    with pytest.raises(error, match=match):
        raise result.exception


@pytest.fixture(scope="module")
def reported(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[str, dict[str, Any], str]]:
    """Report on a cohort once: page, figures and what was printed."""
    folder, kept = tmp_path_factory.mktemp("reports"), {}

    def report(cohort: str) -> tuple[str, dict[str, Any], str]:
        if cohort not in kept:
            page, figures = folder / f"{cohort}.html", folder / f"{cohort}.json"
            result = run(made, "--out", page, "--json", figures, *QUICK, cohort=cohort)
            assert result.exit_code == 0, repr(result.exception)
            kept[cohort] = (page.read_text(), json.loads(figures.read_text()), result.stdout)
        return kept[cohort]

    return report


def test_of_the_models_own_cohort_the_people_held_out_are_judged_on(made: Path, reported: Any) -> None:
    page, figures, printed = reported("cohort")
    persons = pl.read_parquet(made / "cohort" / "people.parquet")["person"].to_numpy()
    n = int(held_out_people(persons, share=0.4, seed=0).sum())
    assert figures["about"]["kind"] == "held out"
    assert figures["figures"]["people"]["everyone"]["people"] == n
    assert figures["about"]["flow"][-1]["left"] == n
    assert f"{n:,} people judged on (held out)" in printed
    assert "Held-out people." in page


def test_of_another_cohort_everybody_is_judged_on(reported: Any) -> None:
    page, figures, _ = reported("other")
    assert figures["about"]["kind"] == "external"
    assert figures["figures"]["people"]["everyone"]["people"] == 1_000
    assert "External validation." in page
    assert figures["figures"]["ranking"]["methods"][2]["concordance"]["outcome"] == "scored"


def test_the_page_shows_the_figures_of_the_json(reported: Any) -> None:
    page, figures, _ = reported("cohort")
    for method in figures["figures"]["ranking"]["methods"]:
        assert f"{method['concordance']['value']:.3f}" in page
    for digest in figures["about"]["learnt_from"].values():
        assert digest in page
    assert figures["about"]["command"] in page


def test_the_same_command_gives_the_same_bytes(made: Path, reported: Any, tmp_path: Path) -> None:
    page, _, _ = reported("cohort")
    assert run(made, "--out", tmp_path / "again.html", *QUICK).exit_code == 0
    assert (tmp_path / "again.html").read_text() == page


def test_no_person_and_no_path_is_in_page_or_figures(made: Path, reported: Any) -> None:
    for cohort in ("cohort", "other"):
        page, figures, _ = reported(cohort)
        words = set(re.findall(r"\w+", page + json.dumps(figures)))
        persons = {str(person) for person in pl.read_parquet(made / cohort / "people.parquet")["person"]}
        assert not words & persons
        assert str(made) not in page + json.dumps(figures)


def test_a_page_is_replaced_only_when_asked(made: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("mine")
    refused(made, StudyError, r"'page.html' must be a new file.*--overwrite", "--out", page, *QUICK)
    assert page.read_text() == "mine"
    assert run(made, "--out", page, "--overwrite", *QUICK).exit_code == 0
    assert page.read_text().startswith("<!doctype html>")


def test_a_page_must_lie_in_a_folder_that_exists(made: Path, tmp_path: Path) -> None:
    refused(made, StudyError, r"must lie in an existing folder", "--out", tmp_path / "no" / "page.html", *QUICK)
    refused(made, StudyError, r"must be a new file", "--out", tmp_path, "--overwrite", *QUICK)


def test_what_does_not_exist_is_refused(made: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    refused(made, UnknownNameError, "did you mean cox", "--out", page, "--methods", "coks")
    refused(made, StudyError, "choose from 2, 5, 10", "--out", page, "--horizon", "7", *QUICK)
    refused(made, CohortError, "must be a cohort's folder", "--out", page, *QUICK, cohort="model/risk")
    assert not page.exists()


def test_a_cohort_without_a_column_of_the_model_is_refused_by_its_name(made: Path, tmp_path: Path) -> None:
    lacking = Path(shutil.copytree(made / "other", made / "lacking"))
    said = json.loads((lacking / "schema.json").read_text())
    said["features"] = [f for f in said["features"] if f["name"] != "albumin"]
    (lacking / "schema.json").write_text(json.dumps(said))
    pl.read_parquet(lacking / "people.parquet").drop("albumin").write_parquet(lacking / "people.parquet")
    refused(made, StudyError, r"1 of \d+ missing \(albumin\)", "--out", tmp_path / "p.html", *QUICK, cohort="lacking")


def test_progress_is_on_standard_error_and_can_be_silenced(made: Path, tmp_path: Path, reported: Any) -> None:
    del reported
    told = run(made, "--out", tmp_path / "a.html", "--methods", "age", "--resamples", "5")
    assert "fitting age" in told.stderr
    assert "fitting age" not in told.stdout
    quiet = run(made, "--out", tmp_path / "b.html", "--methods", "age", "--resamples", "5", "--quiet")
    assert quiet.stderr == ""
