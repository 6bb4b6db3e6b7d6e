"""Everything that is timed on the same messages: our layers, and guards of others where they are installed."""

import asyncio
import importlib.util
import logging
from collections.abc import Callable
from typing import Any

from holdfast.errors import ContentError, MissingExtraError
from holdfast.safety.detection import LayeredDetector, Level, default_detector
from holdfast.safety.learned import LearnedDetector, load_model
from holdfast.turn import Role, Turn

__all__ = ["KEYWORDS", "Guard", "guards", "learned_detector"]

Guard = Callable[[str], bool | None]
"""Reads a message, and says whether it flags it; None for one that looks for something else."""

KEYWORDS = (
    "suicide", "suicidal", "kill myself", "end my life", "want to die", "wish i was dead", "better off dead",
    "self harm", "self-harm", "cut myself", "cutting myself", "hurt myself", "overdose", "kill him", "kill her",
    "raped", "abused", "anorexia", "bulimia", "hearing voices", "can't breathe", "chest pain",
)  # fmt: skip
"""Words that a rail by keyword looks for."""

_RAIL = """
define bot refuse to respond
  "flagged"

define flow check keywords
  $found = execute check_keywords
  if $found
    bot refuse to respond
    stop
"""
_RAIL_SETTINGS = 'colang_version: "1.0"\nmodels: []\nrails:\n  input:\n    flows:\n      - check keywords\n'


def guards() -> tuple[dict[str, Guard], list[str]]:
    """Return the guards by name, ours first, and what was left out and why."""
    detector = default_detector()
    found: dict[str, Guard] = {"rules": _ours(detector.only(["rules"]))}
    left_out: list[str] = []
    learned = learned_detector()
    if learned is None:
        left_out.append("learned, built in: not trained yet")
    else:
        found["learned, built in"] = _ours(LayeredDetector({"learned": learned}))
        found["rules and learned"] = _ours(LayeredDetector({**_rules(), "learned": learned}))
    if "semantic" in detector.names:
        served = default_detector(interrupt=True)
        found["semantic"] = _ours(served.only(["semantic"]))
        found["all three layers"] = _ours(served)
    else:
        left_out.append("semantic: the extra is not installed")
    for name, module, make in (
        ("presidio, blank pipeline", "presidio_analyzer", _presidio),
        ("NeMo Guardrails, keyword rail", "nemoguardrails", _nemo),
    ):
        if importlib.util.find_spec(module) is None:
            left_out.append(f"{name}: {module} is not installed")
        else:
            found[name] = make()
    return found, left_out


def learned_detector() -> LearnedDetector | None:
    """Return the built-in learned layer, or None where it cannot be read."""
    try:
        return LearnedDetector(load_model())
    except (ContentError, MissingExtraError):
        return None


def _rules() -> dict[str, Any]:
    return {"rules": default_detector().only(["rules"])}


def _ours(detector: LayeredDetector) -> Guard:
    return lambda text: detector.detect([Turn(Role.PERSON, text)]).level >= Level.CONCERN


def _presidio() -> Guard:
    """Return presidio with its own recognisers on a pipeline that only cuts words; it looks for personal data."""
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry

    from holdfast.safety.privacy import presidio_search as ours

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    recognizers = [kind(supported_language="en") for kind in ours._READY]
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=["en"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=ours._BlankEngine(), supported_languages=["en"])

    def read(text: str) -> None:
        engine.analyze(text, language="en")

    return read


def _nemo() -> Guard:
    """Return an input rail that looks for keywords in an action of its own; no language model is called."""
    from nemoguardrails import LLMRails, RailsConfig

    rails = LLMRails(RailsConfig.from_content(colang_content=_RAIL, yaml_content=_RAIL_SETTINGS))

    async def check_keywords(context: dict[str, Any] | None = None, **_: object) -> bool:
        said = str((context or {}).get("user_message", "")).casefold()
        return any(word in said for word in KEYWORDS)

    rails.register_action(check_keywords, "check_keywords")
    loop = asyncio.new_event_loop()

    def read(text: str) -> bool:
        asked = rails.generate_async(messages=[{"role": "user", "content": text}], options={"rails": ["input"]})
        answer: Any = loop.run_until_complete(asked)
        return str(answer.response[0]["content"]) == "flagged"

    return read
