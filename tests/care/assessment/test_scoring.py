"""Claims about scoring, against the published rules written out here a second time."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.care.assessment.catalogue import Catalogue, instruments
from holdfast.care.assessment.instrument import Instrument
from holdfast.care.assessment.scoring import score, signalled_risk
from holdfast.errors import AnswersError
from holdfast.measured import Unscored
from holdfast.safety.detection.verdict import Level

BANDS = {  # name -> the lowest total of every band, from the papers cited in the files
    "phq-9": {0: "minimal", 5: "mild", 10: "moderate", 15: "moderately-severe", 20: "severe"},
    "phq-8": {0: "minimal", 5: "mild", 10: "moderate", 15: "moderately-severe", 20: "severe"},
    "phq-4": {0: "normal", 3: "mild", 6: "moderate", 9: "severe"},
    "phq-2": {0: "below", 3: "above"},
    "gad-7": {0: "minimal", 5: "mild", 10: "moderate", 15: "severe"},
    "gad-2": {0: "below", 3: "above"},
    "pc-ptsd-5": {0: "below", 3: "lower", 4: "above"},
    "pcl-5": {0: "below", 31: "above"},
    "audit-c": {0: "below", 3: "women", 4: "above"},
    "k6": {0: "low", 5: "moderate", 13: "high"},
}

CUT_POINTS = {  # totals at or above which each instrument flags something
    "phq-9": [10, 11], "phq-8": [10], "phq-4": [], "phq-2": [3, 3], "gad-7": [10], "gad-2": [3],
    "pc-ptsd-5": [3, 4], "pcl-5": [31, 33], "audit-c": [3, 4], "k6": [5, 13],
}  # fmt: skip

LOADED = {instrument.id: instrument for instrument in instruments()}


def spread(total: int, count: int, most: int) -> list[int]:
    """Return ``count`` answers of at most ``most`` each that sum to ``total``, filled from the front."""
    answers = []
    for _ in range(count):
        answers.append(min(most, total))
        total -= answers[-1]
    assert total == 0
    return answers


def answers_for(instrument: Instrument, total: int) -> list[int | None]:
    """Return a full set of answers that sums to ``total``."""
    most = instrument.values_of(instrument.scored_items[0])[-1]
    scored = spread(total, len(instrument.scored_items), most)
    return [1, *scored] if instrument.id == "pc-ptsd-5" else list(scored)


def every_total() -> list[tuple[str, int]]:
    return [(name, total) for name in BANDS for total in range((LOADED[name].maximum or 0) + 1)]


@pytest.mark.parametrize(("name", "total"), every_total())
def test_every_total_of_every_instrument_falls_in_its_published_band(name: str, total: int) -> None:
    instrument = LOADED[name]
    scored = score(instrument, answers_for(instrument, total))
    assert scored.total == total
    assert scored.band.id == BANDS[name][max(low for low in BANDS[name] if low <= total)]
    assert [flag.is_reached for flag in scored.flags] == [total >= point for point in CUT_POINTS[name]]


def test_every_set_of_gad_7_answers_sums_as_a_loop_does() -> None:
    gad = LOADED["gad-7"]
    for answers in product(range(4), repeat=7):
        expected = 0
        for answer in answers:
            expected += answer
        scored = score(gad, answers)
        assert scored.total == expected
        assert scored.is_positive is (expected >= 10)


@pytest.mark.parametrize("item_9", range(4))
@pytest.mark.parametrize("rest", range(25))
def test_no_total_masks_item_9_of_the_phq_9(item_9: int, rest: int) -> None:
    levels = {0: None, 1: Level.CONCERN, 2: Level.CRISIS, 3: Level.CRISIS}
    for others in (spread(rest, 8, 3), spread(rest, 8, 3)[::-1]):
        scored = score(LOADED["phq-9"], [*others, item_9])
        assert scored.total == rest + item_9
        assert (scored.risk.level if scored.risk else None) == levels[item_9]


def test_pc_ptsd_5_is_over_with_0_when_there_was_no_such_event() -> None:
    instrument = LOADED["pc-ptsd-5"]
    rests: list[list[int | None]] = [[None] * 5, [0] * 5, [1] * 5]
    for rest in rests:
        scored = score(instrument, [0, *rest])
        assert scored.total == 0
        assert scored.band.id == "below"
        assert scored.not_asked == ("1", "2", "3", "4", "5")
        assert scored.missing == ()


@pytest.mark.parametrize("answers", list(product((0, 1), repeat=5)))
def test_pc_ptsd_5_counts_yes_after_the_event(answers: tuple[int, ...]) -> None:
    scored = score(LOADED["pc-ptsd-5"], [1, *answers])
    assert scored.total == sum(answers)
    assert [flag.is_reached for flag in scored.flags] == [sum(answers) >= 3, sum(answers) >= 4]


def test_pc_ptsd_5_needs_to_know_whether_there_was_an_event() -> None:
    with pytest.raises(AnswersError, match="PC-PTSD-5 must have every answer that applies, item event is missing"):
        score(LOADED["pc-ptsd-5"], [None, 1, 1, 1, 1, 1])


@pytest.mark.parametrize(("total", "women", "men"), [(2, False, False), (3, True, False), (4, True, True)])
def test_audit_c_shows_both_cut_points(total: int, women: bool, men: bool) -> None:
    scored = score(LOADED["audit-c"], answers_for(LOADED["audit-c"], total))
    assert {flag.cut_point.group: flag.is_reached for flag in scored.flags} == {"women": women, "men": men}
    assert scored.is_positive is women


def test_audit_c_asks_nothing_more_of_someone_who_never_drinks() -> None:
    scored = score(LOADED["audit-c"], [0, None, None])
    assert (scored.total, scored.not_asked, scored.missing) == (0, ("2", "3"), ())


def test_k6_counts_all_of_the_time_as_worst() -> None:
    instrument = LOADED["k6"]
    values = {option.label: option.value for option in instrument.options or ()}
    assert score(instrument, [values["All of the time"]] * 6).total == 24
    assert score(instrument, [values["None of the time"]] * 6).total == 0


def test_phq_4_scores_worry_and_low_mood_apart() -> None:
    # Kroenke and colleagues 2009: a subscore of 3 or more is a positive screen, whatever the other is.
    scored = score(LOADED["phq-4"], [2, 1, 1, 1])
    assert {s.id: (s.total, s.flags[0].is_reached) for s in scored.subscores} == {
        "gad-2": (3, True),
        "phq-2": (2, False),
    }
    assert scored.is_positive


def test_pcl_5_clusters_follow_the_dsm_5_order() -> None:
    answers = [1] * 5 + [2] * 2 + [3] * 7 + [4] * 6
    totals = {s.id: (s.total, s.high) for s in score(LOADED["pcl-5"], answers).subscores}
    assert totals == {"b": (5, 20), "c": (4, 8), "d": (21, 28), "e": (24, 24)}


def asq_outcome(answers: tuple[int, ...]) -> str:
    """The toolkit's rule: any yes to 1 to 4 is positive; a yes to 5 makes it acute (and is never ignored)."""
    if answers[4] == 1:
        return "acute"
    return "non-acute" if 1 in answers[:4] else "negative"


@pytest.mark.parametrize("answers", list(product((0, 1), repeat=5)))
def test_every_set_of_asq_answers_has_its_outcome_and_its_risk(answers: tuple[int, ...]) -> None:
    scored = score(LOADED["asq"], answers)
    outcome = asq_outcome(answers)
    assert scored.band.id == outcome
    assert isinstance(scored.total, Unscored)
    assert scored.is_positive is (outcome != "negative")
    level = scored.risk.level if scored.risk else Level.NONE
    assert level == {"acute": Level.CRISIS, "non-acute": Level.CONCERN, "negative": Level.NONE}[outcome]


def test_asq_without_the_fifth_answer_is_negative_only_after_four_noes() -> None:
    asq = LOADED["asq"]
    assert score(asq, [0, 0, 0, 0, None]).band.id == "negative"
    assert score(asq, [0, 0, 0, 0, None]).not_asked == ("5",)
    assert score(asq, [0, 1, 0, 0, None]).band.id == "acute"


@pytest.mark.parametrize("blank", range(4))
def test_a_blank_on_the_asq_counts_as_positive(blank: int) -> None:
    answers: list[int | None] = [0, 0, 0, 0, 0]
    answers[blank] = None
    scored = score(LOADED["asq"], answers)
    assert scored.band.id == "non-acute"
    assert scored.risk is not None
    assert scored.risk.level is Level.CONCERN


@pytest.mark.parametrize(("answers", "total"), [
    ([2, 2, 2, 2, 2, 2, 2, 2, None], 18),
    ([1, 1, 1, 1, 1, 1, 1, None, None], 9),
    ([3, 2, 1, 0, 3, 2, 1, 0, None], 14),  # 12 * 9 / 8 = 13.5 rounds up, towards worse
    ([0, 0, 0, 0, 0, 0, 0, None, 0], 0),
    ([3, 3, 3, 3, 3, 3, 3, None, 3], 27),
])  # fmt: skip
def test_phq_9_fills_in_up_to_two_answers_with_the_mean(answers: list[int | None], total: int) -> None:
    # Arrieta and colleagues 2017: up to two missing values are replaced by the mean of the completed items.
    scored = score(LOADED["phq-9"], answers)
    assert scored.total == total
    assert scored.is_prorated
    assert scored.missing == tuple(str(i + 1) for i, answer in enumerate(answers) if answer is None)


def test_phq_9_is_not_scored_with_three_answers_missing_but_its_risk_is_seen() -> None:
    answers = [None, None, None, 0, 0, 0, 0, 0, 2]
    with pytest.raises(AnswersError, match="PHQ-9 must have at most 2 answers missing, items 1, 2, 3 are missing"):
        score(LOADED["phq-9"], answers)
    risk = signalled_risk(LOADED["phq-9"], answers)
    assert risk is not None
    assert risk.level is Level.CRISIS


def test_a_blank_item_9_is_said_to_be_blank_and_not_taken_for_no() -> None:
    scored = score(LOADED["phq-9"], [1, 1, 1, 1, 1, 1, 1, 1, None])
    assert scored.risk is None
    assert scored.risk_unanswered == ("9",)


@pytest.mark.parametrize("name", ["phq-8", "phq-4", "phq-2", "gad-7", "gad-2", "pc-ptsd-5", "pcl-5", "audit-c", "k6"])
def test_no_other_instrument_is_scored_with_an_answer_missing(name: str) -> None:
    instrument = LOADED[name]
    for position, item in enumerate(instrument.items):
        answers: list[int | None] = [1] * len(instrument.items)
        answers[position] = None
        with pytest.raises(AnswersError, match=rf"must have every answer that applies, item {item.id} is missing"):
            score(instrument, answers)


@pytest.mark.parametrize(("name", "count", "message"), [
    ("phq-9", 10, r"PHQ-9 must have 9 answers, got 10; give one for each of items 1 to 9, in order\."),
    ("phq-9", 0, "PHQ-9 must have 9 answers, got 0"),
    ("pc-ptsd-5", 5, "PC-PTSD-5 must have 6 answers, got 5; give one for each of items event to 5"),
])  # fmt: skip
def test_a_wrong_count_is_refused(name: str, count: int, message: str) -> None:
    with pytest.raises(AnswersError, match=message):
        score(LOADED[name], [0] * count)


@pytest.mark.parametrize(("value", "shown"), [(4, "4"), (-1, "-1"), (10**40, str(10**40)), (True, "True")])
def test_a_value_out_of_range_names_the_item_and_the_value(value: int, shown: str) -> None:
    with pytest.raises(AnswersError, match=rf"PHQ-9 item 3 must be 0, 1, 2 or 3, got {shown};"):
        score(LOADED["phq-9"], [0, 0, value, 0, 0, 0, 0, 0, 0])


def test_what_is_not_a_number_is_named_by_its_type_and_never_quoted() -> None:
    with pytest.raises(AnswersError, match="PHQ-2 item 1 must be 0, 1, 2 or 3, got a str") as caught:
        score(LOADED["phq-2"], ["private words", 0])  # type: ignore[list-item]
    assert "private" not in str(caught.value)


def test_the_functional_answer_is_kept_and_never_scored() -> None:
    scored = score(LOADED["phq-9"], [1] * 9, functional=3)
    assert (scored.total, scored.functional) == (9, 3)
    assert scored.to_dict()["functional"] == {"value": 3, "label": "Extremely difficult"}
    with pytest.raises(AnswersError, match="GAD-2 has no question on how hard things were"):
        score(LOADED["gad-2"], [1, 1], functional=1)
    with pytest.raises(AnswersError, match="PHQ-9 item functional must be 0, 1, 2 or 3, got 4"):
        score(LOADED["phq-9"], [1] * 9, functional=4)


def test_a_score_as_data_holds_no_answers(catalogue: Catalogue) -> None:
    scored = score(catalogue.get("phq-9"), [0, 0, 0, 0, 0, 0, 0, 0, 1])
    data = scored.to_dict()
    assert "answers" not in data
    assert data["total"] == 1
    assert data["risk"] == {"level": "concern", "categories": ["suicide"], "rules": ["instrument:phq-9#item9"]}
    assert "answers" not in repr(scored)


NAMES = st.sampled_from(sorted(LOADED))


@st.composite
def answered(draw: st.DrawFn) -> tuple[Instrument, list[int]]:
    instrument = LOADED[draw(NAMES)]
    return instrument, [draw(st.sampled_from(instrument.values_of(item))) for item in instrument.items]


@given(answered())
def test_a_total_stays_within_its_range_and_its_band(case: tuple[Instrument, list[int]]) -> None:
    instrument, answers = case
    scored = score(instrument, answers)
    if isinstance(scored.total, Unscored):
        assert not instrument.is_summed
    else:
        assert (instrument.minimum or 0) <= scored.total <= (instrument.maximum or 0)
        assert (scored.band.low or 0) <= scored.total <= (scored.band.high or 0)


@given(answered(), st.data())
def test_a_worse_answer_never_lowers_a_total_or_a_risk(case: tuple[Instrument, list[int]], data: st.DataObject) -> None:
    instrument, answers = case
    position = data.draw(st.integers(0, len(answers) - 1))
    item = instrument.items[position]
    worse = data.draw(st.sampled_from([v for v in instrument.values_of(item) if v >= answers[position]]))
    before, after = (
        score(instrument, answers),
        score(instrument, [*answers[:position], worse, *answers[position + 1 :]]),
    )
    levels = [scored.risk.level if scored.risk else Level.NONE for scored in (before, after)]
    assert levels[0] <= levels[1]
    if isinstance(before.total, int) and isinstance(after.total, int):
        assert before.total <= after.total


@given(st.sampled_from(sorted(LOADED)), st.lists(st.one_of(st.none(), st.integers()), max_size=25))
def test_seeing_risk_never_fails_whatever_the_answers(name: str, answers: list[int | None]) -> None:
    risk = signalled_risk(LOADED[name], answers)
    assert risk is None or risk.level in (Level.CONCERN, Level.CRISIS)
