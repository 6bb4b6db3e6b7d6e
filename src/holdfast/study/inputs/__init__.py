"""What was measured -> what a network reads: logged, standardised, bent at the ends, with what is missing marked."""

from holdfast.study.inputs.input_encoding import InputEncoding, InputSettings

__all__ = ["InputEncoding", "InputSettings"]
