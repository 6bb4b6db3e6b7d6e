"""The crisis protocol: fixed, versioned texts for every kind and grade of risk (requirements F2, F4, F7).

Nothing on this path is generated. Loading checks that every combination of category, level and person resolves, so
that no signal of risk can meet a missing text.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from holdfast.content import ContentModel, Loaded, load_yaml
from holdfast.errors import ContentError
from holdfast.safety.crisis.questions import CheckInScript
from holdfast.safety.crisis.standing import Watch
from holdfast.safety.crisis.template import Template, fill, slots
from holdfast.safety.detection.verdict import Category, Level, Subject

__all__ = ["CrisisProtocol", "Signature", "Slots", "load_protocol"]

_PATH = Path(__file__).with_name("protocol.yaml")

About = Literal["self", "other"]
Grade = Literal["concern", "crisis"]
Kind = Category | Literal["general"]
_KINDS: tuple[Kind, ...] = (*Category, "general")
_GRADES: tuple[Grade, ...] = ("concern", "crisis")
_ABOUTS: tuple[About, ...] = ("self", "other")


class Signature(ContentModel):
    """Who stands by these words. ``sha256`` is the hash of the file they signed."""

    name: str
    role: Literal["clinician", "lived experience", "ethics lead"]
    signed: date
    sha256: str


class _Work(ContentModel):
    publisher: str
    title: str
    year: int


class _Numbers(ContentModel):
    here: Template
    elsewhere: Template
    choose: Template


class Slots(ContentModel):
    """What a region fills in: the emergency numbers in a phrase, the lines as a Markdown list."""

    emergency: str
    helplines: str


class CrisisProtocol(ContentModel):
    """Every text of the crisis path. ``signatures`` is empty until people sign, and ``status`` says so."""

    id: str
    version: str
    written: date
    review_due: date
    status: str
    signatures: tuple[Signature, ...]
    informed_by: tuple[_Work, ...]
    passages: Mapping[str, str]
    duty: Mapping[Watch, Template]
    templates: Mapping[Kind, Mapping[Grade, Mapping[About, Template]]]
    layer_failure: Template
    notices: Mapping[Kind, Mapping[About, Template]]
    follow_ups: Mapping[Grade, Mapping[About, tuple[Template, ...]]]
    repeats: Mapping[Grade, Mapping[About, tuple[Template, ...]]]
    standing: Mapping[About, Template]
    numbers: _Numbers
    check_in: CheckInScript

    @model_validator(mode="after")
    def _is_whole(self) -> "CrisisProtocol":
        problems = [*self._missing(), *self._unfillable()]
        ids = [template.id for template in self.all_templates()]
        problems += [f"template id {name!r} is used twice" for name in sorted({i for i in ids if ids.count(i) > 1})]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def covers(self) -> frozenset[Category]:
        """The kinds of risk that have a text for every grade and for whomever they are about."""
        texts = self.templates
        return frozenset(
            category
            for category in Category
            if all(about in texts.get(category, {}).get(grade, {}) for grade, about in product(_GRADES, _ABOUTS))
        )

    def template(self, category: Category | None, level: Level, subject: Subject) -> Template:
        """Return the text that leads for a concern or a crisis. No category means the general text."""
        return self.templates[category or "general"][_grade(level)][_about(subject)]

    def notice(self, category: Category | None, subject: Subject) -> Template:
        """Return the gentle line for a notice."""
        return self.notices[category or "general"][_about(subject)]

    def follow_ups_for(self, level: Level, subject: Subject) -> tuple[Template, ...]:
        """Return what is said in turn while a state stands and a message brings nothing new."""
        return self.follow_ups[_grade(level)][_about(subject)]

    def repeats_for(self, level: Level, subject: Subject) -> tuple[Template, ...]:
        """Return what is said in turn when a message signals the same risk again."""
        return self.repeats[_grade(level)][_about(subject)]

    def standing_for(self, subject: Subject) -> Template:
        """Return the line that goes before a plain answer while a concern stands."""
        return self.standing[_about(subject)]

    def render(self, template: Template, region: Slots) -> str:
        """Return the words of ``template`` for a region."""
        return fill(template.text, {**self.passages, "emergency": region.emergency, "helplines": region.helplines})

    def all_templates(self) -> Iterator[Template]:
        """Yield every text a person can be shown, questions aside."""
        for grades in self.templates.values():
            for abouts in grades.values():
                yield from abouts.values()
        for notices in (*self.notices.values(), self.standing):
            yield from notices.values()
        for bank in (self.follow_ups, self.repeats):
            for by_about in bank.values():
                for turns in by_about.values():
                    yield from turns
        yield from (self.layer_failure, *self.duty.values())
        yield from (self.numbers.here, self.numbers.elsewhere, self.numbers.choose)
        script = self.check_in
        yield from (script.intro, script.again, script.kept, script.cleared, script.cleared_other, script.stopped)

    def _missing(self) -> Iterator[str]:
        for kind, grade, about in product(_KINDS, _GRADES, _ABOUTS):
            if about not in self.templates.get(kind, {}).get(grade, {}):
                yield f"templates.{kind}.{grade}.{about} is missing"
        for kind, about in product(_KINDS, _ABOUTS):
            if about not in self.notices.get(kind, {}):
                yield f"notices.{kind}.{about} is missing"
        for name, bank in (("follow_ups", self.follow_ups), ("repeats", self.repeats)):
            for grade, about in product(_GRADES, _ABOUTS):
                if not bank.get(grade, {}).get(about):
                    yield f"{name}.{grade}.{about} is missing"
        yield from (f"standing.{about} is missing" for about in _ABOUTS if about not in self.standing)
        yield from (f"duty.{watch} is missing" for watch in Watch if watch not in self.duty)

    def _unfillable(self) -> Iterator[str]:
        region = Slots(emergency="112", helplines="- a line")
        for template in self.all_templates():
            try:
                self.render(template, region)
            except ContentError as error:
                yield f"template {template.id}: {error}"
        for kind, grades in self.templates.items():
            for template in grades.get("crisis", {}).values():
                if not {"emergency", "helplines"} <= self._slots_within(template.text):
                    yield f"templates.{kind}.crisis: {template.id} must name {{emergency}} and {{helplines}}"

    def _slots_within(self, text: str) -> frozenset[str]:
        found = slots(text)
        return found.union(*(slots(self.passages[name]) for name in found if name in self.passages))


def load_protocol(path: Path = _PATH) -> Loaded[CrisisProtocol]:
    """Read the protocol; ``sha256`` of the result is what a signature names.

    Raises:
        ContentError: The file is malformed, or a combination of category, level and person has no text.
    """
    return load_yaml(path, CrisisProtocol)


def _grade(level: Level) -> Grade:
    return "crisis" if level >= Level.CRISIS else "concern"


def _about(subject: Subject) -> About:
    return "other" if subject is Subject.OTHER else "self"
