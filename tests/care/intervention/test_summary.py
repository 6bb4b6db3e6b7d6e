"""Claims about what is shown back: the person's own words, as they wrote them, whatever they wrote."""

import html
import re
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from holdfast.care.intervention.markdown import literal, plain
from holdfast.care.intervention.session import ExerciseSession
from holdfast.care.intervention.summary import closing, summary

PRINTABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")) | st.just("\n"), max_size=80
)
MARKUP = st.text("*_`[]()<>#&!-+=.1\\|~ a\n", max_size=60)


def shown_by_a_browser(markdown: str) -> str:
    """Render Markdown and return its text with white space folded."""
    rendered = MarkdownIt("commonmark").render(markdown)
    return " ".join(html.unescape(re.sub(r"</?(p|br)\s*/?>", " ", rendered)).split())


@given(PRINTABLE | MARKUP)
@example("1. one\n2) two\n- three\n+ four\n===\n# five\n> six\n    seven")
@example("<script>alert(1)</script> [a](javascript:b) ![c](d) &amp; `e`")
def test_a_renderer_shows_exactly_what_was_written(text: str) -> None:
    assert shown_by_a_browser(literal(text)) == " ".join(text.split())


@given(PRINTABLE | MARKUP)
def test_a_terminal_shows_exactly_what_was_written(text: str) -> None:
    lines = [" ".join(line.split()) for line in text.strip().split("\n")]
    assert [" ".join(line.split()) for line in plain(literal(text)).split("\n")] == lines


def test_emphasis_of_our_own_is_dropped_in_a_terminal_and_the_persons_stars_stay() -> None:
    assert plain(f"**Thought**\n\n*Mine:* {literal('2 * 3 **so**')}") == "Thought\n\nMine: 2 * 3 **so**"


@pytest.mark.parametrize(
    ("after", "words"),
    [(20, "60 before, 20 after. That is 40 lower."), (60, "That is the same."), (70, "That is 10 higher.")],
)
def test_ratings_before_and_after_are_compared_in_words(
    run: Callable[..., ExerciseSession], after: int, words: str
) -> None:
    assert words in summary(run("thought-record", feeling_strength=60, feeling_strength_after=after))


def test_sections_come_in_the_files_order_with_what_was_skipped_left_out(run: Callable[..., ExerciseSession]) -> None:
    text = summary(run("thought-record", evidence_for=None, next_step=None))
    titles = re.findall(r"^\*\*([^*:]+)\*\*$", text, re.MULTILINE)
    assert titles == ["What happened", "Feelings", "The thought", "What does not fit the thought", "A fairer thought"]


def test_an_exercise_stopped_before_anything_was_written_says_so(run: Callable[..., ExerciseSession]) -> None:
    done = run("thought-record")
    untouched = ExerciseSession.start(done.exercise, done.started_at).stop()
    assert summary(untouched) == "You have not written anything, and that is all right."


def test_an_exercise_not_finished_yet_is_not_called_stopped(run: Callable[..., ExerciseSession]) -> None:
    done = run("thought-record")
    assert "You have not reached the end yet" in summary(done.back())
    assert "You stopped before the end" in summary(done.back().stop())


def test_the_vetted_closing_holds_none_of_the_persons_words(run: Callable[..., ExerciseSession]) -> None:
    session = run("thought-record", situation="my private words")
    assert "private" in summary(session)
    assert "private" not in closing(session) + closing(session.back().stop())
