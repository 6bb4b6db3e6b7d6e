"""The default detector, built once, and the labelled utterances."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.safety.detection import Detection, LayeredDetector, default_detector
from holdfast.turn import Role, Turn

Utterance = dict[str, Any]


@pytest.fixture(scope="session")
def detector() -> LayeredDetector:
    """The rules alone: what the learned layer adds is tested in tests/safety/learned."""
    return default_detector().only(["rules"])


@pytest.fixture(scope="session")
def detect(detector: LayeredDetector) -> Callable[..., Detection]:
    """Judge what a person says, or a conversation given as alternating (role, text) pairs."""

    def judge(*said: str | tuple[str, str]) -> Detection:
        turns = [Turn(Role.PERSON, s) if isinstance(s, str) else Turn(Role(s[0]), s[1]) for s in said]
        return detector.detect(turns)

    return judge


@pytest.fixture(scope="session")
def utterances() -> list[Utterance]:
    path = Path(__file__).parent / "utterances.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
