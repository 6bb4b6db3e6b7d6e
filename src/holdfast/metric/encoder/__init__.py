"""``TripletEncoder``, a scikit-learn estimator: networks, training (in several processes too) and storage."""

from holdfast.metric.encoder.triplet_encoder import TrainingInterruptedWarning, TripletEncoder

__all__ = ["TrainingInterruptedWarning", "TripletEncoder"]
