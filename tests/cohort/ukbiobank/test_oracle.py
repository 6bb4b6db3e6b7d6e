"""First diagnoses and outcomes of people with random records, against the rules written out as loops over days."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.phenotypes import load_phenotypes
from holdfast.cohort.ukbiobank import Source
from ukbiobank_extract import Key, classic_frame

Build = Callable[..., tuple[Cohort, Any]]
PEOPLE = 150
CODES = ("E119", "I251", "F320", "C509", "C349", "J449", "G301", "I10", "Z000")
REPORTED = (1223, 1074, 1286, 1065, 99999)
UNKNOWN, BIRTH = {"1900-01-01", "1901-01-01", "1909-09-09", "2037-07-07"}, {"1902-02-02", "1903-03-03"}
ENDS = {Source.HOSPITAL: date(2019, 6, 30), Source.CANCER: date(2017, 3, 31), Source.DEATH: date(2020, 1, 31)}


def random_values(draw: random.Random) -> dict[Key, list[Any]]:
    """Draw people with consistent dates, some of which are special ones."""
    fields: dict[Key, list[Any]] = {}
    for key in (
        (31, 0, 0),
        (34, 0, 0),
        (52, 0, 0),
        (53, 0, 0),
        (21003, 0, 0),
        (191, 0, 0),
        (40000, 0, 0),
        (40001, 0, 0),
    ):
        fields[key] = [None] * PEOPLE
    for field, places in ((41270, 6), (41280, 6), (20002, 3), (20008, 3)):
        fields |= {(field, 0, place): [None] * PEOPLE for place in range(places)}
    for field in (40005, 40006):
        fields |= {(field, instance, 0): [None] * PEOPLE for instance in range(2)}
    for person in range(PEOPLE):
        _fill(fields, person, draw)
    return fields


def _fill(fields: dict[Key, list[Any]], person: int, draw: random.Random) -> None:
    visit = date(2007, 1, 1) + timedelta(days=draw.randrange(1000))
    born = date(draw.randrange(1938, 1968), draw.randrange(1, 13), 1)
    age = visit.year - born.year - (visit.month < born.month)
    for key, value in (((31, 0, 0), draw.randrange(2)), ((34, 0, 0), born.year), ((52, 0, 0), born.month),
                       ((53, 0, 0), str(visit)), ((21003, 0, 0), age)):  # fmt: skip
        fields[key][person] = value

    def day() -> str:
        if draw.random() < 0.15:
            return draw.choice(sorted(UNKNOWN | BIRTH))
        return str(date(1990, 1, 1) + timedelta(days=draw.randrange(12_000)))

    for place in range(draw.randrange(7)):
        fields[41270, 0, place][person], fields[41280, 0, place][person] = draw.choice(CODES), day()
    for instance in range(draw.randrange(3)):
        fields[40006, instance, 0][person] = draw.choice(["C509", "C349", None])
        fields[40005, instance, 0][person] = day()
    for place in range(draw.randrange(4)):
        fields[20002, 0, place][person] = draw.choice(REPORTED)
        fields[20008, 0, place][person] = draw.choice([-1, -3, None, round(draw.uniform(1975, 2007), 1)])
    if draw.random() < 0.4:
        fields[40000, 0, 0][person] = str(visit + timedelta(days=draw.randrange(1, 5000)))
        fields[40001, 0, 0][person] = draw.choice(CODES)
    if draw.random() < 0.2:
        fields[191, 0, 0][person] = str(visit + timedelta(days=draw.randrange(0, 5000)))


def told(fields: dict[Key, list[Any]], person: int, phenotype: Any) -> list[tuple[float, str] | None]:
    """Return what each record says of a phenotype: years and source, or None for a record without a day."""
    visit = date.fromisoformat(fields[53, 0, 0][person])
    born = date(fields[34, 0, 0][person], fields[52, 0, 0][person], 15)
    records = [(Source.HOSPITAL, fields[41270, 0, p][person], fields[41280, 0, p][person]) for p in range(6)]
    records += [(Source.CANCER, fields[40006, i, 0][person], fields[40005, i, 0][person]) for i in range(2)]
    records += [(Source.DEATH, fields[40001, 0, 0][person], fields[40000, 0, 0][person])]
    found: list[tuple[float, str] | None] = []
    for source, code, day in records:
        if code is None or not phenotype.holds(code):
            continue
        if day in UNKNOWN:
            found.append(None)
        elif day in BIRTH:
            found.append(((born - visit).days / 365.25, source.value))
        elif date.fromisoformat(day) <= ENDS[source]:
            found.append(((date.fromisoformat(day) - visit).days / 365.25, source.value))
    for place in range(3):
        if fields[20002, 0, place][person] in phenotype.self_report:
            year = fields[20008, 0, place][person]
            start = visit.year + (visit.timetuple().tm_yday - 1) / 365.25
            found.append((0.0 if year is None or year < 0 else min(0.0, year - start), "self-report"))
    return found


def expected(fields: dict[Key, list[Any]]) -> tuple[dict[Any, Any], dict[Any, Any], set[Any]]:
    conditions, outcomes, undated = {}, {}, set()
    for person in range(PEOPLE):
        visit = date.fromisoformat(fields[53, 0, 0][person])
        death, lost = (
            fields[key][person] and date.fromisoformat(fields[key][person]) for key in ((40000, 0, 0), (191, 0, 0))
        )
        rows = [("death", ENDS[Source.DEATH], death and (death - visit).days / 365.25)]
        for name, phenotype in load_phenotypes().items():
            said = told(fields, person, phenotype)
            first = min((record for record in said if record is not None), default=None)
            if None in said and (first is None or first[0] > 0):
                undated.add((str(person), name))
                continue
            if first is not None:
                conditions[str(person), name] = first
            if first is None or first[0] > 0:
                is_tumour = all(code.startswith(("C", "D0", "D1", "D2", "D3", "D4")) for code in phenotype.icd10)
                end = min(ENDS.values()) if is_tumour else min(ENDS[Source.HOSPITAL], ENDS[Source.DEATH])
                rows.append((name, min(end, death or end), first and first[0]))
        for name, end, event in rows:
            until = (min(end, lost or end) - visit).days / 365.25
            if until > 0:
                happened = event is not None and event <= until
                outcomes[str(person), name] = (event if happened else until, happened)
    return conditions, outcomes, undated


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_conditions_and_outcomes_follow_the_rules(build: Build, seed: int) -> None:
    fields = random_values(random.Random(seed))
    cohort = build(classic_frame(fields, list(range(PEOPLE))), censored=ENDS, batch_rows=64)[0]
    conditions, outcomes, undated = expected(fields)
    found = {(row[0], row[1]): (row[2], row[3]) for row in cohort.conditions().collect().rows()}
    assert found.keys() == conditions.keys()
    assert all(found[key][1] == source for key, (_, source) in conditions.items())
    assert all(found[key][0] == pytest.approx(time) for key, (time, _) in conditions.items())
    followed = {(row[0], row[1]): (row[2], row[3]) for row in cohort.outcomes().collect().rows()}
    assert followed.keys() == outcomes.keys()
    assert all(followed[key] == (pytest.approx(time), event) for key, (time, event) in outcomes.items())
    rows = pl.read_parquet(cohort.folder / "undated_conditions.parquet").select("person", "condition").rows()
    assert set(rows) == undated
    assert len(undated) > 5
    assert sum(event for _, event in outcomes.values()) > 50
