"""The policies as tables for people to read: what each law asks, what is done everywhere, and what stays off."""

from collections.abc import Iterable, Iterator

from holdfast.safety.jurisdiction.duty import Duties, Law
from holdfast.safety.jurisdiction.policy import JurisdictionPolicies

__all__ = ["describe", "feature_table", "law_table"]

_VERIFIED = {
    "read": "read at the source",
    "second_hand": "**second-hand**: summaries or quotations only",
    "memory": "**from memory**: not checked",
}
_YES = {
    "at_first_use": "notice before first use",
    "at_session_start": "notice at the start of each session",
    "on_request": "notice whenever asked",
    "states_suitability": "statement that it may not suit minors",
    "publishes_protocol": "published crisis protocol",
    "counts_referrals": "counts of referrals",
    "reports_yearly": "yearly report",
    "interrupts_in_crisis": "interruption of generated talk in a crisis",
}
_TIMES = {
    "after_days": ("notice after {} without one", "day"),
    "interval_minutes": ("notice at least every {}", "minute"),
    "minor_interval_minutes": ("for minors at least every {}", "minute"),
    "break_minutes": ("reminder to take a break every {}", "minute"),
    "minor_break_minutes": ("for minors a reminder to take a break every {}", "minute"),
    "session_gap_minutes": ("a new session after an absence of {}", "minute"),
}


def law_table(policies: JurisdictionPolicies) -> str:
    """Return a Markdown table with a line for what is done everywhere and one for each law, in the file's order."""
    lines = ["| Where | Law | In force | What it asks for, as data | How that was found out |", "|---|---|---|---|---|"]
    lines.append(f"| Everywhere | none: what Holdfast does by itself | | {_asks(policies.default)} | |")
    lines += [_line(law) for law in policies.rows]
    return "\n".join(lines) + "\n"


def feature_table(policies: JurisdictionPolicies) -> str:
    """Return a Markdown table of everything a law can ask to be left off, and for whom it is off."""
    default = policies.default
    lines = ["| Feature | Off for |", "|---|---|"]
    everyone = [(feature.words, "everyone, everywhere") for feature in default.switched_off]
    minors = [
        (feature.words, "people under 18, and people who have not said their age")
        for feature in default.minors_off
        if feature not in default.switched_off
    ]
    return "\n".join([*lines, *(f"| {words} | {whom} |" for words, whom in [*everyone, *minors])]) + "\n"


def describe(duties: Duties) -> Iterator[str]:
    """Yield each duty in words, those about notices first."""
    for name, words in _YES.items():
        if getattr(duties, name):
            yield words
    for name, (words, unit) in _TIMES.items():
        count = getattr(duties, name)
        if count is not None:
            yield words.format(_amount(count, unit))
    if duties.switched_off:
        yield f"off: {_list(feature.words for feature in duties.switched_off)}"
    if duties.minors_off:
        yield f"off for minors: {_list(feature.words for feature in duties.minors_off)}"
    if duties.licensed_only:
        yield f"for licensed people only: {_list(feature.words for feature in duties.licensed_only)}"
    if duties.detects:
        yield f"detects: {_list(category.value.replace('_', ' ') for category in duties.detects)}"


def _line(law: Law) -> str:
    found = f"{_VERIFIED[law.verified]} ({law.source})"
    forms = f"; notices {' or '.join(law.forms)}" if law.forms else ""
    note = f". {law.note}" if law.note else ""
    return f"| {law.name} | {law.law} (`{law.id}`) | {law.in_force} | {_asks(law)}{forms}{note} | {found} |"


def _asks(duties: Duties) -> str:
    return "; ".join(describe(duties))


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)


def _amount(count: int, unit: str) -> str:
    if unit == "minute" and count % 60 == 0:
        count, unit = count // 60, "hour"
    return f"{count} {unit}{'' if count == 1 else 's'}"
