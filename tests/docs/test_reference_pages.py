"""The reference pages say what the code says."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import holdfast.errors
from holdfast.settings import describe

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "docs" / "reference_pages.py"
NAMES = ("reference/commands.md", "reference/settings.md", "reference/errors.md", "decisions/index.md")


@pytest.fixture(scope="module")
def pages() -> dict[str, Callable[[], str]]:
    """Page -> what writes it, from the script that people run."""
    spec = importlib.util.spec_from_file_location("reference_pages", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written: dict[str, Callable[[], str]] = module.PAGES
    return written


@pytest.mark.parametrize("name", NAMES)
def test_page_is_what_the_code_says(name: str, pages: dict[str, Callable[[], str]]) -> None:
    assert name in pages
    kept = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert kept == written_anew(name), "run: .venv/bin/python docs/reference_pages.py"


def written_anew(name: str) -> str:
    """Write a page in an interpreter of its own: click remembers how a command was first called in this one."""
    code = f"import runpy; print(runpy.run_path({str(SCRIPT)!r})['PAGES'][{name!r}](), end='')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_every_written_page_is_tested(pages: dict[str, Callable[[], str]]) -> None:
    assert sorted(pages) == sorted(NAMES)


def test_every_setting_has_a_row() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    rows = describe()
    assert rows
    for row in rows:
        assert f"| `{row.name}` | `HOLDFAST_{row.name.upper()}` |" in page


def test_the_tree_of_errors_names_every_error_and_no_other() -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    tree = page.split("```text\n", 1)[1].split("```", 1)[0]
    drawn = {word for word in tree.split() if word.endswith("Error")}
    assert drawn == set(holdfast.errors.__all__)
