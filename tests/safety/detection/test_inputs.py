"""Claims about awkward input: empty, huge, control characters, other scripts, emoji."""

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.safety.detection import Detection, LayerStatus, Level, default_detector
from holdfast.safety.detection.rules import MAX_EVIDENCE
from holdfast.turn import Role, Turn

Detect = Callable[..., Detection]


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\x00\x07\x1b", "😀🎉", "مرحبا كيف حالك", "?!?!"])
def test_nothing_to_read_is_no_risk(detect: Detect, text: str) -> None:
    assert detect(text).level is Level.NONE


def test_no_turns_are_no_risk() -> None:
    assert default_detector().detect([]).level is Level.NONE


@pytest.mark.parametrize("noise", ["\x00", "\u202e", "\u200f", "مرحبا ", "🎉", "\u00ad"])
def test_noise_around_a_sign_does_not_hide_it(detect: Detect, noise: str) -> None:
    assert detect(f"{noise}i want to {noise} kill myself{noise}").level is Level.CRISIS


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_judged_with_evidence_inside_it(text: str) -> None:
    verdict = default_detector().detect([Turn(Role.PERSON, text)])
    assert not verdict.is_degraded
    assert all(0 <= piece.start < piece.end <= len(text) for piece in verdict.evidence)


def test_a_megabyte_is_read_to_its_end_in_bounded_time(detect: Detect) -> None:
    words = ["the", "day", "was", "long", "and", "we", "walked", "home", "again", "today.", "cat", "is", "to", "green"]
    chooser = random.Random(7)
    filler = " ".join(chooser.choice(words) for _ in range(230_000))[:1_000_000]
    began = time.perf_counter()
    verdict = detect(filler + " i want to kill myself")
    assert time.perf_counter() - began < 30
    assert verdict.level is Level.CRISIS
    assert max(piece.end for piece in verdict.evidence) == len(filler) + len(" i want to kill myself")


def test_a_sign_across_the_seam_of_two_chunks_is_found(detect: Detect) -> None:
    for lead in range(7_970, 8_010):
        assert detect("la " * (lead // 3) + "x" * (lead % 3) + " i want to kill myself").level is Level.CRISIS


def test_a_huge_message_makes_no_huge_verdict(detect: Detect) -> None:
    assert len(detect("i want to die. " * 5_000).evidence) == MAX_EVIDENCE


def test_every_layer_reports(detect: Detect) -> None:
    assert [(layer.name, layer.status) for layer in detect("hello").layers] == [("rules", LayerStatus.OK)]
