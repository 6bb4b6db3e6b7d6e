"""What a person is shown in answer to a message, and where it came from."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Author", "Choice", "LanguageNote", "Reply", "Resource", "Route", "Source"]


class Route(StrEnum):
    """The part of Holdfast that answered."""

    CRISIS = "crisis"
    CONSENT = "consent"
    EDUCATION = "education"
    ASSESSMENT = "assessment"
    INTERVENTION = "intervention"
    IDENTITY = "identity"
    SUPPORT = "support"
    SMALL_TALK = "small_talk"
    OUT_OF_SCOPE = "out_of_scope"
    ABSTAIN = "abstain"


class Author(StrEnum):
    """Who wrote the words: people, ahead of time, or a language model just now."""

    TEMPLATE = "template"
    LIBRARY = "library"
    INSTRUMENT = "instrument"
    EXERCISE = "exercise"
    MODEL = "model"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A passage or instrument that a reply rests on. ``citation`` is its id, ``path`` its page on this site."""

    citation: str
    title: str
    path: str
    published: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A reply the person can give with one press. ``value`` is what is sent; ``path`` opens a page instead."""

    label: str
    value: str | None = None
    path: str | None = None


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A way to reach people: a helpline or emergency number, with where it serves and when it was last checked."""

    name: str
    contact: str
    region: str
    hours: str
    checked: str
    href: str | None = None


@dataclass(frozen=True, kw_only=True)
class LanguageNote:
    """A line to somebody who writes in another language, in that language where we have it (requirement G3).

    ``language`` is the BCP 47 tag of the line, ``direction`` ltr or rtl; ``help`` opens the page of people to reach.
    """

    text: str
    language: str
    direction: str
    help: Choice


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the person is shown. ``text`` is Markdown limited to paragraphs, lists, emphasis and site links.

    ``notice`` is the notice that this is software, when one is due; it is shown before ``text``. ``language_note`` is
    shown before ``text`` too, but after it where the crisis protocol leads (``is_led_by_crisis``).
    """

    text: str
    route: Route
    author: Author
    sources: tuple[Source, ...] = ()
    choices: tuple[Choice, ...] = ()
    resources: tuple[Resource, ...] = ()
    next_step: str | None = None
    referral: str | None = None
    notice: str | None = None
    language_note: LanguageNote | None = None

    @property
    def is_led_by_crisis(self) -> bool:
        """Whether the crisis protocol's text is all that is said, before anything else."""
        return self.route is Route.CRISIS
