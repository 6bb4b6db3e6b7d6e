"""``holdfast cohort build synthetic`` from the outside."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from holdfast.cli.cohort import COHORT_SOURCES, cohort
from holdfast.cohort import CohortError
from holdfast.cohort.cohort_folder import Cohort
from holdfast.errors import UnknownNameError


def test_it_builds_a_cohort_and_says_so(tmp_path: Path) -> None:
    out = tmp_path / "cohort"
    done = CliRunner().invoke(cohort, ["build", "synthetic", "--people", "1000", "--seed", "1", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert Cohort.open(out).n_people == 1000
    assert "1000 made-up people" in done.stdout
    assert "people" in done.stderr


def test_quiet_json_is_json_alone(tmp_path: Path) -> None:
    arguments = ["build", "synthetic", "--people", "1000", "--out", str(tmp_path / "c"), "--quiet", "--json"]
    done = CliRunner().invoke(cohort, arguments)
    said = json.loads(done.stdout)
    assert (said["people"], said["outcomes"][0], done.stderr) == (1000, "death", "")


def test_bad_numbers_and_places_are_refused(tmp_path: Path) -> None:
    run = CliRunner()
    few = run.invoke(cohort, ["build", "synthetic", "--people", "5", "--out", str(tmp_path / "c")])
    assert isinstance(few.exception, CohortError)
    assert "People must be 1000 to 5000000, got 5" in str(few.exception)
    nowhere = run.invoke(cohort, ["build", "synthetic", "--out", str(tmp_path / "no" / "c")])
    assert isinstance(nowhere.exception, CohortError)
    assert "must lie in an existing folder" in str(nowhere.exception)
    assert run.invoke(cohort, ["build", "synthetic"]).exit_code == 2


def test_an_unknown_source_is_refused_with_the_closest() -> None:
    done = CliRunner().invoke(cohort, ["build", "synthetc"])
    assert isinstance(done.exception, UnknownNameError)
    assert "did you mean synthetic" in str(done.exception)


@pytest.mark.parametrize("verb", sorted(COHORT_SOURCES))
def test_help_lists_every_source_without_importing_it(verb: str) -> None:
    assert verb in CliRunner().invoke(cohort, ["build", "--help"]).stdout
