"""The review under test, the helplines it knows and what its context allows."""

from pathlib import Path

import pytest
import yaml

from holdfast.safety.crisis.helplines import Helplines, load_helplines
from holdfast.safety.review.review import RuleReview
from holdfast.safety.review.verdict import ReviewContext

HERE = Path(__file__).parent
PRIVATE = ("Answer in calm plain words and cite a passage for each sentence.", "Marta Kowalczewska")


@pytest.fixture(scope="session")
def helplines() -> Helplines:
    return load_helplines()


@pytest.fixture(scope="session")
def review(helplines: Helplines) -> RuleReview:
    return RuleReview.load(helplines)


@pytest.fixture(scope="session")
def context(helplines: Helplines) -> ReviewContext:
    return ReviewContext(
        citation_ids=frozenset({"who-depression-2023", "nice-depression-2022"}),
        helpline_numbers=helplines.numbers(),
        private=PRIVATE,
    )


@pytest.fixture(scope="session")
def hostile() -> list[dict[str, str]]:
    cases: list[dict[str, str]] = yaml.safe_load((HERE / "hostile.yaml").read_text(encoding="utf-8"))["cases"]
    return cases


@pytest.fixture(scope="session")
def known_misses() -> list[dict[str, str]]:
    cases: list[dict[str, str]] = yaml.safe_load((HERE / "hostile.yaml").read_text(encoding="utf-8"))["known_misses"]
    return cases


@pytest.fixture(scope="session")
def good() -> list[str]:
    replies: list[str] = yaml.safe_load((HERE / "good.yaml").read_text(encoding="utf-8"))["replies"]
    return replies
