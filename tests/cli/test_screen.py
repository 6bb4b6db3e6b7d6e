"""Claims about ``holdfast screen``."""

import json

import pytest
from click.testing import CliRunner, Result

import holdfast.cli.screen as module
from holdfast.cli.main import main
from holdfast.cli.screen import SCREEN_LEAD, screen
from holdfast.errors import ContentError
from holdfast.safety.detection.verdict import Detection


def run(*args: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(screen, list(args), input=typed, catch_exceptions=False)


def refused(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    with pytest.raises(SystemExit) as caught:
        main(["screen", *args])
    assert caught.value.code == 2
    return capsys.readouterr().err


def test_a_result_is_plain_and_sourced() -> None:
    result = run("phq-9", "--answers", "1,0,2,1,0,1,1,0,0", "--functional", "1")
    assert result.exit_code == 0
    assert "You scored 6 out of 27 over the last 2 weeks: mild symptoms." in result.stdout
    assert "This is a screen, not a diagnosis." in result.stdout
    assert "somewhat difficult" in result.stdout
    assert "Kroenke K, Spitzer RL, Williams JBW (2001)" in result.stdout
    assert "**" not in result.stdout


def test_json_carries_the_score_and_the_explanation() -> None:
    data = json.loads(run("gad-7", "--answers", "2,2,2,2,1,1,0", "--json").stdout)
    assert (data["instrument"], data["total"], data["band"]["id"]) == ("gad-7", 10, "moderate")
    assert data["cut_points"][0]["reached"] is True
    assert data["safety"] is None
    assert data["explanation"]["not_a_diagnosis"].startswith("This is a screen")
    assert len(data["sha256"]) == len(data["wording_sha256"]) == 64


@pytest.mark.parametrize("blank", ["-", ""])
def test_a_dash_or_nothing_is_a_missing_answer(blank: str) -> None:
    data = json.loads(run("phq-9", "--answers", f"1,1,1,{blank},1,1,1,1,0", "--json").stdout)
    assert data["missing"] == ["4"]
    assert data["prorated"] is True


@pytest.mark.parametrize("name", ["list", None])
def test_the_list_names_every_instrument(name: str | None) -> None:
    result = run(*([name] if name else []))
    for expected in ("phq-9", "asq", "k6"):
        assert expected in result.stdout.splitlines()


def test_the_list_as_json_carries_hashes() -> None:
    rows = json.loads(run("list", "--json").stdout)
    assert len(rows) == 11
    assert all(len(row["sha256"]) == 64 for row in rows)


def test_risk_is_met_before_the_score_whatever_the_total() -> None:
    text = run("phq-9", "--answers", "0,0,0,0,0,0,0,0,2", "--region", "GB").stdout
    assert text.index("999") < text.index("You scored 2 out of 27")
    data = json.loads(run("phq-9", "--answers", "0,0,0,0,0,0,0,0,1", "--json").stdout)
    assert data["risk"]["level"] == "concern"
    assert "Are you thinking" in data["safety"] or "are you thinking" in data["safety"]


def test_risk_is_met_even_where_the_answers_cannot_be_scored(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["screen", "phq-9", "--answers", "-,-,-,0,0,0,0,0,3"])
    captured = capsys.readouterr()
    assert "Please do not stay alone with this" in captured.out
    assert captured.err.count("\n") == 1
    with pytest.raises(SystemExit):
        main(["screen", "phq-9", "--answers", "-,-,-,0,0,0,0,0,3", "--json"])
    data = json.loads(capsys.readouterr().out)
    assert "at most 2 answers missing" in data["error"]
    assert "Please do not stay alone with this" in data["safety"]


def test_a_caller_can_wire_its_own_lead() -> None:
    def lead(detection: Detection) -> str:
        return f"Wired: {detection.level.label}."

    context = screen.make_context("screen", ["asq", "--answers", "1,0,0,0,1"])
    context.meta[SCREEN_LEAD] = lead
    runner = CliRunner()
    with runner.isolation() as (out, *_):
        screen.invoke(context)
        assert out.getvalue().decode().startswith("Wired: crisis.")


def test_a_broken_protocol_still_points_to_people(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ContentError("protocol.yaml must be a readable file: gone; restore it.")

    monkeypatch.setattr(module, "load_protocol", broken)
    assert "call your local emergency number or a crisis line now" in run("asq", "--answers", "1,0,0,0,1").stdout


@pytest.mark.parametrize(("args", "message"), [
    (("phq-9", "--answers", "0,0,0,0,0,0,0,0,0,0"), "PHQ-9 must have 9 answers, got 10;"),
    (("phq-9", "--answers", "0,0,5,0,0,0,0,0,0"), "PHQ-9 item 3 must be 0, 1, 2 or 3, got 5;"),
    (("phq-9", "--answers", "0,0,x,0"), "Answer 3 must be a whole number;"),
    (("phq-9", "--answers", "0,0,0,0,0,0,0,0,0", "--functional", "hard"), "--functional must be a whole number;"),
    (("phq-9", "--answers", ""), "PHQ-9 must have 9 answers, got 1;"),
    (("gad-7", "--answers", "1,1,1,1,1,1,-"), "GAD-7 must have every answer that applies, item 7 is missing;"),
    (("phq9", "--answers", "1"), "did you mean phq-9"),
    (("phq-9", "--json"), "--json and --functional must come with --answers;"),
])  # fmt: skip
def test_bad_input_exits_2_with_one_clear_line(
    capsys: pytest.CaptureFixture[str], args: tuple[str, ...], message: str
) -> None:
    error = refused(capsys, *args)
    assert message in error
    assert error.count("\n") == 1


def test_what_was_typed_is_not_quoted_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert "private" not in refused(capsys, "phq-9", "--answers", "my private words")


def test_questions_are_asked_one_at_a_time() -> None:
    result = run("gad-2", typed="several days\n2\n")
    assert result.stdout.index("Question 1 of 2") < result.stdout.index("Question 2 of 2")
    assert "  2  More than half the days" in result.stdout
    assert "You scored 3 out of 6" in result.stdout


def test_an_unreadable_answer_is_asked_again_and_back_and_start_again_work() -> None:
    result = run("gad-2", typed="purple\n1\nback\n2\nstart again\n0\n0\n")
    assert result.stdout.count("I could not read that") == 1
    assert result.stdout.count("Question 1 of 2") == 4
    assert "You scored 0 out of 6" in result.stdout


def test_numbers_are_not_offered_where_they_would_be_misread() -> None:
    result = run("audit-c", typed="monthly or less\n3 or 4\nnever\n")
    assert "  - 3 or 4" in result.stdout
    assert "You scored 2 out of 12" in result.stdout


def test_risk_comes_before_the_next_question_and_going_on_is_asked() -> None:
    stopped = run("asq", "--region", "GB", typed="yes\n\n")
    assert "Question 2 of 5" not in stopped.stdout
    assert "Would you like to go on with the questions?" in stopped.stdout
    assert "nothing was scored" in stopped.stdout
    gone_on = run("asq", typed="yes\ny\nno\nno\nno\nno\n")
    assert gone_on.stdout.index("are you thinking about killing yourself") < gone_on.stdout.index("Question 2 of 5")
    assert "Non-acute positive screen." in gone_on.stdout


def test_back_over_a_positive_answer_does_not_repeat_the_lead() -> None:
    result = run("asq", typed="yes\ny\nno\nback\nstop\n")
    assert result.stdout.count("Would you like to go on with the questions?") == 1


@pytest.mark.parametrize("typed", ["stop\n", "", "1\n"])
def test_stopping_or_closing_the_input_scores_nothing(typed: str) -> None:
    result = run("gad-2", typed=typed)
    assert result.exit_code == 0
    assert "nothing was scored" in result.stdout


def test_questions_left_blank_can_be_answered_after_all() -> None:
    result = run("gad-2", typed="skip\n1\ny\n3\n")
    assert "GAD-2 must have every answer that applies, item 1 is missing" in result.stdout
    assert "You scored 4 out of 6" in result.stdout
