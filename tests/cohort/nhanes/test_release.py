"""Files are sorted by cycle by their published names; what does not fit together is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.dictionary import load_dictionary
from holdfast.cohort.nhanes.release import find_release

Touch = Callable[..., Path]


@pytest.fixture
def touch(tmp_path: Path) -> Touch:
    def make(*names: str, folder: str = "nhanes") -> Path:
        made = tmp_path / folder
        made.mkdir(exist_ok=True)
        for name in names:
            (made / name).touch()
        return made

    return make


def test_folders_of_two_cycles_become_two_cycles_in_order_of_time(touch: Touch) -> None:
    later = touch("DEMO_I.xpt", "cbc_i.xpt", folder="later")
    earlier = touch("DEMO_H.XPT", "NHANES_2013_2014_MORT_2019_PUBLIC.dat", "notes.txt", folder="earlier")
    found = find_release([later, earlier], load_dictionary())
    assert [(f.cycle.years, len(f.transport), f.mortality is not None) for f in found.cycles] == [
        ("2013-2014", 1, True),
        ("2015-2016", 2, False),
    ]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), "must hold .XPT or .parquet files, got none"),
        (("notes.txt",), "must hold .XPT or .parquet files, got none"),
        (("DEMO_F.XPT",), "must be of the cycles _G .* got 'DEMO_F.XPT'"),
        (("P_DEMO.xpt",), "must be of the cycles _G .* got 'P_DEMO.xpt'"),
        (("DEMO.XPT",), "must be of the cycles _G .* got 'DEMO.XPT'"),
        (("DEMO_H.XPT", "NHANES_1999_2000_MORT_2019_PUBLIC.dat"), "must be of the cycles _G .* got 'NHANES_1999"),
        (("DEMO_H.XPT", "NHIS_2013_MORT_2019_PUBLIC.dat"), "must be of the cycles _G .* got 'NHIS_2013"),
        (("DEMO_H.XPT", "NHANES_2011_2012_MORT_2019_PUBLIC.dat"), "got one of cycle G beside files of H"),
        (("NHANES_2011_2012_MORT_2019_PUBLIC.dat",), "must hold .XPT or .parquet files"),
        (("DEMO_H.XPT", "all.parquet"), "as published or as merged Parquet, not both"),
        (
            ("DEMO_H.XPT", "NHANES_2013_2014_MORT_2015_PUBLIC.dat", "NHANES_2013_2014_MORT_2019_PUBLIC.dat"),
            "must be given once a cycle, got two of 2013-2014",
        ),
    ],
)
def test_files_that_do_not_fit_are_refused(touch: Touch, names: tuple[str, ...], said: str) -> None:
    with pytest.raises(CohortError, match=said):
        find_release([touch(*names)], load_dictionary())


def test_the_same_file_in_two_folders_is_refused(touch: Touch) -> None:
    folders = [touch("DEMO_H.XPT", folder=name) for name in ("one", "two")]
    with pytest.raises(CohortError, match="must be given once, got DEMO_H twice"):
        find_release(folders, load_dictionary())


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="must be an existing folder or file"):
        find_release([tmp_path / "nowhere"], load_dictionary())
