"""Claims about a result in plain words."""

import pytest

from holdfast.care.assessment.catalogue import Catalogue
from holdfast.care.assessment.result import explain
from holdfast.care.assessment.scoring import score
from holdfast.care.education.readability import readability


def test_every_result_says_it_is_a_screen_and_not_a_diagnosis(catalogue: Catalogue) -> None:
    for instrument in catalogue:
        text = explain(score(instrument, [0] * len(instrument.items))).to_markdown()
        assert "This is a screen, not a diagnosis." in text
        assert instrument.seek_help in text


def test_a_result_names_score_range_band_difficulty_and_sources(catalogue: Catalogue) -> None:
    explanation = explain(score(catalogue.get("phq-9"), [2, 2, 2, 2, 2, 0, 0, 0, 0], functional=2))
    assert explanation.summary == "You scored 10 out of 27 over the last 2 weeks: moderate symptoms."
    assert explanation.details == (
        "Your score reaches 10, the line for low mood that is worth a closer look by someone trained (adults). In "
        "its study, the line found about 88 of 100 people with the problem, and left out about 88 of 100 people "
        "without it.",
        "Your score is below 11, the line for low mood that is worth a closer look by someone trained (young people "
        "aged 13 to 17). In its study, the line found about 90 of 100 people with the problem, and left out about 78 "
        "of 100 people without it.",
        "How hard these problems have made daily life: very difficult. This is not part of the score.",
    )
    assert explanation.safety is None
    assert explanation.sources[0] == (
        "Kroenke K, Spitzer RL, Williams JBW (2001). The PHQ-9: validity of a brief depression severity measure. "
        "Journal of General Internal Medicine."
    )


@pytest.mark.parametrize(
    ("item_9", "said"), [(1, "tell someone today"), (2, "do not stay alone"), (3, "not stay alone")]
)
def test_a_low_total_never_speaks_before_a_positive_risk_item(catalogue: Catalogue, item_9: int, said: str) -> None:
    explanation = explain(score(catalogue.get("phq-9"), [0] * 8 + [item_9]))
    assert explanation.safety is not None
    assert said in explanation.safety
    text = explanation.to_markdown()
    assert text.index(explanation.safety) < text.index("You scored")
    assert "Keep up what helps you" not in text
    assert explanation.next_step.startswith("Before anything else, talk to someone")


def test_an_acute_asq_says_what_to_do_now(catalogue: Catalogue) -> None:
    explanation = explain(score(catalogue.get("asq"), [1, 0, 0, 0, 1]))
    assert explanation.summary == "Acute positive screen."
    assert "Call your local emergency number or a crisis line now" in explanation.next_step


def test_what_was_left_blank_is_said_with_how_it_was_handled(catalogue: Catalogue) -> None:
    details = explain(score(catalogue.get("phq-9"), [1, 1, 1, 1, 1, 1, 1, None, None])).details
    assert (
        "You left 2 questions blank. With one or two answers missing, each is filled in with the average of the "
        "others." in details
    )
    assert any(line.startswith("You left a question about safety blank.") for line in details)


def test_questions_that_did_not_apply_are_explained(catalogue: Catalogue) -> None:
    details = explain(score(catalogue.get("audit-c"), [0, None, None])).details
    assert "You said you never drink alcohol, so the other two questions do not apply." in details


def test_subscores_are_told_apart(catalogue: Catalogue) -> None:
    details = explain(score(catalogue.get("phq-4"), [3, 0, 1, 0])).details
    assert details == (
        "Worry (GAD-2): 3 out of 6. This reaches the line of 3 for worry that is worth a closer look.",
        "Low mood (PHQ-2): 1 out of 6.",
    )


def test_the_words_say_that_nobody_has_reviewed_them_yet(catalogue: Catalogue) -> None:
    data = explain(score(catalogue.get("gad-2"), [0, 0])).to_dict()
    assert "not yet been reviewed by a clinician or a person with lived experience" in data["review_note"]
    assert "Pfizer" in data["attribution"]


def test_a_worst_result_of_every_instrument_reads_at_grade_9_or_under(catalogue: Catalogue) -> None:
    for instrument in catalogue:
        worst = [instrument.values_of(item)[-1] for item in instrument.items]
        text = explain(score(instrument, worst)).to_markdown()
        assert readability(text).flesch_kincaid_grade <= 9, instrument.id
