"""``holdfast cohort build ukbiobank`` on the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from holdfast.cli.cohort_build_ukbiobank import ukbiobank
from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.error import CohortError
from ukbiobank_extract import PEOPLE, platform_frame, six_people


@pytest.fixture
def arguments(tmp_path: Path, dictionary: Path) -> list[str]:
    platform_frame(six_people(), PEOPLE).write_csv(tmp_path / "extract.csv")
    paths = {"--in": tmp_path / "extract.csv", "--dictionary": dictionary, "--out": tmp_path / "cohort"}
    return [str(part) for pair in paths.items() for part in pair]


def test_it_builds_a_cohort_and_says_what_became_of_the_extract(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "withdrawn.txt").write_text("1000002\n")
    given = ["--withdrawn", str(tmp_path / "withdrawn.txt"), "--censored", "2022-10-31"]
    done = CliRunner().invoke(ukbiobank, [*arguments, *given], catch_exceptions=False)
    assert done.exit_code == 0
    assert "5 people, 63 conditions looked for, 64 outcomes." in done.output
    assert "Records are used up to: hospital 2022-10-31, cancer 2022-10-31, death 2022-10-31." in done.output
    assert "1 people withdrew and were left out." in done.output
    assert Cohort.open(tmp_path / "cohort").n_people == 5


def test_json_holds_the_counts_and_a_source_may_have_a_last_day_of_its_own(arguments: list[str]) -> None:
    given = ["--censored", "cancer=2018-06-30", "--censored", "2022-10-31", "--json"]
    done = CliRunner().invoke(ukbiobank, [*arguments, *given], catch_exceptions=False)
    said = json.loads(done.output)
    assert said["people"] == 6
    assert said["last_complete_days"] == {"hospital": "2022-10-31", "cancer": "2018-06-30", "death": "2022-10-31"}
    assert said["last_days_from_records"] == []


def test_without_last_days_it_says_that_they_are_the_last_records(arguments: list[str]) -> None:
    done = CliRunner().invoke(ukbiobank, arguments, catch_exceptions=False)
    assert "Of hospital, cancer, death that is the last record; give --censored" in done.output


@pytest.mark.parametrize(
    ("given", "said"),
    [("soon", "must be a day such as 2022-10-31, got 'soon'"), ("moon=2022-10-31", "must name one of hospital")],
)
def test_a_last_day_that_is_none_is_refused(arguments: list[str], given: str, said: str) -> None:
    with pytest.raises(CohortError, match=said):
        CliRunner().invoke(ukbiobank, [*arguments, "--censored", given], catch_exceptions=False)
