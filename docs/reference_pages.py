"""Write the pages that follow from the code: the command line, the settings, the errors, and the list of decisions.

Run ``.venv/bin/python docs/reference_pages.py`` after changing a command, a setting or an error, or after adding a
decision. A test compares the pages with what this writes.
"""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import click

import holdfast.errors
from holdfast.cli.main import cli
from holdfast.settings import describe

__all__ = ["PAGES", "command_reference", "decision_list", "error_reference", "settings_reference"]

_FOLDER = Path(__file__).parent
_WIDTH = 100
_MADE = "<!-- Written by docs/reference_pages.py from the code. Change the code, then run that again. -->"

_COMMANDS = """# Commands

{made}

Every command prints help with `--help`. What you can mend ends with status 2 and one line that says what to do.
`--json`, where a command has it, prints JSON and nothing else to standard output.

{commands}
"""

_SETTINGS = """# Settings

{made}

Settings are read once, when a command starts. Later wins: the defaults, `holdfast.toml`, the environment, the command
line. Without `--config` or `HOLDFAST_CONFIG`, the file is `holdfast.toml` in the current folder, if there is one.

In the environment a setting is named `HOLDFAST_` and its name in capitals: `HOLDFAST_RETENTION_DAYS=30`. In the file it
has its own name: `retention_days = 30`. Anything unknown is refused, and every problem is reported at once.

There is no setting for the tier that the service states: it is earned through the
[release gate](../explanation/gate.md).

| Setting | In the environment | Kind | Default | What it does |
|---|---|---|---|---|
{rows}

Secrets are never printed. Keep `secret_key` and `model_api_key` out of files that are shared or committed.
"""

_ERRORS = """# Errors

{made}

Holdfast raises one tree of errors. Catch `HoldfastError` to catch everything that it raises on purpose. A message says
what must hold, what was given and what to do. It never contains what a person wrote.

```text
{tree}
```

On the command line such an error ends the command with status 2 and one line on standard error. On the web it becomes
a page, or a JSON problem, that says the same. Anything else is a defect: please
[report it](../index.md#help-and-reports).
"""

_DECISIONS = """# Decisions

{made}

What was decided, why, what was tried and left, and what still needs somebody's eye. A decision that no longer holds is
superseded by a new one, not rewritten.

| No. | Decision |
|---|---|
{rows}
"""


def command_reference() -> str:
    """Return the page of commands: the help text of each, in alphabetical order."""
    return _COMMANDS.format(made=_MADE, commands="\n\n".join(_helps(cli, None)))


def settings_reference() -> str:
    """Return the page of settings, a row for each in the order that they are declared."""
    rows = "\n".join(
        f"| `{row.name}` | `HOLDFAST_{row.name.upper()}` | {row.type} | {_default(row.default)} | {row.description} |"
        for row in describe()
    )
    return _SETTINGS.format(made=_MADE, rows=rows)


def error_reference() -> str:
    """Return the page of errors, with the tree that stands in the module's docstring."""
    text = inspect.getdoc(holdfast.errors) or ""
    tree = text.split("::\n", 1)[1].split("\n\nMessages read", 1)[0]
    return _ERRORS.format(made=_MADE, tree=inspect.cleandoc(tree))


def decision_list() -> str:
    """Return the list of decisions, by number, each with the title that its page opens with."""
    files = sorted((_FOLDER / "decisions").glob("[0-9]*.md"))
    rows = "\n".join(f"| {int(file.name[:4])} | [{_title(file)}]({file.name}) |" for file in files)
    return _DECISIONS.format(made=_MADE, rows=rows)


PAGES: dict[str, Callable[[], str]] = {
    "reference/commands.md": command_reference,
    "reference/settings.md": settings_reference,
    "reference/errors.md": error_reference,
    "decisions/index.md": decision_list,
}
"""Page -> what writes it."""


def _title(file: Path) -> str:
    """Return the title of a decision, without its number."""
    line = file.read_text(encoding="utf-8").split("\n", 1)[0]
    return line.lstrip("# ").split(". ", 1)[1]


def _default(text: str) -> str:
    """Return a default as code, or plainly where a setting has none."""
    return text if text == "unset" else f"`{text}`"


def _helps(command: click.Command, parent: click.Context | None) -> Iterator[str]:
    """Yield the section of ``command``, then those of its own commands."""
    settings = {**command.context_settings, "terminal_width": _WIDTH}
    context = click.Context(command, info_name=command.name, parent=parent, **settings)
    name = "holdfast" if parent is None else command.name
    context.info_name = name
    level = "##" if parent is None or parent.parent is None else "###"
    yield f"{level} `{context.command_path}`\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for verb in command.list_commands(context):
            child = command.get_command(context, verb)
            if child is not None:
                yield from _helps(child, context)


def main() -> None:
    """Write every page."""
    for name, write in PAGES.items():
        (_FOLDER / name).write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
