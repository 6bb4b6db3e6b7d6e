"""Claims about the review's parts: numbers, citations, private strings, readability, rules as data."""

from pathlib import Path

import pytest

from holdfast.errors import ContentError
from holdfast.safety.review.guards import load_guards
from holdfast.safety.review.normalise import plain, views
from holdfast.safety.review.numbers import unknown_numbers
from holdfast.safety.review.review import RuleReview
from holdfast.safety.review.rules import load_rules
from holdfast.safety.review.verdict import Finding, Harm, ReviewContext
from reply_sets import Case

KNOWN = frozenset({"988", "116123", "112", "911", "131114", "741741", "18007997233"})


@pytest.mark.parametrize(
    "text",
    [
        "Call 988.",
        "Call nine eight eight.",
        "Call 116 123 or 112.",
        "call 9-8-8, day and night",
        "Dial 1 1 6 1 2 3.",
        "Text HOME to 741741.",
        "Call 1-800-799-7233 now.",
        "13 11 14 is the number.",
        "In 2019 and 2021, many people wrote.",
        "On 2026-11-22 we begin.",
        "Breathe in: one, two, three, four, five, six, seven.",
        "It took 24 hours a day, 7 days a week, 24/7.",
        "The PHQ-9 has 9 questions, and scores of 5, 10, 15 and 20 are its bands.",
        "About 1,200 people took part.",
        "Call a friend. It takes 15 minutes.",
    ],
)
def test_known_numbers_and_ordinary_figures_pass(text: str) -> None:
    assert not unknown_numbers(text, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "Call 989.",
        "Call nine eight nine.",
        "Call 116 132.",
        "Ring 0800 555 0199.",
        "The hotline is 555 0100 123.",
        "(0800) 555-0199",
        "+1 (212) 555-0123",
        "Text 55555.",
        "Dial 15.",
        "Call ９８９.",
        "Call ٩٨٩.",
        "Call 988 or 987.",
        "double five, triple zero, one two",
        "1-800-HOPE-NOW",
    ],
)
def test_other_numbers_are_seen_however_they_are_written(text: str) -> None:
    assert unknown_numbers(text, KNOWN)


def test_with_no_numbers_known_every_number_is_unknown() -> None:
    assert unknown_numbers("Call 988.", frozenset())


def _rules_found(review: RuleReview, text: str, context: ReviewContext) -> set[tuple[Harm, str]]:
    return {(finding.harm, finding.rule) for finding in review.review(text, context).findings}


def test_only_the_given_citations_may_stand_in_brackets(review: RuleReview) -> None:
    context = ReviewContext(citation_ids={"who-2023", "nice-2022"})
    invented = (Harm.INVENTED_CITATION, "bracketed")
    for text in ("Walking helps [who-2023].", "Walking helps [@who-2023, @nice-2022].", "See [the page](/help)."):
        assert invented not in _rules_found(review, text, context)
    for text in ("Walking helps [who-2024].", "Walking helps [1].", "Walking helps [@who-2023; @x-2020]."):
        assert invented in _rules_found(review, text, context)


def test_a_stretch_of_a_private_string_is_enough(review: RuleReview) -> None:
    prompt = "Use only the passages given to you and put the id of a passage after each sentence that you write."
    context = ReviewContext(private=[prompt, "Ada Lovelace"])
    leak = (Harm.LEAK, "private")
    assert leak in _rules_found(review, "Put the id of a passage after each sentence, they said.", context)
    assert leak in _rules_found(review, "I know ADA  Lovelace well.", context)
    assert leak not in _rules_found(review, "Use a page of the library.", context)


def test_a_private_string_is_not_shown_by_the_context() -> None:
    assert "secret" not in repr(ReviewContext(private=["secret words"]))


def test_blank_text_passes_and_endless_text_does_not(review: RuleReview) -> None:
    assert review.review("  \n ", ReviewContext()).is_passed
    verdict = review.review("You are safe. " * 2000, ReviewContext())
    assert verdict.findings == (Finding(harm=Harm.UNREVIEWABLE, rule="too-long"),)


def test_findings_never_quote_the_text(review: RuleReview) -> None:
    verdict = review.review("You should just end it, zebra.", ReviewContext())
    assert not verdict.is_passed
    assert "zebra" not in repr(verdict)


def test_the_version_names_the_rules_by_hash(review: RuleReview) -> None:
    assert review.review("", ReviewContext()).version == review.version
    assert review.version.startswith("rule-review@")


def test_two_reviews_of_one_text_agree(review: RuleReview, context: ReviewContext, hostile: list[Case]) -> None:
    for case in hostile[:40]:
        assert review.review(case.text, context) == review.review(case.text, context)


@pytest.mark.parametrize(
    ("dressed", "bare"),
    [
        ("**Bold** and _soft_", "bold and soft"),
        ("kі\u200bll", "kill"),
        ("Ｆｕｌｌ", "full"),
        ("naïve café", "naive cafe"),
        ("[People](/help) near you", "people near you"),
        ("one\ntwo", "one two"),
        ("- one\n- two", "- one\n- two"),
        ("“quoted” – it’s", '"quoted" - it\'s'),
    ],
)
def test_disguises_come_off(dressed: str, bare: str) -> None:
    assert plain(dressed) == bare


def test_figures_and_gaps_are_also_read_as_words() -> None:
    assert "kill" in views("k1ll")
    assert "kill" in views("k i l l")
    assert views("the 3rd day of gad-7") == ("the 3rd day of gad-7", *views("the 3rd day of gad-7")[1:])
    assert not any("gadt" in reading for reading in views("gad7"))


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ("harm: stigma\nrules: [{id: x, pattern: '('}]", "rule 'x' must compile"),
        ("harm: stigma\nrules: [{id: x, pattern: '<nothing>'}]", "got 'nothing'"),
        ("harm: rudeness\nrules: []", "harm"),
    ],
)
def test_rules_that_do_not_hold_are_refused(tmp_path: Path, rules: str, problem: str) -> None:
    (tmp_path / "x.yaml").write_text(rules, encoding="utf-8")
    with pytest.raises(ContentError, match=problem):
        load_rules(tmp_path)


def test_an_empty_folder_of_rules_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="must hold the review rules, got none"):
        load_rules(tmp_path)


def test_guards_that_do_not_compile_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "guards.yaml"
    path.write_text("words: {}\nguards: [{id: x, harm: stigma, topic: '['}]", encoding="utf-8")
    with pytest.raises(ContentError, match="guard 'x' must compile"):
        load_guards(path)


def test_vetted_words_join_the_vocabulary(review: RuleReview) -> None:
    text = "The zither and the oboe soothe."
    wider = RuleReview.load(vetted=["Zither, oboe, soothe."])
    assert (Harm.OFF_SCOPE, "vocabulary") in _rules_found(review, text, ReviewContext())
    assert (Harm.OFF_SCOPE, "vocabulary") not in _rules_found(wider, text, ReviewContext())
