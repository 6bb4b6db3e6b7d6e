"""Break each layer in every way, and count messages at which that went unnoticed."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from holdfast.safety.detection import Detection, Detector, LayeredDetector, Level, default_detector
from holdfast.turn import Role, Turn

__all__ = ["dropped_by_fault"]

_BUDGET_S = 0.01


class _Raises:
    def detect(self, _turns: Sequence[Turn]) -> Detection:
        raise RuntimeError("broken")


class _Hangs:
    def detect(self, _turns: Sequence[Turn]) -> Detection:
        time.sleep(5 * _BUDGET_S)
        return Detection(level=Level.NONE)


class _TalksNonsense:
    def detect(self, _turns: Sequence[Turn]) -> Any:
        return "all is well"


def _with(layer: Detector, **options: Any) -> Callable[[], LayeredDetector]:
    return lambda: LayeredDetector({"rules": default_detector().only(["rules"]), "learned": layer}, **options)


FAULTS: dict[str, Callable[[], LayeredDetector]] = {
    "a layer raises": _with(_Raises()),
    "a layer hangs": _with(_Hangs(), interrupt=True, budget_s=_BUDGET_S),
    "a layer answers nonsense": _with(_TalksNonsense()),
    "a layer is missing": lambda: LayeredDetector(
        {"rules": default_detector().only(["rules"])}, required=("rules", "learned")
    ),
    "no layer at all": lambda: LayeredDetector({}),
}


def dropped_by_fault(texts: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return, for each fault, at how many messages the verdict fell below concern or did not say it is degraded."""
    found = {}
    for name, make in FAULTS.items():
        detector = make()
        verdicts = [detector.detect([Turn(Role.PERSON, text)]) for text in texts]
        silent = sum(one.level < Level.CONCERN or not one.is_degraded for one in verdicts)
        found[name] = {"messages": len(verdicts), "dropped": silent}
    return found
