"""Claims about the page and the figures beside it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from holdfast.measured import wilson
from holdfast.safety.detection import LayerReport, LayerStatus, Level
from holdfast.safety.report.case import JudgedCase, Label
from holdfast.safety.report.comments import CommentFigures
from holdfast.safety.report.page import render_page
from holdfast.safety.report.safety_report import About, SafetyReport, make_report
from holdfast.safety.report.swaps import SwapFigures, VariantFigures

ABOUT = About(source="cases <b>", split="test", source_sha256="ab" * 32, artefacts={"rules": "cd" * 32})
Judge = Callable[..., list[JudgedCase]]


@pytest.fixture
def some(judged: Judge) -> list[JudgedCase]:
    groups = {"groups": {"category": ("suicide",), "form": ("coded",), "language": ("en",)}, "level": Level.CRISIS}
    other = {"groups": {"category": ("self_harm",), "form": ("typo",), "language": ("<i>",)}, "level": Level.CRISIS}
    return judged(
        (Label.RISK, "crisis", groups), (Label.RISK, "none", other), (Label.BENIGN, "concern"), (Label.NOTICE, "none")
    )


@pytest.fixture
def full(some: list[JudgedCase]) -> SafetyReport:
    comments = CommentFigures(
        messages=10,
        shares={"crisis": wilson(1, 10), "concern": wilson(0, 10), "notice": wilson(0, 10), "none": wilson(9, 10)},
        ids={"crisis": ("7",), "concern": ()},
        flagged=1,
    )
    variant = VariantFigures(
        set="name", variant="Sinéad", recall=wilson(1, 2), difference=wilson(0, 2), lost=("suicide-01",)
    )
    swaps = SwapFigures(neutral=wilson(1, 2), missed=(), variants=(variant,))
    estimates = {one.case.id: 0.5 for one in some}
    return make_report(some, ABOUT, estimates=estimates, comments=comments, swaps=swaps)


def test_the_page_refers_to_nothing_outside_itself_and_runs_nothing(full: SafetyReport) -> None:
    page = render_page(full)
    assert not re.search(r"<script|https?://|\bsrc=|url\(|@import", page)
    assert set(re.findall(r'href="(.)', page)) == {"#"}


def test_every_place_the_page_links_to_is_there_and_no_id_occurs_twice(full: SafetyReport) -> None:
    page = render_page(full)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_names_and_groups_are_escaped(full: SafetyReport) -> None:
    page = render_page(full)
    assert "<b>" not in page
    assert "<i>" not in page


def test_neither_file_holds_words_of_a_case_unless_asked(some: list[JudgedCase], full: SafetyReport) -> None:
    assert "secret-words" not in render_page(full) + full.to_json()
    told = make_report(some, ABOUT, with_text=True)
    assert "secret-words" in render_page(told)
    assert "secret-words" in told.to_json()


def test_the_figures_of_the_file_are_those_of_the_report(full: SafetyReport) -> None:
    said = json.loads(full.to_json())
    assert said["layers"]["together"]["recall"]["value"] == 0.5
    assert said["layers"]["blind"]["recall"]["value"] == 0.0
    assert said["statuses"] == {"says": {"ok": 4}, "blind": {"ok": 4}}
    assert said["comments"]["ids"]["crisis"] == ["7"]
    assert [one["id"] for one in said["wrong"]["missed"]] == ["c1"]
    assert said["swaps"]["variants"][0]["lost"] == ["suicide-01"]


def test_what_a_second_reading_outweighed_is_counted_by_label(some: list[JudgedCase]) -> None:
    def outweighed(one: JudgedCase, level: Level) -> JudgedCase:
        layers = tuple(replace(layer, is_outweighed=True) for layer in one.detection.layers)
        return replace(one, detection=replace(one.detection, level=level, layers=layers))

    risk, missed, benign, notice = some
    given = [outweighed(risk, Level.CRISIS), outweighed(missed, Level.NOTICE), outweighed(benign, Level.NOTICE), notice]
    report = make_report(given, ABOUT)
    assert report.outweighed == {"risk": 1, "notice": 0, "benign": 1}
    assert "in 1 look-alikes, 0 past or passing signs and 1 risks" in render_page(report)


def test_a_layer_that_is_off_has_a_status_and_no_rates(some: list[JudgedCase]) -> None:
    off = LayerReport(name="semantic", status=LayerStatus.OFF, level=Level.NONE)
    given = [replace(one, detection=replace(one.detection, layers=(*one.detection.layers, off))) for one in some]
    report = make_report(given, ABOUT)
    assert list(report.layers) == ["together", "says", "blind"]
    assert report.statuses["semantic"] == {"off": len(some)}
    assert "off 4" in render_page(report)


def test_every_plot_has_a_table_with_its_figures(full: SafetyReport) -> None:
    page = render_page(full)
    assert page.count("<svg") == page.count('role="img"') >= 5
    assert page.count("<table") >= page.count("<svg")


def test_a_report_of_nothing_says_what_was_not_measured() -> None:
    page = render_page(make_report([], ABOUT))
    assert "no cases" in page
    assert "no layer in use gives a probability" in page
    assert "nan" not in page.lower().replace("finance", "")


def test_the_same_report_is_written_as_the_same_bytes(full: SafetyReport, tmp_path: Path) -> None:
    full.write(tmp_path / "a")
    full.write(tmp_path / "b")
    for name in ("report.html", "report.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
