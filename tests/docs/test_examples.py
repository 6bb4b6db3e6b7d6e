"""What the documentation shows in ``console`` blocks is what the commands print, and its Python runs.

In a block, ``$ cat FILE`` puts the file there with the text shown; ``$ holdfast ...`` is run, with what
``printf '...' |`` before it types; other commands are not.
``...`` in the text shown stands for anything.
"""

import io
import re
import shlex
from pathlib import Path

import pytest

from holdfast.cli.main import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_STEP = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_TYPED = re.compile(r"printf '([^']*)' \| (holdfast .*)")


def _steps(page: Path) -> list[tuple[str, str]]:
    """Return (command, text shown) for each step of a page; Python blocks have the command "python"."""
    steps: list[tuple[str, str]] = []
    for kind, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        steps += [("python", text)] if kind == "python" else _STEP.findall(text)
    return [step for step in steps if step[0].startswith(("holdfast ", "printf ", "cat ", "python"))]


WITH_EXAMPLES = [page for page in PAGES if any(not step[0].startswith("cat ") for step in _steps(page))]


def _run(command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    if typed := _TYPED.fullmatch(command):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed[1].replace("\\n", "\n")))
        command = typed[2]
    with pytest.raises(SystemExit):
        main(shlex.split(command)[1:])
    printed = capsys.readouterr()
    return printed.out + printed.err


def _fits(shown: str, printed: str) -> bool:
    """Return whether ``printed`` is what is shown, white space at the ends of lines aside."""
    pattern = re.escape(_tidy(shown)).replace(re.escape("..."), ".*?")
    return re.fullmatch(pattern, _tidy(printed), re.DOTALL) is not None


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=[str(page.relative_to(ROOT)) for page in WITH_EXAMPLES])
def test_examples_print_what_is_shown(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOLDFAST_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("HOLDFAST_CONFIG", raising=False)
    names: dict[str, object] = {"__name__": "__main__"}
    for command, shown in _steps(page):
        if command == "python":
            exec(compile(shown, page.name, "exec"), names)
            capsys.readouterr()
        elif command.startswith("cat "):
            (tmp_path / command.removeprefix("cat ")).write_text(shown, encoding="utf-8")
        else:
            printed = _run(command, capsys, monkeypatch)
            assert _fits(shown, printed), f"{page.name} shows for {command!r}:\n{shown}\nbut it prints:\n{printed}"


def test_an_example_that_is_wrong_is_found() -> None:
    assert _fits("one\n...\nthree\n", "one  \ntwo\n2.5\nthree\n")
    assert not _fits("one\n...\nthree\n", "one\ntwo\n")
    assert not _fits("one\n", "one\ntwo\n")
