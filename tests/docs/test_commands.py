"""Every ``holdfast`` command line that the documentation shows exists, with its options and its ids."""

import re
import shlex
from pathlib import Path

import click
import pytest

from holdfast.care.assessment.catalogue import instruments
from holdfast.care.intervention.catalogue import exercises
from holdfast.cli.main import cli
from holdfast.errors import UnknownNameError

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^( *)```[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(holdfast [^`\n]+)`")
_LINE = re.compile(r"^(?:\$ )?(?:printf '[^']*' \| )?((?:[A-Z_]+=\S+ )*(?:\S*/bin/)?holdfast .*)$")
_END = re.compile(r"\s(?:\||>|2>|<|&&|#)(?:\s|$)")
_PLACEHOLDER = re.compile(r"^(?:[A-Z][A-Z_-]*|\.\.\.|…)$")


def _command_lines() -> list[tuple[str, str]]:
    """Return (page, command line) for every one shown, in a block or within a sentence."""
    found = []
    for page in PAGES:
        if page.parts[-2] == "decisions" and page.name[0].isdigit():
            continue
        text = page.read_text(encoding="utf-8")
        name = str(page.relative_to(ROOT))
        blocks = [line.strip() for match in _FENCE.finditer(text) for line in match[2].replace("\\\n", " ").split("\n")]
        if page.name != "commands.md":  # written from the commands themselves
            found += [(name, match[1]) for line in blocks if (match := _LINE.match(line))]
            found += [(name, line) for line in _INLINE.findall(_FENCE.sub("", text))]
    return found


LINES = _command_lines()


def _words(line: str) -> list[str]:
    words = shlex.split(_END.split(line + " ")[0])
    while "=" in words[0]:
        words.pop(0)
    return words[1:]


def _resolve(words: list[str]) -> tuple[click.Command, list[str], click.Context]:
    """Walk down the groups, checking the options of each; return the command and what is left."""
    command: click.Command = cli
    context = click.Context(command, info_name="holdfast", **cli.context_settings)
    left = list(words)
    while isinstance(command, click.Group):
        _, left, _ = command.make_parser(context).parse_args(left)
        if not left:
            return command, [], context
        child = command.get_command(context, left[0])
        if child is None:
            raise click.UsageError(f"there is no command {left[0]!r}")
        command, left = child, left[1:]
        context = click.Context(command, info_name=command.name, parent=context)
    return command, left, context


def _check_values(command: click.Command, options: dict[str, object]) -> None:
    for parameter in command.params:
        value = options.get(parameter.name or "")
        if isinstance(parameter.type, click.Choice) and isinstance(value, str) and not _PLACEHOLDER.match(value):
            parameter.type.convert(value, parameter, None)


def _check_id(verb: str | None, given: str) -> None:
    if verb == "screen":
        instruments().get(given)
    elif verb == "practise":
        exercises().get(given)


@pytest.mark.parametrize(("page", "line"), LINES, ids=[f"{page}: {line[:60]}" for page, line in LINES])
def test_command_line_exists(page: str, line: str) -> None:
    command, left, context = _resolve(_words(line))
    options, _, _ = command.make_parser(context).parse_args(list(left))  # the parser empties what it is given
    _check_values(command, options)
    given = left[0] if left and not left[0].startswith("-") else "list"
    if given != "list" and not _PLACEHOLDER.match(given):
        _check_id(command.name, given)


def test_the_documentation_shows_every_verb() -> None:
    shown = {words[0] for _, line in LINES if (words := _words(line))}
    assert shown >= set(cli.list_commands(click.Context(cli, **cli.context_settings)))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("holdfast screen phq-2 --no-such-option 1", "No such option"),
        ("holdfast nonsense", "no command 'nonsense'"),
        ("holdfast steward add ann --role king", "is not one of"),
        ("holdfast screen phq-7", "did you mean"),
    ],
)
def test_a_command_line_that_does_not_exist_is_found(line: str, complaint: str) -> None:
    with pytest.raises((click.UsageError, UnknownNameError), match=complaint):
        test_command_line_exists("page", line)
