"""A person's own words inside Markdown: shown back as they were written, never as markup."""

import re

__all__ = ["literal", "plain"]

_MARKUP = re.compile(r"[\\`*_\[\]<>&~|#]|!(?=\[)")
_LIST_MARK = re.compile(r"(?m)^(\s*)([-+=])")
_NUMBER_MARK = re.compile(r"(?m)^(\s*\d+)([.)])")
_ESCAPE_OR_EMPHASIS = re.compile(r"\\([!-/:-@\[-`{-~])|\*{1,3}| {2}(?=\n)")


def literal(text: str) -> str:
    """Escape ``text`` so that Markdown shows it as written, its line breaks kept."""
    escaped = _MARKUP.sub(r"\\\g<0>", text)
    for mark in (_LIST_MARK, _NUMBER_MARK):
        escaped = mark.sub(r"\1\\\2", escaped)
    return "  \n".join(line.strip() for line in escaped.split("\n")).strip()


def plain(text: str) -> str:
    """Return Markdown made here as text for a terminal: no emphasis marks, no escapes, no hard-break spaces."""
    return _ESCAPE_OR_EMPHASIS.sub(lambda found: found[1] or "", text)
