"""What a press of a button on the crisis path sends, and the few words that mean the same when typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "AnswerQuestion",
    "AskRegion",
    "Command",
    "PickRegion",
    "ShowNumbers",
    "StartCheckIn",
    "StopCheckIn",
    "parse_command",
]


@dataclass(frozen=True)
class StartCheckIn:
    """ "check-in: start"."""


@dataclass(frozen=True)
class StopCheckIn:
    """ "check-in: stop"."""


@dataclass(frozen=True)
class AnswerQuestion:
    """ "check-in: QUESTION: ANSWER", by their ids."""

    question: str
    answer: str


@dataclass(frozen=True)
class ShowNumbers:
    """ "numbers"."""


@dataclass(frozen=True)
class AskRegion:
    """ "region": offer the countries to choose from. "region: " and a name nobody knows asks the same."""


@dataclass(frozen=True)
class PickRegion:
    """ "region: GB", or a country's name."""

    code: str


Command = StartCheckIn | StopCheckIn | AnswerQuestion | ShowNumbers | AskRegion | PickRegion

_ANSWER = re.compile(r"check-in: ([a-z0-9-]+): ([a-z0-9-]+)")
_REGION = re.compile(r"(?:region|country|my country is|i live in|i am in|i'm in)[: ] *(?:the )?(.{2,40})")
_NUMBERS = re.compile(
    r"(?:show |see |give )?(?:me )?(?:the )?(?:help ?lines?|hot ?lines?|(?:help|crisis|phone) ?numbers|numbers)"
)
_HELP = re.compile(r"(?:please |pls )?help(?: me)?(?: please| pls| now)?")
_HELP_NOW = re.compile(
    r"(?:please |pls )?(?:"
    r"(?:i |we )?(?:really |urgently )?need (?:some |urgent )?help(?: please)?(?: right)? now(?: please)?|"
    r"(?:i |we )(?:really |urgently )?need (?:some |urgent )?help(?: please)?|"
    r"(?:some(?:one|body) |can (?:some(?:one|body)|you) )?(?:please )?help me(?: right)? now(?: please)?|"
    r"some(?:one|body) (?:please )?help(?: me)?|urgent help|help help(?: help)*"
    r")"
)
_PLEASE = re.compile(r"(?:please|pls) help(?: me)?|help me,? (?:please|pls)")
_WORDS: Mapping[str, Command] = {
    "check-in: start": StartCheckIn(),
    "check-in: stop": StopCheckIn(),
    "check in with me": StartCheckIn(),
    "stop the check-in": StopCheckIn(),
    "stop the check in": StopCheckIn(),
    "people you can reach": ShowNumbers(),
    "region": AskRegion(),
    "country": AskRegion(),
    "choose my country": AskRegion(),
}
_NAMES = {
    "uk": "GB", "great britain": "GB", "britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "usa": "US", "us": "US", "america": "US", "united states of america": "US",
    "czech republic": "CZ", "turkey": "TR", "korea": "KR", "holland": "NL",
}  # fmt: skip


def parse_command(message: str, regions: Mapping[str, str], *, is_engaged: bool = False) -> Command | None:
    """Return the command that ``message`` is as a whole, or None: a command within a sentence is not one.

    Args:
        message: What was sent.
        regions: Country names by code, for choosing a region.
        is_engaged: Whether something is under way that a bare "help" must reach past: an activity, a check-in or a
            standing crisis. In a calm chat it asks for the menu.
    """
    text = re.sub(r"\s+", " ", message.lower().replace("\u2019", "'")).strip(" .!")
    if text in _WORDS:
        return _WORDS[text]
    if answer := _ANSWER.fullmatch(text):
        return AnswerQuestion(answer[1], answer[2])
    if _NUMBERS.fullmatch(text) or _is_call_for_help(text, is_engaged=is_engaged):
        return ShowNumbers()
    if region := _REGION.fullmatch(text):
        code = _code(region[1].strip(), regions)
        return PickRegion(code) if code else (AskRegion() if text.startswith(("region:", "country:")) else None)
    return None


def _is_call_for_help(text: str, *, is_engaged: bool) -> bool:
    words = re.sub(r"[,!?]", "", text).strip()
    asks = _HELP_NOW.fullmatch(words) or _PLEASE.fullmatch(words)
    return asks is not None or (is_engaged and _HELP.fullmatch(words) is not None)


def _code(name: str, regions: Mapping[str, str]) -> str | None:
    if name.upper() in regions:
        return name.upper()
    return _NAMES.get(name) or next((code for code, known in regions.items() if known.lower() == name), None)
