"""The page on risk in NHANES shows the figures of the benchmark's result, every row of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"
FOUND = json.loads((DOCS / "data" / "risk" / "nhanes_risk.json").read_text(encoding="utf-8"))
PAGE = (DOCS / "explanation" / "risk-in-nhanes.md").read_text(encoding="utf-8")
SETS = ("labs", "all")
NEXT = ("2011-2012 to 2013-2014", "2013-2014 to 2011-2012")


def said(measurement: Mapping[str, Any], sign: str = "") -> str:
    """Return a measurement as the page writes it."""
    if measurement["outcome"] != "scored":
        return "—"
    low, high, _ = measurement["interval"]
    return f"{measurement['value']:{sign}.4f} ({low:{sign}.4f} to {high:{sign}.4f})"


def row(method: Mapping[str, Any], *, over_splits: bool) -> str:
    """Return a method's row."""
    lead = method.get("lead_of_nplb")
    cells = [f"`{method['method']}`", said(method["concordance"]), said(method["within_age"])]
    cells += ["" if lead is None else said(lead["overall"], "+")]
    if over_splits:
        cells += ["" if lead is None else said(lead["over_splits"], "+")]
    return "| " + " | ".join(cells) + " |"


def section(name: str) -> str:
    return PAGE.split(f"<!-- {name} -->\n", 1)[1].split("<!-- end -->", 1)[0]


def rows(name: str) -> list[str]:
    """Return every row that belongs in a table: unscored methods are left to the text."""
    scored = [m for m in FOUND[name]["methods"] if m["concordance"]["outcome"] == "scored"]
    return [row(method, over_splits=name in SETS) for method in scored]


@pytest.mark.parametrize("name", [*SETS, *NEXT])
def test_the_table_is_what_the_benchmark_found(name: str) -> None:
    shown = [line for line in section(name).splitlines() if line.startswith("| `")]
    assert shown == rows(name)


def test_the_page_says_how_many_were_judged_on() -> None:
    assert f"{FOUND['all']['people']:,} people" in PAGE
    assert f"{FOUND['all']['events']:,} of whom died" in PAGE
    assert f"{len(FOUND['all']['inputs'])} inputs" in PAGE


@pytest.mark.parametrize("name", SETS)
def test_what_the_text_claims_holds_in_the_figures(name: str) -> None:
    """Ours is ahead of every baseline and representation, with an interval above 0, and level with its own teachers."""
    leads = {m["method"]: m["lead_of_nplb"]["overall"] for m in FOUND[name]["methods"] if "lead_of_nplb" in m}
    teachers = leads.pop("teachers")
    assert len(leads) >= 14
    assert all(lead["interval"][0] > 0 for lead in leads.values())
    assert abs(teachers["value"]) < 0.001
