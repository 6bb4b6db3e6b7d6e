"""Claims about what a single answer signals."""

import pytest

from holdfast.care.assessment.catalogue import Catalogue
from holdfast.care.assessment.risk import risk_in, risk_of
from holdfast.safety.detection.verdict import Category, Level, Subject, Tense


@pytest.mark.parametrize(
    ("value", "level"), [(0, None), (1, Level.CONCERN), (2, Level.CRISIS), (3, Level.CRISIS), (None, None)]
)
def test_phq_9_item_9_signals_by_itself(catalogue: Catalogue, value: int | None, level: Level | None) -> None:
    risk = risk_of(catalogue.get("phq-9"), "9", value)
    assert (risk.level if risk else None) == level


def test_what_is_signalled_names_category_person_and_rule(catalogue: Catalogue) -> None:
    risk = risk_of(catalogue.get("phq-9"), "9", 2)
    assert risk is not None
    assert risk.categories == (Category.SUICIDE,)
    assert risk.subject is Subject.SELF
    assert risk.tense is Tense.PRESENT
    assert [evidence.rule for evidence in risk.evidence] == ["instrument:phq-9#item9"]
    assert not risk.is_degraded


@pytest.mark.parametrize("item", ["1", "2", "3", "4"])
def test_yes_or_a_blank_to_asq_1_to_4_is_a_concern(catalogue: Catalogue, item: str) -> None:
    for value in (1, None):
        risk = risk_of(catalogue.get("asq"), item, value)
        assert risk is not None
        assert risk.level is Level.CONCERN
    assert risk_of(catalogue.get("asq"), item, 0) is None


def test_yes_or_a_blank_to_asq_5_is_a_crisis(catalogue: Catalogue) -> None:
    for value in (1, None):
        risk = risk_of(catalogue.get("asq"), "5", value)
        assert risk is not None
        assert risk.level is Level.CRISIS


def test_the_gravest_answer_leads_and_none_is_dropped(catalogue: Catalogue) -> None:
    risk = risk_in(catalogue.get("asq"), [("1", 1), ("2", 0), ("4", 1), ("5", 1)])
    assert risk is not None
    assert risk.level is Level.CRISIS
    assert [evidence.rule for evidence in risk.evidence] == [
        "instrument:asq#item5",
        "instrument:asq#item1",
        "instrument:asq#item4",
    ]


def test_a_lifetime_question_alone_does_not_claim_the_present(catalogue: Catalogue) -> None:
    risk = risk_of(catalogue.get("asq"), "4", 1)
    assert risk is not None
    assert risk.tense is Tense.UNKNOWN


@pytest.mark.parametrize("name", ["phq-8", "phq-4", "phq-2", "gad-7", "gad-2", "pc-ptsd-5", "pcl-5", "audit-c", "k6"])
def test_instruments_without_a_risk_item_signal_nothing(catalogue: Catalogue, name: str) -> None:
    instrument = catalogue.get(name)
    worst = [(item.id, instrument.values_of(item)[-1]) for item in instrument.items]
    assert risk_in(instrument, worst) is None
