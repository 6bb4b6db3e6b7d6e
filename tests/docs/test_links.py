"""Links within the documentation lead somewhere, and nothing is loaded from another site."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted(DOCS.rglob("*.md"))]

_FENCE = re.compile(r"^( *)```[^\n]*\n.*?^\1```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"(!?)\[[^\]]*\]\(\s*<?([^)>\s]+)>?[^)]*\)")
_HEADING = re.compile(r"^#+\s+(.*?)\s*#*$", re.MULTILINE)
_AWAY = re.compile(r"^(?:[a-z]+:|//)")


def _prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def _anchors(page: Path) -> set[str]:
    titles = (re.sub(r"[^\w\s-]", "", heading.lower().replace("`", "")) for heading in _HEADING.findall(_prose(page)))
    return {re.sub(r"[\s-]+", "-", title.strip()) for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_resolve(page: Path) -> None:
    for _, target in _LINK.findall(_CODE.sub("", _prose(page))):
        if _AWAY.match(target):
            continue
        path, _, anchor = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        assert aim.exists(), f"{page.name} links to {target}, which is not there"
        if anchor and aim.suffix == ".md":
            assert anchor in _anchors(aim), f"{page.name} links to {target}, whose heading is not there"


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_page_loads_nothing_from_another_site(page: Path) -> None:
    prose = _prose(page)
    images = [target for mark, target in _LINK.findall(prose) if mark]
    assert [target for target in images if _AWAY.match(target)] == []
    assert re.findall(r"<(?:img|script|link|iframe|video|audio|source)\b[^>]*", prose) == []


def test_every_decision_is_listed() -> None:
    listed = {target for _, target in _LINK.findall((DOCS / "decisions" / "index.md").read_text(encoding="utf-8"))}
    kept = {page.name for page in (DOCS / "decisions").glob("0*.md")}
    assert kept
    assert kept == {target for target in listed if target[0].isdigit()}


def test_every_page_is_in_the_navigation() -> None:
    named = set(re.findall(r"[\w/-]+\.md", yaml.safe_dump(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"])))
    kept = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    assert named == {name for name in kept if not re.match(r"decisions/\d", name)}
