"""What a person reads before an exercise starts: what it is, when it may not be for now, and whose words these are."""

from holdfast.care.intervention.exercise import Exercise

__all__ = ["introduction", "references"]

_YOURS = "Your answers are yours. You can go back, leave steps out where it says so, or stop at any time."


def introduction(exercise: Exercise) -> str:
    """Return Markdown to show before the first step. When the exercise may not be for now comes before anything else
    about doing it.
    """
    warnings = "\n".join(f"- {line.when} {line.instead}" for line in exercise.contraindications)
    return "\n\n".join(
        [
            f"**{exercise.title}** (about {exercise.minutes} minutes)",
            exercise.summary,
            "**This may not be for you right now if:**",
            warnings,
            _YOURS,
        ]
    )


def references(exercise: Exercise) -> str:
    """Return Markdown that says what the exercise rests on and who has reviewed it."""
    works = "\n".join(f"- {w.authors} ({w.year}). {w.title}. {w.publisher}." for w in exercise.evidence)
    return "\n\n".join([exercise.evidence_note, works, f"Review: {exercise.review}"])
