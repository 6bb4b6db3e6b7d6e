"""Claims about vetted content: the review lets our own words through, quickly."""

import re
import time
from itertools import product
from pathlib import Path

import pytest
import yaml

import holdfast
from holdfast.safety.crisis.helplines import Helplines
from holdfast.safety.crisis.protocol import load_protocol
from holdfast.safety.crisis.regional import fill_region
from holdfast.safety.review.review import RuleReview
from holdfast.safety.review.verdict import ReviewContext

PACKAGE = Path(holdfast.__file__).parent
ARTICLES = sorted((PACKAGE / "care" / "education" / "articles").rglob("*.md"))


def _sections() -> list[tuple[str, str, frozenset[str]]]:
    """Return every section of every article: where it is, its text and the citations its article declares."""
    found = []
    for path in ARTICLES:
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        cited = frozenset(source["id"] for source in yaml.safe_load(front).get("sources", []))
        found += [
            (f"{path.stem}#{n}", part, cited) for n, part in enumerate(re.split(r"\n(?=#)", body)) if part.strip()
        ]
    return found


@pytest.mark.skipif(not ARTICLES, reason="the library is not in this checkout")
def test_at_most_one_article_section_in_a_hundred_is_withheld(review: RuleReview, helplines: Helplines) -> None:
    withheld = []
    sections = _sections()
    for where, text, cited in sections:
        verdict = review.review(text, ReviewContext(citation_ids=cited, helpline_numbers=helplines.numbers()))
        if not verdict.is_passed:
            withheld.append((where, [(finding.harm.value, finding.rule) for finding in verdict.findings]))
    assert len(withheld) / len(sections) <= 0.01, withheld


@pytest.mark.parametrize("region", ["GB", "US", "DE", "IN", "BR", "JP", None])
def test_no_crisis_text_is_withheld_in_any_region(
    region: str | None, review: RuleReview, helplines: Helplines, context: ReviewContext
) -> None:
    protocol = load_protocol().value
    filled = fill_region(helplines, region, ())
    texts = [protocol.render(template, filled) for template in protocol.all_templates()]
    texts += [question.text for question in protocol.check_in.questions]
    assert [text for text in texts if not review.review(text, context).is_passed] == []


def test_no_notice_and_no_answer_on_identity_is_withheld(review: RuleReview, context: ReviewContext) -> None:
    policies = yaml.safe_load((PACKAGE / "safety" / "jurisdiction" / "policies.yaml").read_text(encoding="utf-8"))
    identity = yaml.safe_load((PACKAGE / "care" / "conversation" / "identity.yaml").read_text(encoding="utf-8"))
    texts = [*policies["notices"].values(), *(ask["text"] for ask in identity["asks"])]
    assert [text for text in texts if not review.review(text, context).is_passed] == []


def test_a_sentence_takes_under_two_milliseconds(review: RuleReview, context: ReviewContext, good: list[str]) -> None:
    """The mean over good replies of a sentence or two, in processor time, so that load does not count."""
    start = time.process_time()
    for reply in good:
        review.review(reply, context)
    assert (time.process_time() - start) / len(good) < 0.002 * 1.5


@pytest.mark.parametrize(
    "unit", ["a", "1 ", "you are ", "i ", "( ", "[a", "*", "-", "call 9", '"', "no. ", "a.b", "not ", "take all the "]
)
def test_no_text_makes_the_review_crawl(unit: str, review: RuleReview, context: ReviewContext) -> None:
    text = (unit * 20_000)[:20_000]
    start = time.process_time()
    review.review(text, context)
    assert time.process_time() - start < 3


def test_every_pair_of_good_replies_still_passes(review: RuleReview, context: ReviewContext, good: list[str]) -> None:
    """Joining two replies that pass makes no new finding: rules do not reach across replies by accident."""
    fine = [reply for reply in good[::12] if review.review(reply, context).is_passed]
    joined = [f"{one}\n\n{two}" for one, two in product(fine, fine) if one != two]
    withheld = [text for text in joined if not review.review(text, context).is_passed]
    assert len(withheld) / len(joined) <= 0.005
