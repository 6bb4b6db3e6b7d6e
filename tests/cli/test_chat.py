"""Claims about talking in the terminal: the same pipeline and storage as the pages."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

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
