"""Find signals of risk in what a person writes. Layers behind one protocol; any failure counts as risk."""

from holdfast.safety.detection.default import artefacts, default_detector
from holdfast.safety.detection.layered import LayeredDetector
from holdfast.safety.detection.verdict import (
    Category,
    Detection,
    Detector,
    Evidence,
    LayerReport,
    LayerStatus,
    Level,
    Subject,
    Tense,
)

__all__ = [
    "Category",
    "Detection",
    "Detector",
    "Evidence",
    "LayerReport",
    "LayerStatus",
    "LayeredDetector",
    "Level",
    "Subject",
    "Tense",
    "artefacts",
    "default_detector",
]
