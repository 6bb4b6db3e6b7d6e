"""Claims about the page on where Holdfast is used: it says what the data say, and marks what was not checked."""

import re
from pathlib import Path

import pytest

from holdfast.safety.jurisdiction.duty import Default, Law
from holdfast.safety.jurisdiction.feature import Feature
from holdfast.safety.jurisdiction.policy import load_policies
from holdfast.safety.jurisdiction.table import describe, feature_table, law_table

PAGE = (Path(__file__).parents[3] / "docs/explanation/where-it-is-used.md").read_text(encoding="utf-8")
POLICIES = load_policies().value


def part(name: str) -> str:
    found = re.search(rf"<!-- {name}: written from policies.yaml -->\n(.*?)<!-- end of {name} -->", PAGE, re.S)
    assert found is not None
    return found[1]


def test_the_tables_on_the_page_are_written_from_the_data() -> None:
    assert part("laws") == law_table(POLICIES)
    assert part("features") == feature_table(POLICIES)


@pytest.mark.parametrize("law", POLICIES.rows, ids=lambda law: law.id)
def test_each_law_has_a_line_with_its_date_and_how_it_was_found_out(law: Law) -> None:
    (line,) = [line for line in part("laws").splitlines() if f"`{law.id}`" in line]
    assert line.count("|") == 6
    assert f"| {law.in_force.isoformat()} |" in line
    assert law.source in line
    assert ("second-hand" in line) == (law.verified == "second_hand")
    assert ("from memory" in line.split("|")[-2]) >= (law.verified == "memory")
    assert ("read at the source" in line) == (law.verified == "read")


def test_no_duty_that_can_be_asked_for_is_left_unsaid() -> None:
    """Setting one duty at a time changes what is said."""
    strictest = Default.strictest()
    said = list(describe(strictest))
    for name in type(strictest).model_fields:
        value = getattr(strictest, name)
        without = strictest.model_copy(update={name: () if isinstance(value, tuple) else None})
        assert len(list(describe(without))) == len(said) - 1, name


def test_everything_that_can_be_switched_off_is_listed() -> None:
    assert {line.split("|")[1].strip() for line in part("features").splitlines()[2:]} == {one.words for one in Feature}


def test_the_page_claims_no_compliance_and_gives_no_advice() -> None:
    assert "This is not legal advice." in PAGE
    assert "It does not say that Holdfast, or a service run with it, complies with any of them." in " ".join(
        PAGE.split()
    )
    assert not re.search(r"\b(?:is|fully|are) compliant\b|\bguarantee|\bensures? compliance", PAGE)
