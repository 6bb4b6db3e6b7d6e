"""The documentation builds without a warning into a site that loads nothing from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_every_page_is_there(site: Path) -> None:
    made = {path.parent.name for path in site.glob("tutorials/*/index.html")}
    assert made == {"person", "helper", "steward", "builder", "operator", "metric", "risk"}


def test_no_page_loads_anything_from_another_site(site: Path) -> None:
    away = re.compile(r"<(?:script|img|iframe|link)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//[^>]*>")
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    loaded = [tag for page in pages for tag in away.findall(page.read_text(encoding="utf-8"))]
    assert [tag for tag in loaded if 'rel="canonical"' not in tag] == []


def test_no_style_sheet_loads_anything_from_another_site(site: Path) -> None:
    sheets = list(site.rglob("*.css"))
    assert sheets
    away = [found for sheet in sheets for found in re.findall(r"url\([\"']?(?:https?:)?//[^)]*\)", sheet.read_text())]
    assert away == []
