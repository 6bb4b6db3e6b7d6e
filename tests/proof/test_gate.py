"""The gate refuses whatever is missing, stale, failed, unscored, too small, out of bounds or not by people."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.content import ContentModel
from holdfast.measured import Failed, Interval, Measurement, Scored, Unscored, wilson
from holdfast.proof.evidence import Evidence, Measured
from holdfast.proof.gate import Defect, decide
from holdfast.proof.manifest import Manifest
from holdfast.proof.people import Person, Role, Study, StudyLevel
from holdfast.proof.policy import Claim, ReleasePolicy
from holdfast.proof.tier import RESEARCH, current_decision, current_tier

Model = TypeVar("Model", bound=ContentModel)

KINDS = ("measured", "reviews", "sign_offs", "participation")


def changed(entry: Model, **parts: object) -> Model:
    return entry.model_copy(update=parts)


def with_first(evidence: Evidence, kind: str, **parts: object) -> Evidence:
    """Return ``evidence`` with parts of the first entry of a kind changed."""
    first, *rest = getattr(evidence, kind)
    return changed(evidence, **{kind: (changed(first, **parts), *rest)})


def defects(evidence: Evidence, policy: ReleasePolicy, manifest: Manifest, now: datetime) -> list[tuple[str, Defect]]:
    return [(reason.subject, reason.defect) for reason in decide(evidence, policy, manifest, now).reasons]


def test_everything_the_policy_asks_for_is_granted(full: Evidence, policy: Any, manifest: Any, now: datetime) -> None:
    decision = decide(full, policy, manifest, now)
    assert (decision.is_granted, decision.tier, decision.reasons) == (True, policy.grants, ())


def test_lines_whose_check_ran_out_refuse_whatever_else_is_there(
    full: Evidence, policy: Any, manifest: Any, now: datetime
) -> None:
    decision = decide(full, policy, manifest, now, overdue_helplines=3)
    assert (decision.is_granted, decision.tier) == (False, RESEARCH)
    assert [reason.words for reason in decision.reasons] == [
        "helplines: 3 must be looked up and dialled again, their check ran out"
    ]


def test_the_installed_helplines_run_out_by_the_clock() -> None:
    def about_lines(now: datetime) -> list[str]:
        return [r.words for r in current_decision(now=now).reasons if r.subject == "helplines"]

    assert about_lines(datetime(2026, 12, 1, tzinfo=UTC)) == []
    assert len(about_lines(datetime(2030, 1, 1, tzinfo=UTC))) == 1


def test_no_evidence_is_refused_once_for_everything_that_is_asked(policy: Any, manifest: Any, now: datetime) -> None:
    decision = decide(Evidence(), policy, manifest, now)
    asked = len(policy.bounds) + len(policy.reviews)
    asked += sum(len(text.roles) for text in policy.signed_texts) + sum(len(stage.roles) for stage in policy.stages)
    assert (decision.is_granted, decision.tier, len(decision.reasons)) == (False, RESEARCH, asked)
    assert {reason.defect for reason in decision.reasons} == {Defect.MISSING}
    assert len({reason.words for reason in decision.reasons}) == asked


@pytest.mark.parametrize("kind", KINDS)
def test_each_single_piece_of_evidence_is_needed(
    kind: str, full: Evidence, policy: Any, manifest: Any, now: datetime
) -> None:
    for position in range(len(getattr(full, kind))):
        entries = list(getattr(full, kind))
        del entries[position]
        found = defects(changed(full, **{kind: tuple(entries)}), policy, manifest, now)
        assert [defect for _, defect in found] == [Defect.MISSING]


INTERVAL = Interval(1.0, 1.0, 0.95)


@pytest.mark.parametrize(
    ("measurement", "defect"),
    [
        (Unscored("no cases"), Defect.UNSCORED),
        (Failed("3 of 9 cases failed"), Defect.FAILED),
        (Scored(value=1.0, n=199, interval=INTERVAL), Defect.TOO_SMALL),
        (Scored(value=1.0, n=200), Defect.NO_INTERVAL),
        (Scored(value=1.0, n=200, interval=Interval(1.0, 1.0, 0.8)), Defect.NO_INTERVAL),
        (Scored(value=0.96, n=200, interval=Interval(0.94, 0.98, 0.95)), Defect.OUT_OF_BOUND),
        (Scored(value=float("nan"), n=200, interval=Interval(float("nan"), float("nan"), 0.95)), Defect.OUT_OF_BOUND),
        (Scored(value=1.0, n=200, interval=Interval(1.0, 1.0, float("nan"))), Defect.NO_INTERVAL),
    ],
)
def test_each_defect_of_a_measurement_is_its_own_reason(
    measurement: Measurement, defect: Defect, full: Evidence, policy: Any, manifest: Any, now: datetime
) -> None:
    broken = with_first(full, "measured", measurement=measurement)
    assert defects(broken, policy, manifest, now) == [("crisis.recall", defect)]


def test_a_bound_from_above_holds_the_upper_end(full: Evidence, policy: Any, manifest: Any, now: datetime) -> None:
    metrics = [entry.metric for entry in full.measured]
    position = metrics.index("crisis.false_alarm")
    too_high = Scored(value=0.05, n=200, interval=Interval(0.02, 0.11, 0.95))
    entries = list(full.measured)
    entries[position] = changed(entries[position], measurement=too_high)
    found = defects(changed(full, measured=tuple(entries)), policy, manifest, now)
    assert found == [("crisis.false_alarm", Defect.OUT_OF_BOUND)]


@pytest.mark.parametrize(
    ("kind", "parts", "subject", "defect"),
    [
        ("measured", {"release_sha256": "0" * 64}, "crisis.recall", Defect.OTHER_RELEASE),
        ("measured", {"suite_sha256": "0" * 64}, "crisis.recall", Defect.OTHER_SUITE),
        ("reviews", {"release_sha256": "0" * 64}, "review reply-quality", Defect.OTHER_RELEASE),
        ("reviews", {"is_blinded": False}, "review reply-quality", Defect.NOT_BLINDED),
        ("reviews", {"replies": 199}, "review reply-quality", Defect.TOO_SMALL),
        ("reviews", {"agreement": Unscored("one reviewer")}, "review reply-quality, agreement", Defect.UNSCORED),
        ("reviews", {"acceptable": Failed("lost")}, "review reply-quality, acceptable replies", Defect.FAILED),
        ("sign_offs", {"sha256": "0" * 64}, "text crisis-protocol, clinician", Defect.TEXT_CHANGED),
    ],
)
def test_each_defect_of_an_entry_is_its_own_reason(
    kind: str,
    parts: dict[str, object],
    subject: str,
    defect: Defect,
    full: Evidence,
    policy: Any,
    manifest: Any,
    now: datetime,
) -> None:
    assert defects(with_first(full, kind, **parts), policy, manifest, now) == [(subject, defect)]


@pytest.mark.parametrize(("kind", "max_age"), [("measured", 30), ("reviews", 180), ("sign_offs", 180)])
def test_evidence_goes_stale_on_the_day_the_policy_says(
    kind: str, max_age: int, full: Evidence, policy: Any, manifest: Any, now: datetime
) -> None:
    at = now - timedelta(days=max_age)
    assert defects(with_first(full, kind, at=at), policy, manifest, now) == []
    found = defects(with_first(full, kind, at=at - timedelta(seconds=1)), policy, manifest, now)
    assert [defect for _, defect in found] == [Defect.STALE]


@pytest.mark.parametrize("kind", KINDS)
def test_evidence_from_the_future_does_not_count(
    kind: str, full: Evidence, policy: Any, manifest: Any, now: datetime
) -> None:
    found = defects(with_first(full, kind, at=now + timedelta(seconds=1)), policy, manifest, now)
    assert [defect for _, defect in found] == [Defect.FROM_THE_FUTURE]


@pytest.mark.parametrize("kind", ["simulated", "model"])
def test_simulated_people_and_models_never_count_as_people(
    kind: str, full: Evidence, policy: Any, manifest: Any, now: datetime
) -> None:
    signer = changed(full.sign_offs[0].signer, kind=kind)
    found = defects(with_first(full, "sign_offs", signer=signer), policy, manifest, now)
    assert found == [("text crisis-protocol, clinician", Defect.NOT_HUMAN)]
    taking_part = changed(full.participation[0].person, kind=kind)
    found = defects(with_first(full, "participation", person=taking_part), policy, manifest, now)
    assert found == [("stage design, lived experience", Defect.NOT_HUMAN)]
    everybody = [Person(name="Persona", role=role, kind=kind) for role in Role for _ in range(9)]
    found = defects(with_first(full, "reviews", reviewers=tuple(everybody)), policy, manifest, now)
    assert {defect for _, defect in found} == {Defect.NOT_HUMAN, Defect.TOO_FEW_PEOPLE}


@pytest.mark.parametrize("kind", ["simulated", "model"])
def test_a_gate_fed_only_by_simulated_people_refuses_for_every_one_of_them(
    kind: str, full: Evidence, policy: Any, manifest: Any, now: datetime
) -> None:
    def simulated(person: Person) -> Person:
        return changed(person, kind=kind)

    evidence = changed(
        full,
        sign_offs=tuple(changed(e, signer=simulated(e.signer)) for e in full.sign_offs),
        participation=tuple(changed(e, person=simulated(e.person)) for e in full.participation),
        reviews=tuple(changed(e, reviewers=tuple(map(simulated, e.reviewers))) for e in full.reviews),
    )
    found = defects(evidence, policy, manifest, now)
    people = len(full.sign_offs) + len(full.participation) + len(full.reviews)
    assert [defect for _, defect in found].count(Defect.NOT_HUMAN) == people


def test_one_reviewer_under_three_entries_is_one_reviewer(
    full: Evidence, policy: Any, manifest: Any, now: datetime
) -> None:
    same = tuple(Person(name="Same Name", role=role, kind="human") for role in Role)
    found = defects(with_first(full, "reviews", reviewers=same), policy, manifest, now)
    assert found == [("review reply-quality", Defect.TOO_FEW_PEOPLE)]


def test_a_changed_text_undoes_its_signatures_and_everything_measured(
    full: Evidence, policy: Any, manifest: Manifest, now: datetime
) -> None:
    other = replace(manifest, artefacts={**manifest.artefacts, "safety/crisis/protocol.yaml": "0" * 64})
    found = defects(full, policy, other, now)
    assert {s for s, d in found if d is Defect.TEXT_CHANGED} == {
        f"text crisis-protocol, {role}" for role in ("clinician", "lived experience", "ethics lead")
    }
    assert {s for s, d in found if d is Defect.OTHER_RELEASE} == {
        *(bound.metric for bound in policy.bounds),
        *(f"review {review.id}" for review in policy.reviews),
    }


def test_a_text_that_is_not_there_cannot_be_signed(full: Evidence, policy: Any, manifest: Any, now: datetime) -> None:
    gone = changed(policy.signed_texts[0], paths=("nowhere/*",))
    asking = changed(policy, signed_texts=(gone, *policy.signed_texts[1:]))
    assert defects(full, asking, manifest, now) == [("text crisis-protocol", Defect.NO_SUCH_TEXT)]


def test_a_claim_needs_a_study_of_its_level(full: Evidence, policy: Any, manifest: Any, now: datetime) -> None:
    claim = Claim(id="eases-worry", says="Eases worry.", needs=StudyLevel.RANDOMISED_TRIAL)
    claiming = changed(policy, claims=(claim,))
    assert defects(full, claiming, manifest, now) == [("claim eases-worry", Defect.MISSING)]
    weak = Study(claim="eases-worry", level=StudyLevel.OBSERVATIONAL, reference="Made up for a test.", at=now)
    assert defects(changed(full, studies=(weak,)), claiming, manifest, now) == [("claim eases-worry", Defect.TOO_WEAK)]
    strong = changed(weak, level=StudyLevel.RANDOMISED_TRIAL)
    assert defects(changed(full, studies=(weak, strong)), claiming, manifest, now) == []


def test_a_seeded_regression_is_blocked(full: Evidence, policy: Any, manifest: Any, now: datetime) -> None:
    """A detector that misses one case in ten more than before no longer gets through; the one before did."""
    fine, worse = wilson(400, 400), wilson(360, 400)
    assert defects(with_first(full, "measured", measurement=fine), policy, manifest, now) == []
    found = defects(with_first(full, "measured", measurement=worse), policy, manifest, now)
    assert found == [("crisis.recall", Defect.OUT_OF_BOUND)]


def test_good_evidence_beside_bad_evidence_counts(full: Evidence, policy: Any, manifest: Any, now: datetime) -> None:
    stale = changed(full.sign_offs[0], at=now - timedelta(days=9_999))
    assert defects(changed(full, sign_offs=(stale, *full.sign_offs)), policy, manifest, now) == []


MEASUREMENTS = st.sampled_from(
    [Unscored("x"), Failed("x"), wilson(10, 10), wilson(500, 500), wilson(0, 500), Scored(value=1.0, n=500)]
)
MOMENTS = st.integers(-400, 40)


@st.composite
def flawed(draw: st.DrawFn, full: Evidence, now: datetime) -> Evidence:
    """Evidence in which any entry may have been left out or spoilt, or have a second beside it."""

    def spoil(entry: ContentModel) -> ContentModel:
        parts: dict[str, object] = {}
        if draw(st.booleans()):
            parts["at"] = now + timedelta(days=draw(MOMENTS))
        if isinstance(entry, Measured) and draw(st.booleans()):
            parts["measurement"] = draw(MEASUREMENTS)
        for name in ("sha256", "release_sha256", "suite_sha256"):
            if name in type(entry).model_fields and draw(st.integers(0, 5)) == 0:
                parts[name] = "0" * 64
        for name in ("signer", "person"):
            if name in type(entry).model_fields and draw(st.integers(0, 5)) == 0:
                parts[name] = changed(getattr(entry, name), kind="simulated")
        return changed(entry, **parts)

    def some(entries: tuple[Any, ...]) -> tuple[Any, ...]:
        at = draw(st.sets(st.integers(0, len(entries) - 1), max_size=2))
        kept = [spoil(entry) if i in at else entry for i, entry in enumerate(entries)]
        return tuple(kept)

    kinds = draw(st.sets(st.sampled_from(KINDS), max_size=2))
    return changed(full, **{kind: some(getattr(full, kind)) for kind in kinds})


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_taking_evidence_away_never_turns_a_refusal_into_a_grant(
    data: st.DataObject, full: Evidence, policy: Any, manifest: Any, now: datetime
) -> None:
    evidence = data.draw(flawed(full, now))
    before = decide(evidence, policy, manifest, now)
    kind = data.draw(st.sampled_from(KINDS))
    entries = getattr(evidence, kind)
    kept = data.draw(st.sets(st.integers(0, len(entries) - 1)))
    fewer = changed(evidence, **{kind: tuple(entries[i] for i in sorted(kept))})
    after = decide(fewer, policy, manifest, now)
    assert before.is_granted or not after.is_granted
    assert after.is_granted is (after.reasons == ())


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_the_same_input_gives_the_same_decision_whatever_the_order(
    data: st.DataObject, full: Evidence, policy: Any, manifest: Any, now: datetime
) -> None:
    evidence = data.draw(flawed(full, now))
    shuffled = changed(evidence, **{kind: tuple(data.draw(st.permutations(getattr(evidence, kind)))) for kind in KINDS})
    assert decide(evidence, policy, manifest, now) == decide(shuffled, policy, manifest, now)


@settings(max_examples=50, deadline=None)
@given(bound=st.floats(0, 1), low=st.floats(0, 1), width=st.floats(0, 1), is_lower=st.booleans())
def test_only_the_worse_end_decides(
    bound: float,
    low: float,
    width: float,
    is_lower: bool,
    full: Evidence,
    policy: Any,
    manifest: Any,
    now: datetime,
) -> None:
    high = min(1.0, low + width)
    direction = "at_least" if is_lower else "at_most"
    first = changed(policy.bounds[0], bound=bound, direction=direction)
    asking = changed(policy, bounds=(first, *policy.bounds[1:]))
    scored = Scored(value=(low + high) / 2, n=500, interval=Interval(low, high, 0.95))
    is_met = low >= bound if is_lower else high <= bound
    found = defects(with_first(full, "measured", measurement=scored), asking, manifest, now)
    assert found == ([] if is_met else [("crisis.recall", Defect.OUT_OF_BOUND)])


def test_words_of_every_reason_name_their_subject(policy: Any, manifest: Any, now: datetime) -> None:
    for reason in decide(Evidence(), policy, manifest, now).reasons:
        assert reason.words.startswith(f"{reason.subject}: ")


def test_the_shipped_state_is_refused(now: datetime) -> None:
    decision = current_decision(now=now)
    assert not decision.is_granted
    assert {reason.subject.split(" ")[0] for reason in decision.reasons} >= {"text", "stage", "review"}
    assert current_tier(now=now) == RESEARCH == "research use, not for care"
