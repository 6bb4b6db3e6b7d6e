"""Claims about the JSON API: the same care as on the pages, risk first, and failures that repeat nothing."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from holdfast.care.assessment.catalogue import instruments
from holdfast.care.assessment.scoring import score
from holdfast.care.conversation.state import Purpose
from holdfast.care.education.library import load_library
from holdfast.care.intervention.catalogue import exercises
from holdfast.safety.detection.verdict import Category, Detection, Evidence, Level, Subject
from holdfast.turn import Turn
from served import Browser, Served

API = "/api/v1"
RISK = "I want to kill myself tonight"


class Caller:
    """A program that calls the API, with a person's token or without."""

    def __init__(self, browser: Browser, token: str = "") -> None:
        self._browser, self.token = browser, token

    def __call__(self, method: str, path: str, *, status: int = 200, **parts: Any) -> Any:
        """Call, hold the status to what is expected and return what came back."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        response = self._browser.send(method, f"{API}{path}", headers=headers, **parts)
        assert response.status_code == status, response.text
        return response.json() if response.content else None


@pytest.fixture
def anonymous(browser: Browser) -> Caller:
    """Somebody without a token."""
    return Caller(browser)


@pytest.fixture
def caller(browser: Browser) -> Caller:
    """A new adult who agrees to nothing yet."""
    caller = Caller(browser, Caller(browser)("POST", "/people", status=201)["token"])
    caller("PUT", "/me/profile", json={"is_minor": False})
    return caller


@pytest.fixture
def agreeing(caller: Caller) -> Caller:
    """A new person who agrees to everything this service asks about."""
    agree(caller, Purpose.CONVERSATION, Purpose.CHECK_INS, Purpose.EXERCISES)
    return caller


def agree(caller: Caller, *purposes: Purpose) -> Any:
    return caller("PUT", "/consents", json={"purposes": list(purposes)})


def given(consents: Any) -> set[str]:
    return {item["purpose"] for item in consents["purposes"] if item["given_at"] is not None}


def test_a_new_person_agrees_to_nothing_and_consents_are_exactly_what_was_put(caller: Caller) -> None:
    assert caller("GET", "/me")["consents"] == []
    assert given(agree(caller, Purpose.CHECK_INS, Purpose.EXERCISES)) == {"check_ins", "exercises"}
    begun = caller("POST", "/check-ins", status=201, json={"instrument": "gad-2"})
    assert given(agree(caller, Purpose.EXERCISES)) == {"exercises"}
    assert caller("GET", "/check-ins")["check_ins"] == []
    caller("GET", f"/check-ins/{begun['id']}", status=403)


@pytest.mark.parametrize("purpose", ["language_model", "quality_review"])
def test_a_purpose_that_is_not_asked_about_cannot_be_agreed_to(caller: Caller, purpose: str) -> None:
    assert purpose not in [one["purpose"] for one in caller("GET", "/consents")["purposes"]]
    refused = caller("PUT", "/consents", status=422, json={"purposes": [purpose]})
    assert refused["error"] == "invalid"


def test_the_profile_changes_what_is_known(caller: Caller) -> None:
    put = caller("PUT", "/me/profile", json={"region": "IE", "audience": "caregiver", "is_minor": True})
    assert put == caller("GET", "/me")
    assert (put["region"], put["audience"], put["is_minor"]) == ("IE", "caregiver", True)


def test_without_consent_words_are_checked_for_risk_and_not_kept(caller: Caller) -> None:
    calm = caller("POST", "/messages", json={"text": "what helps with sleep?"})
    assert (calm["reply"]["route"], calm["kept"], calm["id"], calm["why"]) == ("consent", False, None, None)
    risk = caller("POST", "/messages", json={"text": RISK})
    assert (risk["reply"]["route"], risk["crisis"], risk["kept"]) == ("crisis", "crisis", False)
    assert risk["reply"]["resources"]
    assert caller("GET", "/me")["crisis"] == "crisis"
    assert caller("GET", "/messages")["messages"] == []


def test_with_consent_messages_are_kept_and_explained(agreeing: Caller) -> None:
    said = agreeing("POST", "/messages", json={"text": "what helps with sleep?"})
    assert said["kept"]
    shown = agreeing("GET", "/messages")["messages"]
    assert [(one["role"], one["text"]) for one in shown] == [
        ("user", "what helps with sleep?"),
        ("assistant", said["reply"]["text"]),
    ]
    assert shown[1]["reply"] == said["reply"]
    why = agreeing("GET", said["why"].removeprefix(API))
    assert why["record"]["route"] == said["reply"]["route"]
    assert why["story"][0]["question"]
    assert "sleep?" not in str(why["record"])
    agreeing("GET", f"/messages/{shown[0]['id']}/why", status=422)


def test_a_message_in_another_language_is_told_once_what_this_cannot_do_in_it(caller: Caller) -> None:
    said = {"text": "لا أستطيع النوم وأنا متعب جدا"}
    note = caller("POST", "/messages", json=said)["reply"]["language_note"]
    assert (note["language"], note["direction"], note["help"]["path"]) == ("ar", "rtl", "/help")
    assert caller("POST", "/messages", json=said)["reply"]["language_note"] is None


@pytest.mark.parametrize("instrument_id", instruments().ids)
def test_an_instrument_is_given_word_for_word_with_the_hash_of_its_file(anonymous: Caller, instrument_id: str) -> None:
    found, whole = instruments().get(instrument_id), anonymous("GET", f"/instruments/{instrument_id}")
    assert whole["sha256"] == instruments().sha256(instrument_id)
    assert [item["text"] for item in whole["items"]] == [item.text for item in found.items]
    for shown, item in zip(whole["items"], found.items, strict=True):
        assert [(o["value"], o["label"]) for o in shown["options"]] == [
            (o.value, o.label) for o in found.options_of(item)
        ]


def test_scoring_agrees_with_the_scoring_of_the_part_and_keeps_nothing(anonymous: Caller) -> None:
    answers = [2, 1, 0, 3, 1, 0, 2, 1, 0]
    scored = anonymous("POST", "/instruments/phq-9/score", json={"answers": answers, "functional": 1})
    assert scored["score"] == score(instruments().get("phq-9"), answers, functional=1).to_dict()
    assert "not a diagnosis" in scored["explanation"]["not_a_diagnosis"]
    assert scored["crisis"] is None


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([0] * 10, "must have 9 answers, got 10"),
        ([], "must have 9 answers, got 0"),
        ([7] + [0] * 8, "item 1 must be 0, 1, 2 or 3, got 7"),
        ([None] * 3 + [0] * 6, "items 1, 2, 3 are missing"),
    ],
)
def test_answers_that_cannot_be_scored_are_refused_with_the_reason(
    anonymous: Caller, answers: list[int | None], said: str
) -> None:
    refused = anonymous("POST", "/instruments/phq-9/score", status=422, json={"answers": answers})
    assert said in refused["message"]
    assert "crisis" not in refused


def test_an_unknown_instrument_is_answered_with_the_closest(anonymous: Caller) -> None:
    refused = anonymous("GET", "/instruments/phq-99", status=404)
    assert refused["error"] == "not_found"
    assert "did you mean phq-9" in refused["message"]


@pytest.mark.parametrize("answers", [[0] * 8 + [2], [None] * 8 + [2], [0] * 8 + [2, 0]])
def test_a_risk_item_is_met_whether_or_not_the_answers_can_be_scored(
    anonymous: Caller, caller: Caller, answers: list[int | None]
) -> None:
    can_be_scored = len(answers) == 9 and answers[0] is not None
    for who in (anonymous, caller):
        found = who("POST", "/instruments/phq-9/score", status=200 if can_be_scored else 422, json={"answers": answers})
        assert found["crisis"]["level"] == "crisis"
        assert found["crisis"]["resources"]
    assert caller("GET", "/me")["crisis"] == "crisis"


def test_a_check_in_asks_one_question_after_another_and_meets_risk_before_the_next(agreeing: Caller) -> None:
    found = agreeing("POST", "/check-ins", status=201, json={"instrument": "PHQ_9"})
    for number in range(1, 9):
        assert found["question"]["number"] == number
        found = answer(agreeing, found, 0)
        assert found["crisis"] is None
    found = answer(agreeing, found, 1)
    assert found["crisis"]["level"] == "concern"
    assert found["question"]["item"] == "functional"
    found = answer(agreeing, found, None)
    assert (found["status"], found["result"]["total"], found["question"]) == ("completed", 1, None)
    assert "That matters more than any score" in found["result"]["explanation"]["safety"]
    assert agreeing("GET", f"/check-ins/{found['id']}")["result"] == found["result"]
    assert agreeing("GET", "/me")["crisis"] == "concern"
    agreeing("POST", f"/check-ins/{found['id']}/answers", status=422, json={"item": "1", "value": 0})
    agreeing("DELETE", f"/check-ins/{found['id']}", status=204)
    assert agreeing("GET", "/check-ins")["check_ins"] == []


def answer(caller: Caller, found: Any, value: int | None, *, item: str | None = None) -> Any:
    send = {"item": item or found["question"]["item"], "value": value}
    return caller("POST", f"/check-ins/{found['id']}/answers", json=send)


def test_an_answer_given_before_can_be_changed_in_its_place(agreeing: Caller) -> None:
    found = agreeing("POST", "/check-ins", status=201, json={"instrument": "gad-7"})
    for _ in range(6):
        found = answer(agreeing, found, 3)
    found = answer(agreeing, found, 0, item="1")
    assert found["question"]["number"] == 7
    while found["question"]:
        found = answer(agreeing, found, 0)
    assert found["result"]["total"] == 15


def test_too_many_blanks_are_listed_and_can_be_answered(agreeing: Caller) -> None:
    found = agreeing("POST", "/check-ins", status=201, json={"instrument": "gad-2"})
    found = answer(agreeing, answer(agreeing, found, 1), None)
    while found["question"]:
        found = answer(agreeing, found, None)
    assert (found["status"], found["blank"]) == ("under_way", ["2"])
    assert answer(agreeing, found, 1, item="2")["result"]["total"] == 2


def test_only_the_question_asked_next_or_one_before_is_answered(agreeing: Caller) -> None:
    found = agreeing("POST", "/check-ins", status=201, json={"instrument": "gad-7"})
    for item in ("5", "none", "functional"):
        refused = agreeing("POST", f"/check-ins/{found['id']}/answers", status=422, json={"item": item, "value": 0})
        assert "question asked next" in refused["message"]


def test_a_check_in_without_consent_is_refused_and_says_why(caller: Caller) -> None:
    refused = caller("POST", "/check-ins", status=403, json={"instrument": "gad-2"})
    assert refused["error"] == "consent_required"


def test_instruments_not_tested_with_minors_are_refused_to_them(agreeing: Caller) -> None:
    agreeing("PUT", "/me/profile", json={"region": None, "audience": "public", "is_minor": True})
    for instrument in instruments():
        status = 201 if instrument.minors else 403
        agreeing("POST", "/check-ins", status=status, json={"instrument": instrument.id})


def test_an_exercise_goes_step_by_step_and_words_are_checked_first(agreeing: Caller) -> None:
    found = agreeing("POST", "/exercises/thought-record/sessions", status=201)
    found = step(agreeing, found, "Monday at ten")
    assert found["crisis"] is None
    found = step(agreeing, found, RISK)
    assert found["crisis"]["level"] == "crisis"
    assert [entry["value"] for entry in found["entries"]] == ["Monday at ten", RISK]
    found = step(agreeing, found, 60)
    assert found["crisis"] is None
    found = agreeing("POST", f"/sessions/{found['id']}/steps", json={"action": "back"})
    assert found["step"]["step"] == "feeling-strength"
    agreeing("POST", f"/sessions/{found['id']}/steps", status=422, json={"action": "skip"})
    assert agreeing("GET", f"/sessions/{found['id']}") == {**found, "crisis": None}
    agreeing("DELETE", f"/sessions/{found['id']}", status=204)
    assert agreeing("GET", "/sessions")["sessions"] == []


def step(caller: Caller, found: Any, value: Any) -> Any:
    return caller("POST", f"/sessions/{found['id']}/steps", json={"value": value})


def test_words_that_cannot_be_used_are_still_checked(agreeing: Caller) -> None:
    found = step(agreeing, agreeing("POST", "/exercises/thought-record/sessions", status=201), "Monday")
    found = step(agreeing, found, f"{RISK} " + "so tired " * 100)
    assert found["crisis"]["level"] == "crisis"
    assert "at most 300 characters" in found["message"]
    assert found["step"]["step"] == "feelings"


def test_an_unsafe_answer_ends_the_exercise_and_raises_the_state(agreeing: Caller) -> None:
    found = agreeing("POST", "/exercises/grounding-and-breathing/sessions", status=201)
    found = step(agreeing, step(agreeing, found, 9), "unsure")
    assert (found["status"], found["step"], found["crisis"]["level"]) == ("stopped", None, "concern")
    assert found["offers"] == ["help_now", "human"]
    assert agreeing("GET", "/me")["crisis"] == "concern"
    agreeing("POST", f"/sessions/{found['id']}/steps", status=422, json={"value": "on"})


def test_contraindications_come_with_an_exercise(anonymous: Caller) -> None:
    for exercise in exercises():
        whole = anonymous("GET", f"/exercises/{exercise.id}")
        assert [line["when"] for line in whole["contraindications"]] == [w.when for w in exercise.contraindications]


def test_an_answer_from_the_library_is_verbatim_and_an_unfit_question_is_declined(anonymous: Caller) -> None:
    found = anonymous("POST", "/ask", json={"question": "what helps with sleep problems?"})
    library = load_library()
    assert found["answered"]
    for passage in found["passages"]:
        assert passage["text"] == library.by_citation[passage["citation"]].text
    declined = anonymous("POST", "/ask", json={"question": "who won the football last night?"})
    assert (declined["answered"], declined["passages"]) == (False, [])
    assert declined["text"]
    assert declined["referral"]


def test_a_question_that_signals_risk_is_met(anonymous: Caller, caller: Caller) -> None:
    for who in (anonymous, caller):
        assert who("POST", "/ask", json={"question": RISK})["crisis"]["level"] == "crisis"
    assert caller("GET", "/me")["crisis"] == "crisis"


def test_help_needs_nothing_and_falls_back_to_lines_for_everywhere(anonymous: Caller) -> None:
    here = anonymous("GET", "/help?region=GB")
    assert (here["region"], here["country"]) == ("GB", "United Kingdom")
    assert any("116 123" in item["contact"] for item in here["resources"])
    elsewhere = anonymous("GET", "/help?region=XX")
    assert elsewhere["region"] is None
    assert elsewhere["resources"]


def test_export_holds_everything_and_erasing_ends_the_token(agreeing: Caller) -> None:
    agreeing("POST", "/messages", json={"text": "what helps with sleep?"})
    agreeing("POST", "/check-ins", status=201, json={"instrument": "gad-2"})
    step(agreeing, agreeing("POST", "/exercises/thought-record/sessions", status=201), "Monday at ten")
    copy = agreeing("GET", "/export")
    assert copy["chats"][0]["turns"][0]["text"] == "what helps with sleep?"
    assert copy["check_ins"][0]["instrument"] == "gad-2"
    assert "Monday at ten" in str(copy["exercises"][0]["entries"])
    agreeing("DELETE", "/me", status=204)
    assert agreeing("GET", "/me", status=401)["error"] == "signed_out"


PLANTED = "PLANTED-diary"


@pytest.mark.parametrize(
    ("method", "path", "parts"),
    [
        ("POST", "/messages", {"json": {"text": 5, PLANTED: "x"}}),
        ("POST", "/messages", {"json": {"text": [PLANTED]}}),
        ("POST", "/messages", {"json": PLANTED}),
        ("POST", "/messages", {"json": {"text": PLANTED * 1000}}),
        ("POST", "/messages", {"content": b'{"text": "' + PLANTED.encode()}),
        ("PUT", "/me/profile", {"json": {"region": PLANTED, "audience": PLANTED, "is_minor": PLANTED}}),
        ("PUT", "/consents", {"json": {"purposes": [PLANTED]}}),
        ("POST", "/instruments/phq-9/score", {"json": {"answers": [PLANTED]}}),
        ("POST", "/ask", {"json": {"question": PLANTED, "audience": PLANTED}}),
        ("GET", f"/messages/{PLANTED}/why", {}),
        ("GET", f"/messages?last={PLANTED}", {}),
        ("POST", "/messages", {"json": {"text": "\ud800" + PLANTED}}),
    ],
)
def test_a_refusal_never_repeats_what_was_sent(
    agreeing: Caller, browser: Browser, method: str, path: str, parts: dict[str, Any]
) -> None:
    headers = {"authorization": f"Bearer {agreeing.token}", "content-type": "application/json"}
    if "json" in parts:
        parts = {"content": json.dumps(parts["json"]).encode()}
    response = browser.send(method, f"{API}{path}", headers=headers, **parts)
    assert response.status_code == 422, response.text
    assert "PLANTED" not in response.text
    assert set(response.json()) == {"error", "message"}
    assert response.json()["message"].endswith((".", "parts."))


def test_a_body_over_the_limit_is_refused_as_json(agreeing: Caller) -> None:
    refused = agreeing("POST", "/messages", status=413, json={"text": "z" * 1_000_000})
    assert refused["error"] == "too_large"


@pytest.mark.parametrize(("path", "name"), [("/messages", "text"), ("/ask", "question")])
def test_risk_in_a_body_over_the_limit_is_met_and_kept_for_whoever_calls(
    caller: Caller, anonymous: Caller, path: str, name: str
) -> None:
    sent = {name: f"{RISK}. {'and then I went for a walk. ' * 4000}"}
    assert anonymous("POST", path, status=413, json=sent)["crisis"]["resources"]
    refused = caller("POST", path, status=413, json=sent)
    assert (refused["error"], refused["crisis"]["level"]) == ("too_large", "crisis")
    assert caller("GET", "/me")["crisis"] == "crisis"


def test_too_many_messages_are_slowed_down_and_help_is_not(tmp_path: Path) -> None:
    served = Served(tmp_path, messages_per_minute=2, requests_per_minute=8)
    browser = served.browser()
    token = Caller(browser)("POST", "/people", status=201)["token"]
    headers = {"authorization": f"Bearer {token}"}
    answers = [browser.send("POST", f"{API}/messages", headers=headers, json={"text": "hello"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[-1].json()["error"] == "too_many_requests"
    statuses = [browser.get(f"{API}/instruments").status_code for _ in range(6)]
    assert statuses[-1] == 429
    assert [browser.get(f"{API}/help").status_code for _ in range(5)] == [200] * 5
    served.stop()


def test_a_database_that_is_gone_is_said_and_help_still_answers(tmp_path: Path) -> None:
    served = Served(tmp_path)
    browser = served.browser()
    caller = Caller(browser, Caller(browser)("POST", "/people", status=201)["token"])
    served.database_file.rename(tmp_path / "gone.db")
    assert caller("POST", "/messages", status=503, json={"text": RISK})["error"] == "unavailable"
    assert Caller(browser)("GET", "/help?region=GB")["resources"]
    assert Caller(browser)("POST", "/ask", json={"question": RISK})["crisis"]["level"] == "crisis"
    (tmp_path / "gone.db").rename(served.database_file)
    assert caller("GET", "/me")["crisis"] == "none"
    served.stop()


def test_a_check_in_goes_on_after_a_restart(tmp_path: Path) -> None:
    served = Served(tmp_path)
    caller = Caller(served.browser(), Caller(served.browser())("POST", "/people", status=201)["token"])
    agree(caller, Purpose.CHECK_INS)
    found = answer(caller, caller("POST", "/check-ins", status=201, json={"instrument": "gad-7"}), 2)
    served.stop()
    served.start()
    again = Caller(served.browser(), caller.token)
    assert again("GET", f"/check-ins/{found['id']}") == found
    served.stop()


def test_the_description_is_served_and_loads_nothing_from_elsewhere(browser: Browser) -> None:
    described = browser.get(f"{API}/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    for path in ("/docs", "/redoc", f"{API}/docs", f"{API}/redoc"):
        assert browser.get(path).status_code == 404
    for operations in described["paths"].values():
        for operation in operations.values():
            assert {"401", "403", "404", "413", "422", "429", "503"} <= set(operation["responses"])
            schema = operation["responses"]["422"]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}


def _hears_shadows(detector: Any, turns: Sequence[Turn]) -> Detection:
    """Take the word "shadow" in the newest words for a passing sign, and nothing else for any."""
    at = turns[-1].text.find("shadow")
    if at < 0:
        return Detection(level=Level.NONE)
    sign = Evidence(turn=len(turns) - 1, start=at, end=at + 6, category=Category.SUICIDE, level=Level.NOTICE, rule="t")
    return Detection(level=Level.NOTICE, categories=(Category.SUICIDE,), subject=Subject.SELF, evidence=(sign,))


def test_a_passing_sign_is_met_with_a_gentle_line_that_is_no_crisis(
    served: Served, agreeing: Caller, anonymous: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(served.app.state.services.conversation.detector), "detect", _hears_shadows)
    for who in (agreeing, anonymous):
        found = who("POST", "/ask", json={"question": "what can lift a passing shadow"})
        assert found["crisis"] is None
        assert "something heavy" in found["gentle"]
        assert who("POST", "/ask", json={"question": "what helps with sleep?"})["gentle"] is None
    begun = agreeing("POST", "/exercises/thought-record/sessions", status=201)
    assert begun["gentle"] is None
    path = f"/sessions/{begun['id']}/steps"
    step = agreeing("POST", path, json={"value": "a passing shadow at work"})
    assert step["crisis"] is None
    assert "something heavy" in step["gentle"]
    assert agreeing("POST", path, json={"value": "sad"})["gentle"] is None
    agreeing("POST", path, status=422, json={"value": "a passing shadow " + "so it was " * 1000})
    assert agreeing("GET", "/me")["crisis"] == "none"
