"""Claims about talking in the terminal: the same pipeline and storage as the pages."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from holdfast.care.conversation.languages import load_languages
from holdfast.cli.chat import chat
from holdfast.errors import ConsentError


def talk(data_dir: Path, *words: str, options: tuple[str, ...] = ("--agree", "--region", "GB")) -> Result:
    """Say each of ``words`` in turn and leave."""
    environ = {"HOLDFAST_DATA_DIR": str(data_dir), "HOLDFAST_CONFIG": ""}
    return CliRunner().invoke(chat, list(options), input="\n".join([*words, "/quit", ""]), env=environ)


def test_a_question_is_answered_with_its_sources(tmp_path: Path) -> None:
    result = talk(tmp_path, "what is a panic attack?")
    assert result.exit_code == 0
    assert "I am software, not a person" in result.output
    assert "panic-what-a-panic-attack-is#" in result.output


def test_a_number_is_always_the_persons_own_answer_and_a_letter_a_choice(tmp_path: Path) -> None:
    result = talk(tmp_path, "phq-2", "1", "c")
    assert "You scored 3 out of 6" in result.output


def test_a_crisis_outlives_the_terminal_and_a_denial(tmp_path: Path) -> None:
    assert "116 123" in talk(tmp_path, "I want to end my life").output
    again = talk(tmp_path, "I'm fine, just kidding")
    assert "116 123" in again.output
    assert "Check in with me" in again.output


def test_nothing_is_kept_of_somebody_who_does_not_agree(tmp_path: Path) -> None:
    result = talk(tmp_path, "n", options=())
    assert isinstance(result.exception, ConsentError)
    assert not (tmp_path / "terminal.person").exists()


def test_erasing_leaves_no_person_behind(tmp_path: Path) -> None:
    result = talk(tmp_path, "PLANTED what helps with sleep?", "/erase", "y")
    assert "Everything is erased" in result.output
    assert not (tmp_path / "terminal.person").exists()


@pytest.mark.parametrize("words", ["", "   ", "\x00", "z" * 5000])
def test_words_that_cannot_be_taken_are_refused_and_the_talk_goes_on(tmp_path: Path, words: str) -> None:
    result = talk(tmp_path, words, "hi")
    assert result.exit_code == 0
    assert "I'm glad you are here" in result.output


def test_writing_fast_is_slowed_and_not_the_end_of_the_talk(tmp_path: Path) -> None:
    result = talk(tmp_path, *["hi"] * 22, "I want to end my life")
    assert result.exit_code == 0
    assert "more slowly" in result.output
    assert "116 123" in result.output


def test_help_lists_people_without_a_turn(tmp_path: Path) -> None:
    result = talk(tmp_path, "/help")
    assert "116 123" in result.output


def test_every_country_can_be_chosen(tmp_path: Path) -> None:
    result = talk(tmp_path, "region", options=("--agree",))
    assert "United States" in result.output


def test_the_terminals_token_is_its_owners_alone_and_a_damaged_one_starts_anew(tmp_path: Path) -> None:
    talk(tmp_path, "hi")
    file = tmp_path / "terminal.person"
    assert file.stat().st_mode & 0o077 == 0
    file.write_bytes(b"\xff\xfe not a token")
    file.chmod(0o644)
    assert talk(tmp_path, "hi").exit_code == 0
    assert file.stat().st_mode & 0o077 == 0


def test_the_stricter_limits_hold_until_somebody_says_that_they_are_an_adult(tmp_path: Path) -> None:
    """What was said is kept, and can be changed."""
    agree = ("--agree", "--region", "GB")
    for said, is_served_as_minor in [((), True), (("--age", "adult"), False), ((), False), (("--age", "minor"), True)]:
        refused = talk(tmp_path, "k6", "stop", options=(*agree, *said)).output
        assert (
            "has not been tested well enough with people under 18" in " ".join(refused.split())
        ) is is_served_as_minor


def test_another_language_is_met_with_a_line_of_its_own_before_the_reply_and_after_a_crisis_text(
    tmp_path: Path,
) -> None:
    spanish = load_languages().value.by_tag["es"].text
    calm = talk(tmp_path, "No duermo bien y estoy muy cansada").output
    assert f"{spanish} (/help)" in calm
    assert calm.index(spanish) < calm.rindex("a) ")
    crisis = talk(tmp_path / "other", "quiero quitarme la vida esta noche").output
    assert crisis.index("116 123") < crisis.index(spanish)
