"""Fixed texts for what needs no engine: greeting, thanks, consent, out of scope, and the text of last resort."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import Field

from holdfast.care.conversation.parts import CrisisResponse, EngineReply, Routing
from holdfast.care.conversation.reply import Author, Choice, Resource, Route
from holdfast.care.conversation.state import ConversationState
from holdfast.content import ContentModel, load_yaml
from holdfast.errors import ContentError
from holdfast.safety.crisis.state import CrisisState, raise_state
from holdfast.safety.detection.verdict import Detection

__all__ = ["LAST_RESORT", "REPLIES", "TemplateEngine", "Templates", "load_templates"]

REPLIES = Path(__file__).with_name("replies.yaml")

LAST_RESORT = (
    "Part of this service is not working, so I cannot look at your message properly. If you or someone else may be "
    "in danger now, please call your local emergency number, or ask someone near you to call. If you are thinking "
    "about ending your life or hurting yourself, you do not have to carry it alone: a crisis line can talk with you "
    "now. The Help now page lists them by country. You can keep writing here."
)
"""Shown when the crisis protocol itself cannot be read. It stands in code so that no missing file can silence it."""

REQUIRED = frozenset(
    {"consent", "greeting", "thanks", "goodbye", "out_of_scope", "withheld", "unclear", "menu", "support"}
)


class ChoiceText(ContentModel):
    """A quick reply: a label and either what is sent or the page it opens."""

    label: str
    value: str | None = None
    path: str | None = None


class ReplyText(ContentModel):
    """One fixed text."""

    text: str
    next_step: str | None = None
    referral: str | None = None
    choices: tuple[ChoiceText, ...] = ()


class RepliesFile(ContentModel):
    """The file of fixed texts."""

    id: str
    version: int
    written: str
    status: str
    replies: dict[str, ReplyText] = Field(min_length=1)


@dataclass(frozen=True, kw_only=True)
class Templates:
    """Fixed texts by id, with the hash of the file they come from."""

    replies: dict[str, ReplyText]
    artefact: tuple[str, str]

    def text(self, name: str) -> str:
        """Return the words of template ``name``."""
        return self.replies[name].text

    def engine_reply(self, name: str, *, route: Route | None = None) -> EngineReply:
        """Return template ``name`` as an engine's reply."""
        template = self.replies[name]
        return EngineReply(
            text=template.text,
            author=Author.TEMPLATE,
            route=route,
            choices=tuple(Choice(**choice.model_dump()) for choice in template.choices),
            next_step=template.next_step,
            referral=template.referral,
            artefacts=(self.artefact,),
        )

    def consent(self) -> EngineReply:
        """Return the reply to a person who has not yet agreed to anything."""
        return self.engine_reply("consent", route=Route.CONSENT)

    def last_resort(self, detection: Detection, state: CrisisState, now: datetime) -> CrisisResponse:
        """Return the response shown when the crisis protocol itself has failed. It leads, and the state rises."""
        raised = raise_state(state, detection, now)
        return CrisisResponse(
            text=LAST_RESORT,
            state=replace(raised, updated=now) if raised.is_active else raised,
            templates=("last_resort",),
            resources=(
                Resource(
                    name="Find a helpline in your country",
                    contact="findahelpline.com",
                    region="international",
                    hours="directory",
                    checked="not checked",
                    href="https://findahelpline.com",
                ),
            ),
            choices=(Choice(label="Help now", path="/help"),),
            leads=True,
            artefacts=(self.artefact,),
        )


def load_templates(path: Path = REPLIES) -> Templates:
    """Load the fixed texts.

    Raises:
        ContentError: The file is malformed or lacks a text the pipeline needs.
    """
    loaded = load_yaml(path, RepliesFile)
    if missing := sorted(REQUIRED - loaded.value.replies.keys()):
        raise ContentError(f"{path.name} must hold every fixed text, {', '.join(missing)} missing; add them.")
    return Templates(replies=loaded.value.replies, artefact=(loaded.value.id, loaded.sha256))


@dataclass(frozen=True)
class TemplateEngine:
    """Answers with the fixed text that the router named, or with ``default``."""

    templates: Templates
    default: str

    async def reply(self, message: str, routing: Routing, state: ConversationState) -> EngineReply:
        """Return the fixed text; the message itself plays no part."""
        del message
        name = routing.target if routing.target in self.templates.replies else self.default
        reply = self.templates.engine_reply(name or self.default)
        return replace(reply, activity=state.activity, has_no_answer=routing.route is Route.OUT_OF_SCOPE)
