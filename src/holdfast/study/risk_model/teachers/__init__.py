"""Teachers: plain ways to foretell an outcome, whose log hazards grade people and lead an encoder.

Each is fitted to all training people but one fold, in turn, so that nobody is graded by a teacher that has seen them.
"""

__all__: list[str] = []
