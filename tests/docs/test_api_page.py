"""The page on the JSON API lists every call there is, and no other."""

import re
from pathlib import Path

from holdfast.service.api.application import make_api

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text(encoding="utf-8")


def test_every_call_is_listed() -> None:
    paths = make_api().openapi()["paths"]
    calls = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    listed = set(re.findall(r"`((?:GET|POST|PUT|DELETE) /[^`]*)`", PAGE))
    assert len(calls) > 15
    assert listed == calls
