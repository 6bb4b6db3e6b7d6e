"""Ways to reach people by country: emergency numbers and helplines, with source, check date and expiry.

Numbers are data (``helplines/*.yaml``, one file a country; ``zz.yaml`` serves everywhere else). They change: a line
that is past its expiry is reported by ``Helplines.expired`` and shown with the date it was last checked.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from pydantic import Field, HttpUrl, model_validator

from holdfast.content import ContentModel, load_yaml
from holdfast.errors import ContentError
from holdfast.safety.detection.verdict import Category

__all__ = ["ELSEWHERE", "EmergencyNumber", "Helpline", "Helplines", "Need", "digits", "load_helplines"]

ELSEWHERE = "ZZ"
"""The code of the fallback region (ISO 3166-1 leaves ZZ to its users)."""

_FOLDER = Path(__file__).parent / "helplines"
_ALIASES = {"UK": "GB", "EL": "GR"}


class Need(StrEnum):
    """What a line is there for."""

    DISTRESS = "distress"
    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    MENTAL_HEALTH = "mental_health"
    PSYCHOSIS = "psychosis"
    ABUSE = "abuse"
    CHILD = "child"
    SUBSTANCE = "substance"
    POISON = "poison"
    EATING = "eating"
    PERINATAL = "perinatal"
    URGENT_CARE = "urgent_care"
    SERVICES = "services"


_NEEDS: Mapping[Category, tuple[Need, ...]] = {
    Category.SUICIDE: (Need.SUICIDE, Need.DISTRESS),
    Category.SELF_HARM: (Need.SELF_HARM, Need.SUICIDE, Need.DISTRESS),
    Category.HARM_TO_OTHERS: (Need.DISTRESS, Need.MENTAL_HEALTH, Need.SUICIDE),
    Category.ABUSE_OR_NEGLECT: (Need.ABUSE, Need.CHILD),
    Category.EATING_DISORDER: (Need.EATING, Need.URGENT_CARE, Need.MENTAL_HEALTH, Need.DISTRESS),
    Category.PSYCHOSIS_OR_MANIA: (Need.PSYCHOSIS, Need.MENTAL_HEALTH, Need.URGENT_CARE, Need.DISTRESS),
    Category.SUBSTANCE_EMERGENCY: (Need.POISON, Need.SUBSTANCE, Need.URGENT_CARE),
    Category.MEDICAL_EMERGENCY: (Need.URGENT_CARE, Need.POISON),
}
_ANY_NEED = (Need.DISTRESS, Need.SUICIDE, Need.MENTAL_HEALTH)


class EmergencyNumber(ContentModel):
    """A number for danger to life, as dialled, and what it serves."""

    number: str = Field(pattern=r"^\d{2,5}$")
    serves: str


class _TextLine(ContentModel):
    word: str = ""
    number: str = Field(pattern=r"^[\d -]+$")


class _Source(ContentModel):
    publisher: str
    title: str
    year: int | None = None
    accessed: date | None = None


class _Line(ContentModel):
    name: str
    phones: tuple[str, ...] = ()
    text: _TextLine | None = None
    website: HttpUrl
    hours: str
    languages: tuple[str, ...] = Field(min_length=1)
    serves: tuple[Need, ...] = Field(alias="for", min_length=1)
    source: _Source


class _Country(ContentModel):
    code: str = Field(pattern=r"^[A-Z]{2}$")
    name: str
    checked: date
    check: str
    expires: date
    emergency: tuple[EmergencyNumber, ...] = Field(min_length=1)
    helplines: tuple[_Line, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _expires_after_the_check(self) -> "_Country":
        if self.expires <= self.checked:
            raise ValueError("expires must lie after checked")
        return self


@dataclass(frozen=True, kw_only=True)
class Helpline:
    """A line people answer. ``check`` says how it was checked on ``checked``; after ``expires`` check it again.

    ``serves`` names first what the line is mainly there for.
    """

    region: str
    name: str
    phones: tuple[str, ...]
    text: str | None
    website: str
    hours: str
    languages: tuple[str, ...]
    serves: tuple[Need, ...]
    source: str
    checked: date
    check: str
    expires: date

    @property
    def contact(self) -> str:
        """How to reach the line, as a person would be told: call, text or website."""
        ways = [f"call {' or '.join(self.phones)}"] if self.phones else []
        ways += [self.text] if self.text else []
        return ", ".join(ways) or self.website

    @property
    def href(self) -> str:
        """A link that starts the call, or the website where the line has no telephone."""
        return f"tel:{re.sub(r'[^0-9+*]', '', self.phones[0])}" if self.phones else self.website


@dataclass(frozen=True, kw_only=True)
class Helplines:
    """Every line by country. ``sha256`` covers all the files, in order of their names."""

    regions: Mapping[str, str]
    lines: Mapping[str, tuple[Helpline, ...]]
    emergencies: Mapping[str, tuple[EmergencyNumber, ...]]
    sha256: str

    def region(self, code: str | None) -> str:
        """Return the country code to use for ``code`` (any case; "US-UT" means US), or ``ELSEWHERE`` if unknown."""
        country = (code or "").strip().upper().split("-")[0]
        country = _ALIASES.get(country, country)
        return country if country in self.lines else ELSEWHERE

    def emergency(self, code: str | None) -> tuple[EmergencyNumber, ...]:
        """Return the emergency numbers of a region; of an unknown one, the numbers used most widely."""
        return self.emergencies[self.region(code)]

    def for_region(
        self, code: str | None, categories: Collection[Category] = (), *, is_minor: bool = False
    ) -> tuple[Helpline, ...]:
        """Return the lines of a region that fit ``categories``, best first; without categories, for any distress.

        The worst category leads. Lines for any distress follow, and the international directories come last, so that
        nobody is shown an empty list. An unknown region gets the directories alone. For a minor, the lines for children
        and young people lead: those that fit, then those that are mainly for children; a children's line that is mainly
        for something else (abuse, where that is not what it is about) comes after the others.
        """
        needs = [*(need for category in categories for need in _NEEDS[category]), *_ANY_NEED]
        order = _fitting_a_minor if is_minor else _fitting
        known = () if self.region(code) == ELSEWHERE else order(self.lines[self.region(code)], needs)
        return (*known, *_fitting(self.lines[ELSEWHERE], needs))

    def numbers(self) -> frozenset[str]:
        """Return every telephone and text number, emergency numbers included, digits only."""
        calls = (digits(phone) for line in self._all() for phone in (*line.phones, line.text or ""))
        emergencies = (number.number for numbers in self.emergencies.values() for number in numbers)
        return frozenset(number for number in (*calls, *emergencies) if number)

    def names(self) -> frozenset[str]:
        """Return the name of every line."""
        return frozenset(line.name for line in self._all())

    def domains(self) -> frozenset[str]:
        """Return the web domain of every line, without ``www.``."""
        return frozenset(re.sub(r"^https?://(www\.)?", "", line.website).split("/")[0] for line in self._all())

    def expired(self, today: date) -> tuple[Helpline, ...]:
        """Return the lines whose check has run out: those to look up and dial again."""
        return tuple(line for line in self._all() if line.expires <= today)

    def _all(self) -> Iterable[Helpline]:
        return (line for lines in self.lines.values() for line in lines)


def digits(number: str) -> str:
    """Return the digits of ``number`` in order: "116 123" is "116123"."""
    return "".join(character for character in number if character.isdecimal())


def load_helplines(folder: Path = _FOLDER) -> Helplines:
    """Read every country's file.

    Raises:
        ContentError: A file is malformed, is not named for its country, or the fallback region is missing.
    """
    countries: dict[str, _Country] = {}
    seal = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        loaded = load_yaml(path, _Country)
        if path.stem != loaded.value.code.lower():
            raise ContentError(f"{path.name} must be named for its country, got code {loaded.value.code!r}; rename it.")
        countries[loaded.value.code] = loaded.value
        seal.update(loaded.sha256.encode())
    if ELSEWHERE not in countries:
        raise ContentError(f"{folder.name} must hold the fallback region zz.yaml, got none; restore it.")
    return Helplines(
        regions={code: country.name for code, country in countries.items()},
        lines={code: _lines(country) for code, country in countries.items()},
        emergencies={code: country.emergency for code, country in countries.items()},
        sha256=seal.hexdigest(),
    )


def _lines(country: _Country) -> tuple[Helpline, ...]:
    return tuple(
        Helpline(
            region=country.code,
            name=line.name,
            phones=line.phones,
            text=_text(line.text),
            website=str(line.website).removesuffix("/"),
            hours=line.hours,
            languages=line.languages,
            serves=line.serves,
            source=f"{line.source.publisher}: {line.source.title}",
            checked=country.checked,
            check=country.check,
            expires=country.expires,
        )
        for line in country.helplines
    )


def _text(line: _TextLine | None) -> str | None:
    if line is None:
        return None
    return f"text {line.word} to {line.number}" if line.word else f"text {line.number}"


def _fitting(lines: tuple[Helpline, ...], needs: Sequence[Need]) -> tuple[Helpline, ...]:
    """Return the lines that meet any need, ordered by the first need they meet, then as the file lists them."""
    wanted = frozenset(needs)
    ranked = [
        (min(needs.index(n) for n in line.serves if n in wanted), line) for line in lines if wanted & {*line.serves}
    ]
    return tuple(line for _, line in sorted(ranked, key=lambda pair: pair[0]))


def _fitting_a_minor(lines: tuple[Helpline, ...], needs: Sequence[Need]) -> tuple[Helpline, ...]:
    """Return what ``_fitting`` returns, the lines for children and young people first and none of these left out."""
    others = [need for need in needs if need is not Need.CHILD]
    young = tuple(line for line in lines if Need.CHILD in line.serves)
    fitting = _fitting(young, others)
    mainly = tuple(line for line in young if line.serves[0] is Need.CHILD and line not in fitting)
    leading = (*fitting, *mainly)
    rest = tuple(line for line in _fitting(lines, needs) if line not in leading)
    return (*leading, *rest, *(line for line in young if line not in leading and line not in rest))
