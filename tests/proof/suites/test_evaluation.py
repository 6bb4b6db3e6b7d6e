"""A run's folder goes on with the same run only, survives being cut short, and its report stands on its own."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from holdfast.errors import EvidenceError
from holdfast.measured import Interval, Scored
from holdfast.proof.evidence import measured_in_run
from holdfast.proof.manifest import Manifest
from holdfast.proof.policy import load_policy
from holdfast.proof.suites.evaluation import Evaluation, open_evaluation
from holdfast.proof.suites.record import CaseRecord
from holdfast.proof.suites.report import spoken_clusters, spoken_interval, spoken_value
from holdfast.proof.suites.suite import Comparison, Gap, Pair

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NOBODY: Any = None
RELEASE = Manifest(version="0.1.0", model="none", artefacts={"a.yaml": "b" * 64}, code_sha256="c" * 64)


def opened(suite: Any, out: Path, *, manifest: Manifest = RELEASE, now: datetime = NOW) -> Evaluation:
    return open_evaluation("numbers", [suite], out, manifest=manifest, policy=load_policy().value, now=now)


async def test_a_finished_run_can_be_read_as_evidence(make_suite: Callable[..., Any], tmp_path: Path) -> None:
    evaluation = opened(make_suite(1, 2, 12), tmp_path)
    await evaluation.run(NOBODY, lambda _: None)
    evaluation.write()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "cases.jsonl",
        "manifest.json",
        "report.html",
        "results.json",
    ]
    even, _ = measured_in_run(tmp_path)
    assert (even.metric, even.at, even.release_sha256, even.suite_sha256) == (
        "numbers.even",
        NOW,
        RELEASE.sha256,
        "a" * 64,
    )
    description = json.loads((tmp_path / "manifest.json").read_text())
    assert Manifest.from_dict(description["release"]) == RELEASE
    assert description["suites"]["numbers"]["sha256"] == "a" * 64
    assert {"python", "platform", "holdfast"} == set(description["environment"])


async def test_a_run_goes_on_where_it_stopped_and_ends_as_if_it_never_had(
    make_suite: Callable[..., Any], solver: Any, tmp_path: Path
) -> None:
    whole = opened(make_suite(1, 2, 12), tmp_path / "whole")
    await whole.run(NOBODY, lambda _: None)
    whole.write()
    solver.asked.clear()

    solver.breaks["case-12"] = KeyboardInterrupt()
    stopped = opened(make_suite(1, 2, 12), tmp_path / "stopped")
    with pytest.raises(KeyboardInterrupt):
        await stopped.run(NOBODY, lambda _: None)
    stopped.write()
    assert json.loads((tmp_path / "stopped/results.json").read_text())["is_complete"] is False
    assert "interrupted" in (tmp_path / "stopped/report.html").read_text()

    solver.breaks.clear()
    solver.asked.clear()
    again = opened(make_suite(1, 2, 12), tmp_path / "stopped", now=NOW + timedelta(hours=1))
    await again.run(NOBODY, lambda _: None)
    again.write()
    assert solver.asked == ["case-12"]
    for name in ("results.json", "cases.jsonl", "manifest.json", "report.html"):
        assert (tmp_path / "stopped" / name).read_text() == (tmp_path / "whole" / name).read_text()


async def test_a_line_cut_short_is_run_again(make_suite: Callable[..., Any], solver: Any, tmp_path: Path) -> None:
    evaluation = opened(make_suite(1, 2), tmp_path)
    await evaluation.run(NOBODY, lambda _: None)
    whole = (tmp_path / "cases.jsonl").read_text()
    (tmp_path / "cases.jsonl").write_text(whole[:-20])
    solver.asked.clear()
    again = opened(make_suite(1, 2), tmp_path)
    await again.run(NOBODY, lambda _: None)
    assert solver.asked == ["case-2"]
    assert (tmp_path / "cases.jsonl").read_text() == whole


async def test_a_line_damaged_in_the_middle_is_refused(make_suite: Callable[..., Any], tmp_path: Path) -> None:
    opened(make_suite(1), tmp_path)
    (tmp_path / "cases.jsonl").write_text("not json\n{}\n")
    with pytest.raises(EvidenceError, match="one JSON record a line"):
        opened(make_suite(1), tmp_path)


def test_a_folder_with_other_files_is_left_alone(make_suite: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(EvidenceError, match="holds other files"):
        opened(make_suite(1), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


@pytest.mark.parametrize("differs", ["release", "suites"])
def test_a_run_of_something_else_is_not_gone_on_with(
    differs: str, make_suite: Callable[..., Any], tmp_path: Path
) -> None:
    opened(make_suite(1), tmp_path)
    other = Manifest(version="0.2.0", model="none", artefacts={}, code_sha256="d" * 64)
    suite, manifest = (make_suite(1), other) if differs == "release" else (make_suite(1, 2), RELEASE)
    with pytest.raises(EvidenceError, match=f"run of the same {differs}"):
        opened(suite, tmp_path, manifest=manifest)


def test_a_damaged_manifest_is_refused(make_suite: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(EvidenceError, match=r"manifest\.json must be readable JSON"):
        opened(make_suite(1), tmp_path)


class Links(HTMLParser):
    """Collects whatever a page could load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [str(value) for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]
        self.found += [tag] if tag in ("script", "link", "iframe", "img", "object", "embed") else []


async def test_the_report_loads_nothing_and_names_every_miss_and_failure(
    make_suite: Callable[..., Any], solver: Any, tmp_path: Path
) -> None:
    solver.breaks["case-3"] = LookupError("words of a person")
    evaluation = opened(make_suite(1, 2, 3, 12), tmp_path)
    await evaluation.run(NOBODY, lambda _: None)
    evaluation.write()
    page = (tmp_path / "report.html").read_text()
    links = Links()
    links.feed(page)
    assert links.found == []
    assert re.findall(r"(?:https?:)?//|@import|url\(", page) == []
    assert "case-1" in page
    assert "case-3 (LookupError)" in page
    assert "words of a person" not in page
    assert "<svg" in page


async def test_a_value_in_the_report_is_that_of_the_results(make_suite: Callable[..., Any], tmp_path: Path) -> None:
    evaluation = opened(make_suite(2, 4, 6, 1, 10, 12, 14, 16), tmp_path)
    await evaluation.run(NOBODY, lambda _: None)
    evaluation.write()
    metric = json.loads((tmp_path / "results.json").read_text())["metrics"][0]
    assert metric["measurement"]["value"] == 7 / 8
    assert metric["missed"] == ["case-1"]
    low, high, _ = metric["measurement"]["interval"]
    page = (tmp_path / "report.html").read_text()
    assert "87.5 %" in page
    assert f"{low * 100:.1f} to {high * 100:.1f} %" in page


async def test_a_gap_is_evidence_and_the_report_shows_what_it_is_the_worst_of(
    make_suite: Callable[..., Any], tmp_path: Path
) -> None:
    suite = make_suite(2, 4, 5, 7)
    pairs = (Pair("case-5", "case-2", "a"), Pair("case-7", "case-4", "b"))
    gap = Gap(
        id="numbers.gap.even",
        title="Odd beside even",
        of=suite.metrics[0],
        counts="worse",
        comparisons=(Comparison("odd less even", pairs),),
    )
    evaluation = opened(replace(suite, gaps=(gap,)), tmp_path)
    await evaluation.run(NOBODY, lambda _: None)
    evaluation.write()
    measured = {entry.metric: entry.measurement for entry in measured_in_run(tmp_path)}
    found = measured["numbers.gap.even"]
    assert isinstance(found, Scored)
    assert (found.value, found.n) == (1.0, 2)
    written = json.loads((tmp_path / "results.json").read_text())["metrics"][-1]
    assert written["missed"] == ["case-5", "case-7"]
    assert [(part["name"], part["measurement"]["value"]) for part in written["parts"]] == [("odd less even", -1.0)]
    assert "odd less even" in (tmp_path / "report.html").read_text()


def test_numbers_are_spoken_in_their_unit_and_not_as_a_share() -> None:
    found = Scored(value=117.98, n=9, interval=Interval(107.0, 129.0))
    assert (spoken_value(found, "words"), spoken_interval(found, "words")) == ("118.0 words", "107.0 to 129.0")
    assert spoken_clusters({"a": 1, "b": 24}) == "a, b (24)"


def test_what_is_kept_of_a_case_is_ids_and_outcomes(make_suite: Callable[..., Any], tmp_path: Path) -> None:
    evaluation = opened(make_suite(1), tmp_path)
    evaluation.folder.keep(CaseRecord(suite="numbers", case="case-1", observed={"numbers.even": False}))
    line = json.loads((tmp_path / "cases.jsonl").read_text())
    assert set(line) == {"suite", "case", "outcome", "observed"}
