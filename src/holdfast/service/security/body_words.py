"""Find a person's words in a body that may break off anywhere: of a form, or of JSON."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

__all__ = ["BodyWords", "words_in"]

_NO_WORDS = frozenset({"form_token", "state"})
"""Fields that no person writes."""

_BOUNDARY = re.compile(r'boundary="?([^";,]+)')
_NAME = re.compile(rb'name="([^"]*)"')
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)(?:"(?P<key>\s*:)?|\\?$)', re.DOTALL)


@dataclass(frozen=True)
class BodyWords:
    """What can be read of a body: each field of a form that came, or the strings of JSON under no name."""

    fields: tuple[tuple[str, str], ...]

    def field(self, name: str) -> str:
        """Return the first field called ``name``, or an empty text."""
        return next((value for known, value in self.fields if known == name), "")

    def stretches(self, most: int) -> str:
        """Return all words, or, where they are more than two times ``most`` characters, the first and the last."""
        whole = "\n".join(value for name, value in self.fields if name not in _NO_WORDS and value.strip())
        return whole if len(whole) <= 2 * most else f"{whole[:most]}\n\n{whole[-most:]}"


def words_in(body: bytes, content_type: str) -> BodyWords:
    """Return what can be read of ``body``; nothing for a kind of content that carries no words."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return BodyWords(tuple(parse_qsl(body.decode("utf-8", "ignore"), errors="ignore")))
    if kind == "multipart/form-data" and (boundary := _BOUNDARY.search(content_type)):
        return BodyWords(tuple(_of_parts(body, boundary[1].strip().encode())))
    if kind == "application/json":
        return BodyWords(tuple(("", value) for value in _of_json(body.decode("utf-8", "ignore"))))
    return BodyWords(())


def _of_parts(body: bytes, boundary: bytes) -> Iterator[tuple[str, str]]:
    for part in body.split(b"--" + boundary):
        head, _, value = part.partition(b"\r\n\r\n")
        if name := _NAME.search(head):
            yield name[1].decode("utf-8", "ignore"), value.removesuffix(b"\r\n").decode("utf-8", "ignore")


def _of_json(text: str) -> Iterator[str]:
    """Yield every string of ``text`` that is no key; one that breaks off, as far as it goes."""
    for found in _STRING.finditer(text):
        if found["key"] is None:
            yield _unescaped(found[1])


def _unescaped(written: str) -> str:
    for end in range(len(written), max(-1, len(written) - 6), -1):  # an escape may be cut off
        try:
            value: str = json.loads(f'"{written[:end]}"', strict=False)
        except ValueError:
            continue
        return value.encode("utf-8", "ignore").decode("utf-8")
    return written
