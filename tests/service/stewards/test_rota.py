"""Claims about the rota: it says who means to be there, in the rota's own time, and staffs nothing."""

from datetime import datetime
from pathlib import Path

import pytest

from holdfast.errors import ContentError
from holdfast.service.stewards.rota import Rota, load_rota

ROTA = """
time_zone: Europe/London
shifts:
  - {steward: ann, days: [mon, tue, wed, thu, fri], start: "09:00", end: "17:00"}
  - {steward: bob, days: [fri, sat], start: "22:00", end: "06:00"}
"""


def read(tmp_path: Path, text: str) -> Rota:
    path = tmp_path / "rota.yaml"
    path.write_text(text, "utf-8")
    rota = load_rota(path)
    assert rota is not None
    return rota


@pytest.mark.parametrize(
    ("moment", "names"),
    [
        ("2026-11-23T08:59:00+00:00", ()),
        ("2026-11-23T09:00:00+00:00", ("ann",)),
        ("2026-11-23T17:00:00+00:00", ()),
        ("2026-11-22T12:00:00+00:00", ()),
        ("2026-07-06T08:30:00+00:00", ("ann",)),
        ("2026-11-27T23:00:00+00:00", ("bob",)),
        ("2026-11-28T05:59:00+00:00", ("bob",)),
        ("2026-11-28T06:00:00+00:00", ()),
        ("2026-11-29T05:00:00+00:00", ("bob",)),
        ("2026-11-27T05:00:00+00:00", ()),
    ],
    ids=["before", "start", "end", "sunday", "summer time", "night", "morning after", "over", "second", "wrong night"],
)
def test_shifts_are_read_in_the_rotas_own_time_across_midnight_and_summer_time(
    tmp_path: Path, moment: str, names: tuple[str, ...]
) -> None:
    assert read(tmp_path, ROTA).planned(datetime.fromisoformat(moment)) == names


def test_who_should_be_there_and_is_not_is_named(tmp_path: Path) -> None:
    monday = datetime.fromisoformat("2026-11-23T12:00:00+00:00")
    assert read(tmp_path, ROTA).absent(monday, []) == ("ann",)
    assert read(tmp_path, ROTA).absent(monday, ["ann"]) == ()


def test_hours_without_quotes_are_read_too(tmp_path: Path) -> None:
    assert read(tmp_path, ROTA.replace('"', "")) == read(tmp_path, ROTA)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("Europe/London", "Europe/Atlantis", "must be a time zone such as Europe/London"),
        ("Europe/London", "../etc/passwd", "must be a time zone such as Europe/London"),
        ("17:00", "09:00", "a shift must last"),
        ("fri, sat", "someday", "days"),
        ("steward: ann", "person: ann", "Extra inputs are not permitted"),
    ],
)
def test_a_rota_that_cannot_be_read_is_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(ContentError, match=problem):
        read(tmp_path, ROTA.replace(old, new))


def test_without_a_file_there_is_no_rota() -> None:
    assert load_rota(None) is None
