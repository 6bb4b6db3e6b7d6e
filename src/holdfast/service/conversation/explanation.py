"""A turn's trace in plain words: why this reply, from what, and how sure."""

from collections.abc import Callable, Mapping
from typing import Any

from holdfast.safety.detection.verdict import LayerStatus

__all__ = ["explain_trace"]

_ROUTES = {
    "crisis": "What you wrote, now or before, suggested that someone may be at risk. Then fixed texts lead.",
    "consent": "You had not agreed to anything yet, so your message was checked for risk and not used further.",
    "education": "Your message read like a question, so the library was searched for passages that answer it.",
    "assessment": "A check-in was asked for or under way.",
    "intervention": "An exercise was asked for or under way.",
    "identity": "You asked who or what is answering, and that always gets the same honest answer.",
    "support": "You said how you feel, so you got an acknowledgement and things to choose from.",
    "small_talk": "It read like a greeting or thanks, which get a short fixed reply.",
    "out_of_scope": "It read like something outside mental health, where Holdfast does not try.",
    "abstain": "Nothing in the library answered well enough, or an answer did not pass the checks, so none was given.",
}
_AUTHORS = {
    "template": "A fixed text, written ahead of time by people.",
    "library": "The library's own text, word for word.",
    "instrument": "The published wording of the questionnaire. Scores are computed by plain rules.",
    "exercise": "The exercise's own text, and your own words where it gives them back to you.",
    "model": "A language model worded it from the passages named below; sentences they did not support were dropped.",
}
_LEVELS = {
    "none": "No sign of risk was found in your message or the ones before it.",
    "notice": "A passing or past sign of difficulty was noticed.",
    "concern": "Signs of possible risk were noticed, so the reply asks directly.",
    "crisis": "Signs of danger were noticed, so the crisis protocol leads.",
}


def explain_trace(payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (question, answer) pairs that tell the story of one turn; an erased trace says that it is erased."""
    if not payload:
        return [("What happened", "This record was erased.")]
    story = [
        ("How it was routed", _ROUTES.get(payload["route"], payload["route"])),
        ("Who wrote the words", _AUTHORS.get(payload["author"], payload["author"])),
        ("What the safety check found", _safety(payload["detection"])),
        ("How the words were checked", _review(payload["review"])),
    ]
    if payload.get("model"):
        story.append(("Language model", f"{payload['model']} ({payload['model_outcome'] or 'used'})."))
    story.append(("What it ran on", _artefacts(payload)))
    return story


def _safety(detection: Mapping[str, Any]) -> str:
    words = [_LEVELS[detection["level"]]]
    if detection["categories"]:
        words.append(f"Kinds: {', '.join(category.replace('_', ' ') for category in detection['categories'])}.")
    broken = _names(detection, lambda layer: LayerStatus(layer["status"]).is_risk)
    unsure = _names(detection, lambda layer: layer.get("is_unsure", False))
    off = _names(detection, lambda layer: layer["status"] == LayerStatus.OFF)
    if unsure:
        words.append(f"Part of the check ({unsure}) was not sure, and when it is not sure it asks.")
    if off:
        words.append(f"A further part of the check ({off}) is not in use here.")
    if broken:
        words.append(f"Part of the check ({broken}) did not work, and that counts as a sign of risk.")
    if detection["level"] != "none":
        words.append("The check can be wrong in either direction.")
    return " ".join(words)


def _names(detection: Mapping[str, Any], is_meant: Callable[[Mapping[str, Any]], bool]) -> str:
    return ", ".join(layer["name"] for layer in detection["layers"] if is_meant(layer))


def _review(records: list[Mapping[str, str]]) -> str:
    if not records:
        return "Crisis texts are fixed and are shown as they stand."
    outcomes = [record["outcome"] for record in records]
    if outcomes == ["vetted"]:
        return "The words were written ahead of time by people, and are shown as they stand."
    if outcomes[0] == "passed":
        return "They passed the checks for harmful, invented or misleading content."
    return "A first version did not pass the checks and was never shown; you see what was put in its place."


def _artefacts(payload: Mapping[str, Any]) -> str:
    timings = payload["timings_ms"]
    total = sum(timings.values())
    return (
        f"{len(payload['artefacts'])} versioned files, named below with their fingerprints, at the tier "
        f"“{payload['tier']}”. It took {total:.0f} thousandths of a second."
    )
