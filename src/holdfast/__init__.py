"""Holdfast: language models and learned health representations for mental health, with proof before service.

Importing this package is light: no torch, no web framework, no database library. Each part is imported
where it is used, for example ``from holdfast.care.education import library``.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
