"""Claims about how a trace's detection is told in plain words."""

from typing import Any

from holdfast.care.conversation.turn_record import describe_detection
from holdfast.safety.detection import Detection, LayerReport, LayerStatus, Level
from holdfast.service.conversation.explanation import explain_trace

NOT_SURE = "was not sure, and when it is not sure it asks"
NOT_IN_USE = "is not in use here"
BROKE = "did not work"


def told(detection: dict[str, Any]) -> str:
    payload = {
        "route": "support",
        "author": "template",
        "detection": detection,
        "review": [],
        "artefacts": {},
        "tier": "research use",
        "timings_ms": {},
    }
    return dict(explain_trace(payload))["What the safety check found"]


def report(name: str, status: LayerStatus, **more: Any) -> LayerReport:
    level = Level.CONCERN if status.is_risk else Level.NONE
    return LayerReport(name=name, status=status, level=more.pop("level", level), **more)


def test_a_layer_that_is_off_is_told_apart_from_one_that_did_not_work() -> None:
    layers = (report("rules", LayerStatus.OK), report("semantic", LayerStatus.OFF))
    words = told(describe_detection(Detection(level=Level.NONE, layers=layers)))
    assert f"(semantic) {NOT_IN_USE}" in words
    assert BROKE not in words
    layers = (report("rules", LayerStatus.OK), report("semantic", LayerStatus.MISSING))
    words = told(describe_detection(Detection(level=Level.CONCERN, layers=layers)))
    assert f"(semantic) {BROKE}" in words
    assert NOT_IN_USE not in words


def test_a_layer_that_abstained_is_said_not_to_have_been_sure() -> None:
    sure = report("rules", LayerStatus.OK, level=Level.CONCERN)
    asks = report("learned", LayerStatus.OK, level=Level.CONCERN, is_unsure=True)
    kept = describe_detection(Detection(level=Level.CONCERN, layers=(sure, asks)))
    assert [layer["is_unsure"] for layer in kept["layers"]] == [False, True]
    assert f"(learned) {NOT_SURE}" in told(kept)


def test_a_trace_from_before_layers_could_be_unsure_is_still_told() -> None:
    kept = describe_detection(Detection(level=Level.NONE, layers=(report("rules", LayerStatus.OK),)))
    for layer in kept["layers"]:
        del layer["is_unsure"]
    del kept["is_unsure"]
    words = told(kept)
    assert words.startswith("No sign of risk was found")
    assert NOT_SURE not in words
