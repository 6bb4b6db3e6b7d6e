"""The README's first screen says what a newcomer needs, and it is so."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST_SCREEN = "\n".join(README.splitlines()[:60])
MADE_BY_MAKE = re.findall(r"\bmake ([a-z][a-z-]*)\b", README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "said", ["make serve", "make test", "docs/images/home.png", "What it is not", "research use, not for care"]
)
def test_first_screen_says(said: str) -> None:
    assert said in FIRST_SCREEN


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"serve", "test"} <= set(MADE_BY_MAKE) <= targets


def test_every_path_on_the_map_exists() -> None:
    tree = README.split("## Map of the tree", 1)[1].split("```", 2)[1]
    paths = re.findall(r"^([\w./-]+)\s{2,}", tree, re.MULTILINE)
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_tier_is_the_one_in_the_code() -> None:
    from holdfast.proof.tier import RESEARCH

    assert RESEARCH in FIRST_SCREEN


def test_there_is_no_badge() -> None:
    assert re.findall(r"!\[[^\]]*\]\(https?:", README) == []
