"""The review under test, as it is served and as rules alone, what its context allows, and the sets it is judged by."""

import pytest
import yaml

from holdfast.care.education.library import load_library
from holdfast.safety.crisis.helplines import Helplines, load_helplines
from holdfast.safety.review.default import default_review
from holdfast.safety.review.review import RuleReview
from holdfast.safety.review.verdict import OutputReview, ReviewContext
from reply_sets import PRIVATE, SETS, Case, good_replies, hostile_replies


@pytest.fixture(scope="session")
def helplines() -> Helplines:
    return load_helplines()


@pytest.fixture(scope="session")
def passages() -> list[str]:
    return [f"{passage.heading}\n{passage.text}" for passage in load_library().passages]


@pytest.fixture(scope="session")
def review(helplines: Helplines, passages: list[str]) -> RuleReview:
    """The rules, as they are served."""
    return RuleReview.load(helplines, passages)


@pytest.fixture(scope="session")
def served(helplines: Helplines, passages: list[str]) -> OutputReview:
    """Every layer, as they are served."""
    return default_review(helplines, passages)


@pytest.fixture(scope="session")
def context(helplines: Helplines) -> ReviewContext:
    return ReviewContext(
        citation_ids=frozenset({"who-depression-2023", "nice-depression-2022"}),
        helpline_numbers=helplines.numbers(),
        private=PRIVATE,
    )


@pytest.fixture(scope="session")
def hostile() -> list[Case]:
    """Every hostile reply of the sets that rules may be written against."""
    return hostile_replies("dev", "held_out")


@pytest.fixture(scope="session")
def known_misses() -> list[dict[str, str]]:
    cases: list[dict[str, str]] = yaml.safe_load((SETS / "hostile.yaml").read_text(encoding="utf-8"))["known_misses"]
    return cases


@pytest.fixture(scope="session")
def good() -> list[str]:
    """Every good reply."""
    return good_replies()
