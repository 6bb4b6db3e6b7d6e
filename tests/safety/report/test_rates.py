"""Claims about rates, groups and lists of what went wrong."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from holdfast.measured import Measurement, Scored, Unscored, wilson
from holdfast.safety.detection import Category, LayeredDetector, Level, Subject, Tense
from holdfast.safety.report.calibrated import calibration_bins
from holdfast.safety.report.case import JudgedCase, Label, case_of, judge_cases
from holdfast.safety.report.listed import list_wrong
from holdfast.safety.report.rates import group_rates, heat_cells, rates_of, rights_of
from holdfast.safety.utterances import Split, UtteranceSet

Judge = Callable[..., list[JudgedCase]]
RISK, NOTICE, BENIGN = Label.RISK, Label.NOTICE, Label.BENIGN
CRISIS, CONCERN = {"level": Level.CRISIS}, {"level": Level.CONCERN}


@pytest.fixture
def some(judged: Judge) -> list[JudgedCase]:
    return judged(
        (RISK, "crisis", CRISIS),
        (RISK, "concern", CRISIS),
        (RISK, "notice", CRISIS),
        (RISK, "concern", CONCERN),
        (NOTICE, "concern"),
        (NOTICE, "none"),
        (BENIGN, "crisis"),
        (BENIGN, "none"),
        (BENIGN, "notice"),
        (BENIGN, "none"),
    )


def test_each_rate_counts_what_it_says(some: list[JudgedCase]) -> None:
    rates = rates_of(some)
    assert rates.recall == wilson(3, 4)
    assert rates.crisis_flagged == wilson(2, 3)
    assert rates.crisis_recall == wilson(1, 3)
    assert rates.precision == wilson(3, 4)
    assert rates.false_alarms == wilson(1, 4)
    assert rates.false_crisis == wilson(1, 4)
    assert rates.notice_alarms == wilson(1, 2)


def test_a_layer_alone_is_judged_by_its_own_level(some: list[JudgedCase]) -> None:
    assert rates_of(some, "says") == rates_of(some)
    assert rates_of(some, "blind").recall == wilson(0, 4)


def test_what_has_no_case_is_unscored_and_not_zero(judged: Judge) -> None:
    rates = rates_of(judged((RISK, "none")))
    assert rates.recall == wilson(0, 1)
    assert {type(one) for one in (rates.false_alarms, rates.notice_alarms, rates.precision)} == {Unscored}
    assert isinstance(rates.crisis_recall, Unscored)


def test_rights_are_counted_among_flagged_risk_that_is_labelled_so(judged: Judge) -> None:
    told = {"categories": (Category.SUICIDE,), "subject": Subject.SELF, "tense": Tense.PAST}
    other = {"categories": (Category.SELF_HARM,), "subject": Subject.OTHER, "tense": Tense.PRESENT}
    rights = rights_of(judged((RISK, "crisis", told), (RISK, "crisis", other), (RISK, "none", told), (RISK, "crisis")))
    assert (rights.category, rights.subject, rights.tense) == (wilson(1, 2), wilson(1, 2), wilson(1, 2))


def test_past_signs_told_as_past_are_counted_among_those_noticed_at_all(judged: Judge) -> None:
    past, now = {"tense": Tense.PAST}, {"tense": Tense.PRESENT}
    some = judged((NOTICE, "notice", past), (NOTICE, "concern", past), (NOTICE, "none", past), (NOTICE, "notice", now))
    told = replace(some[0], detection=replace(some[0].detection, tense=Tense.PAST))
    assert rights_of([told, *some[1:], *judged((RISK, "crisis", past))]).past == wilson(1, 2)


def value(measurement: Measurement) -> float:
    assert isinstance(measurement, Scored)
    return measurement.value


def test_a_case_counts_in_every_group_it_belongs_to_and_bands_come_in_order(judged: Judge) -> None:
    found = group_rates(
        judged(
            (RISK, "crisis", {"groups": {"identity": ("teen", "woman"), "length": ("121 to 300",)}}),
            (RISK, "none", {"groups": {"identity": ("teen",), "length": ("41 to 120",)}}),
            (RISK, "none", {"groups": {"identity": (), "length": ("up to 40",)}}),
        )
    )
    assert {one.group: value(one.rates.recall) for one in found if one.dimension == "identity"} == {
        "teen": 0.5,
        "woman": 1.0,
    }
    assert [one.group for one in found if one.dimension == "length"] == ["up to 40", "41 to 120", "121 to 300"]


def test_the_heat_table_crosses_kinds_and_forms_of_risk_alone(judged: Judge) -> None:
    cell = {"groups": {"category": ("suicide",), "form": ("coded",)}}
    found = heat_cells(judged((RISK, "crisis", cell), (RISK, "none", cell), (NOTICE, "crisis", cell)))
    assert [(one.category, one.form, one.recall) for one in found] == [("suicide", "coded", wilson(1, 2))]


def test_what_went_wrong_is_listed_by_id_and_without_words(some: list[JudgedCase]) -> None:
    wrong = list_wrong(some)
    listed = {name: [one.id for one in getattr(wrong, name)] for name in wrong.to_dict()}
    assert listed == {
        "missed": ["c2"],
        "below_crisis": ["c1"],
        "false_alarms": ["c6"],
        "notice_alarms": ["c4"],
    }
    assert "secret-words" not in str(wrong.to_dict())
    assert list_wrong(some, with_text=True).missed[0].text == "secret-words notice"


def test_tenths_by_estimate_hold_the_share_of_risk_among_them(judged: Judge) -> None:
    cases = [one.case for one in judged(*([(BENIGN, "none")] * 10), *([(RISK, "none")] * 10), (NOTICE, "none"))]
    bins = calibration_bins(cases, {case.id: number / 20 for number, case in enumerate(cases)})
    assert [value(one.observed) for one in bins] == [0.0] * 5 + [1.0] * 5
    assert bins[0].predicted == pytest.approx((0 / 20 + 1 / 20) / 2)
    assert sum(one.observed.n for one in bins if isinstance(one.observed, Scored)) == 20


def test_our_own_cases_keep_their_labels_and_lie_in_one_group_of_source_and_length(
    labelled_set: UtteranceSet,
) -> None:
    measured = labelled_set.of(Split.TEST)
    for utterance, case in zip(measured, map(case_of, measured), strict=True):
        assert (case.label is Label.RISK) == (utterance.level >= Level.CONCERN)
        assert (case.label is Label.BENIGN) == (utterance.level is Level.NONE)
        assert len(case.groups["source"]) == len(case.groups["length"]) == 1


def test_progress_ends_at_all(two_layers: LayeredDetector, judged: Judge) -> None:
    told: list[tuple[int, int]] = []
    judge_cases(two_layers, [one.case for one in judged((RISK, "none"))] * 600, progress=lambda *at: told.append(at))
    assert told[-1] == (600, 600)
    assert len(told) > 1
