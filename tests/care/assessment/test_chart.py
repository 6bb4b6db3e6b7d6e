"""Claims about results drawn over time, and the same as rows."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.care.assessment.catalogue import Catalogue, instruments
from holdfast.care.assessment.chart import history_svg
from holdfast.care.assessment.history import history_rows
from holdfast.errors import AnswersError

SVG = "{http://www.w3.org/2000/svg}"
START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
PHQ_9 = instruments().get("phq-9")


def weekly(*totals: int) -> list[tuple[datetime, int]]:
    return [(START + timedelta(weeks=week), total) for week, total in enumerate(totals)]


def drawn(catalogue: Catalogue, name: str, *totals: int) -> ElementTree.Element:
    return ElementTree.fromstring(history_svg(catalogue.get(name), weekly(*totals)))


@given(st.lists(st.tuples(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.integers(0, 27)), max_size=12))
def test_any_history_is_well_formed_without_inline_style_or_script(points: list[tuple[datetime, int]]) -> None:
    root = ElementTree.fromstring(history_svg(PHQ_9, points))
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {
            "svg",
            "title",
            "desc",
            "rect",
            "text",
            "tspan",
            "path",
            "polyline",
            "circle",
        }
        assert not [name for name in element.attrib if name == "style" or name.startswith("on")]
        for name in ("fill", "stroke"):
            assert element.get(name, "none") in {"none", "currentColor"}
    for circle in root.iter(f"{SVG}circle"):
        assert 0 <= float(circle.attrib["cx"]) <= 640
        assert 0 <= float(circle.attrib["cy"]) <= 320


def test_the_drawing_is_named_and_described(catalogue: Catalogue) -> None:
    root = drawn(catalogue, "gad-7", 12, 6)
    assert root.get("role") == "img"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "GAD-7 results over time"
    assert description.text == (
        "The scale runs from 0 to 21; higher is worse. 1 September 2026: 12, moderate symptoms. 8 September 2026: 6, "
        "mild symptoms. Your score has fallen by 6 points. That is a clear change, and things may feel easier than "
        "before (threshold: 4; Toussaint and others, 2020)."
    )


def test_every_band_is_drawn_and_named(catalogue: Catalogue) -> None:
    root = drawn(catalogue, "phq-9", 3)
    assert len([rect for rect in root.iter(f"{SVG}rect") if "chart-band" in rect.attrib["class"]]) == 5
    said = {" ".join(text.itertext()) for text in root.iter(f"{SVG}text")}
    assert {band.label for band in catalogue.get("phq-9").bands} <= said


def test_a_worse_total_stands_higher_and_a_later_one_further_right(catalogue: Catalogue) -> None:
    line = drawn(catalogue, "phq-9", 4, 7, 8).find(f"{SVG}polyline")
    assert line is not None
    places = [tuple(map(float, place.split(","))) for place in line.attrib["points"].split()]
    assert [x for x, _ in places] == sorted({x for x, _ in places})
    assert [y for _, y in places] == sorted({y for _, y in places}, reverse=True)


@pytest.mark.parametrize(("totals", "marked"), [
    ((10, 14), []), ((10, 15), ["worse"]), ((10, 5), ["better"]), ((10, 15, 10), ["worse", "better"]),
])  # fmt: skip
def test_a_move_that_reaches_the_threshold_is_marked(
    catalogue: Catalogue, totals: tuple[int, ...], marked: list[str]
) -> None:
    root = drawn(catalogue, "phq-9", *totals)
    marks = [path for path in root.iter(f"{SVG}path") if "chart-change" in path.get("class", "")]
    assert [path.attrib["class"].removeprefix("chart-change chart-change-") for path in marks] == marked
    assert all("clear change" in (path.findtext(f"{SVG}title") or "") for path in marks)
    assert len(list(root.iter(f"{SVG}circle"))) == len(totals) - len(marked)


def test_without_results_it_says_so(catalogue: Catalogue) -> None:
    root = drawn(catalogue, "k6")
    assert root.findtext(f"{SVG}desc") == "There are no results yet."
    assert "No results yet" in [text.text for text in root.iter(f"{SVG}text")]
    assert root.find(f"{SVG}polyline") is None


def test_rows_say_the_same_in_order_of_time(catalogue: Catalogue) -> None:
    rows = history_rows(catalogue.get("phq-9"), weekly(10, 4)[::-1])
    assert [(row.day, row.total, row.band) for row in rows] == [
        ("1 September 2026", 10, "Moderate symptoms"),
        ("8 September 2026", 4, "Minimal symptoms"),
    ]
    assert rows[0].change is None
    assert rows[1].to_dict()["change"]["direction"] == "better"
    assert history_rows(catalogue.get("k6"), weekly(3, 9))[1].change is None


def test_an_instrument_without_a_total_is_not_drawn(catalogue: Catalogue) -> None:
    with pytest.raises(AnswersError, match="ASQ has no total to follow over time"):
        history_svg(catalogue.get("asq"), [])


def test_a_total_out_of_range_is_not_drawn(catalogue: Catalogue) -> None:
    with pytest.raises(AnswersError, match="PHQ-2 total must lie in 0 to 6, got 7"):
        history_svg(catalogue.get("phq-2"), weekly(7))
