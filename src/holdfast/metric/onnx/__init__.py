"""Serve an encoder without torch. Exporting one needs torch and lies in ``holdfast.metric.onnx.export``."""

from holdfast.metric.onnx.encoder import OnnxEncoder

__all__ = ["OnnxEncoder"]
