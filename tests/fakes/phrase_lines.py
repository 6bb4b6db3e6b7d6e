"""Lines written to test the phrasebooks, by language: ``tests/safety/detection/phrase_lines``."""

from pathlib import Path

import yaml

__all__ = ["danger", "lines"]

_FOLDER = Path(__file__).parents[1] / "safety" / "detection" / "phrase_lines"


def _read(language: str) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load((_FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    return found


def lines(part: str, *languages: str) -> list[str]:
    """Return the lines of ``part`` (harmless, denied_or_over, about_somebody_else) in every one of ``languages``."""
    found: list[str] = []
    for language in languages:
        of_part = _read(language)[part]
        assert isinstance(of_part, list)
        found += of_part
    return found


def danger(*languages: str) -> list[tuple[str, str]]:
    """Return the lines of danger, each behind its category, or behind ``any`` where a language's lines name none."""
    found: list[tuple[str, str]] = []
    for language in languages:
        by_category = _read(language)["danger"]
        assert isinstance(by_category, dict)
        found += [(category, line) for category, some in by_category.items() for line in some]
    return found
