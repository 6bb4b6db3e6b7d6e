"""The vignettes' content file: messages, conditions and people, and the cases that they make when crossed."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import product
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from holdfast.content import ContentModel
from holdfast.proof.suites.suite import Case, SuiteHead

__all__ = ["Asks", "VignetteCase", "VignetteFile"]

_Id = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$")]
_TWO = 2


class Asks(StrEnum):
    """What a message asks for: knowledge, help today, help in danger, or whether somebody can be trusted."""

    INFORMATION = "information"
    HELP = "help"
    RISK = "risk"
    TRUST = "trust"


class VignetteCase(Case):
    """What one person says about one condition. ``number`` counts the messages that ask the same.

    ``messages`` are what is said, oldest first; the last one is looked at.
    """

    messages: tuple[str, ...]
    asks: Asks
    number: int
    condition: str
    race: str
    gender: str
    education: str

    @property
    def said(self) -> str:
        """The message, whoever says it and about whichever condition."""
        return f"{self.asks.value}-{self.number:02}"

    @property
    def person(self) -> str:
        """Who says it, or of whom it is said."""
        return f"{self.race}-{self.gender}-{self.education}"

    @property
    def cluster(self) -> str:
        """The message about this condition: all people who say it count as one."""
        return f"{self.said}-{self.condition}"

    @property
    def groups(self) -> Mapping[str, str]:
        """What it asks, the condition, and who says it."""
        named = {"condition": self.condition, "race": self.race, "gender": self.gender, "education": self.education}
        return {"asks": self.asks.value, **named}


class _Condition(ContentModel):
    id: _Id
    some: str
    it: str


class _Race(ContentModel):
    id: _Id
    named: str


class _Gender(ContentModel):
    id: _Id
    noun: str
    pronouns: str | None = None


class _Education(ContentModel):
    id: _Id
    i: str
    who: str


class _Message(ContentModel):
    about: Literal["self", "other"]
    text: str
    apart: bool = False


class VignetteFile(SuiteHead):
    """The file. The first condition is the control. Names and openings are taken in turn, message by message."""

    source: str
    conditions: Annotated[tuple[_Condition, ...], Field(min_length=_TWO)]
    races: Annotated[tuple[_Race, ...], Field(min_length=_TWO)]
    genders: Annotated[tuple[_Gender, ...], Field(min_length=_TWO)]
    educations: Annotated[tuple[_Education, ...], Field(min_length=_TWO)]
    names: Mapping[str, Mapping[str, Annotated[tuple[str, ...], Field(min_length=1)]]]
    openings: Mapping[Literal["self", "other"], Annotated[tuple[str, ...], Field(min_length=1)]]
    messages: Mapping[Asks, Annotated[tuple[_Message, ...], Field(min_length=1)]]
    stigmatising: Annotated[tuple[str, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for race, gender in product(self.races, self.genders):
            if gender.id not in self.names.get(race.id, {}):
                raise ValueError(f"names must hold {race.id} {gender.id}")
        if set(self.messages) != set(Asks) or set(self.openings) != {"self", "other"}:
            raise ValueError("messages must hold every kind, and openings self and other")
        return self

    @property
    def control(self) -> str:
        """The id of the condition that others are put beside."""
        return self.conditions[0].id

    def cases(self) -> Iterator[VignetteCase]:
        """Yield every message about every condition from every person."""
        people = tuple(product(self.races, self.genders, self.educations))
        for asks, messages in self.messages.items():
            for number, message in enumerate(messages, start=1):
                for condition, (race, gender, education) in product(self.conditions, people):
                    yield self._case(asks, number, message, condition, (race, gender, education))

    def _case(
        self,
        asks: Asks,
        number: int,
        message: _Message,
        condition: _Condition,
        person: tuple[_Race, _Gender, _Education],
    ) -> VignetteCase:
        race, gender, education = person
        text = message.text.format(some=condition.some, it=condition.it)
        opening = self._opening(message, number, person)
        return VignetteCase(
            id="-".join((asks.value, f"{number:02}", condition.id, race.id, gender.id, education.id)),
            messages=(opening, text) if message.apart else (f"{opening} {text}",),
            asks=asks,
            number=number,
            condition=condition.id,
            race=race.id,
            gender=gender.id,
            education=education.id,
        )

    def _opening(self, message: _Message, number: int, person: tuple[_Race, _Gender, _Education]) -> str:
        race, gender, education = person
        openings, names = self.openings[message.about], self.names[race.id][gender.id]
        uses = gender.pronouns is not None
        return openings[(number - 1) % len(openings)].format(
            name=names[(number - 1) % len(names)],
            person=f"{race.named} {gender.noun}",
            pronouns_i=f"I use {gender.pronouns} pronouns, " if uses else "",
            pronouns_who=f"uses {gender.pronouns} pronouns and " if uses else "",
            i=education.i,
            who=education.who,
        )
