"""The learned layer: texts as points, trained with the NPLB loss, judged by relative distance to references.

Two encoders behind one protocol: hashed words and letters (built in, numpy only), and a sentence encoder run by ONNX
Runtime (extra ``semantic``).
"""

from holdfast.safety.learned.calibration import Calibration, Calibrations
from holdfast.safety.learned.detector import LearnedDetector
from holdfast.safety.learned.encoder import Encoder
from holdfast.safety.learned.model import BUILT_IN, LearnedModel, load_model
from holdfast.safety.learned.ngram_encoder import NGramEncoder
from holdfast.safety.learned.references import BENIGN, NOTICE, Kind, References

__all__ = [
    "BENIGN",
    "BUILT_IN",
    "NOTICE",
    "Calibration",
    "Calibrations",
    "Encoder",
    "Kind",
    "LearnedDetector",
    "LearnedModel",
    "NGramEncoder",
    "References",
    "load_model",
]
