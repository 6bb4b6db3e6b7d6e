"""Say in a person's own language what this cannot do in it, once in a conversation (requirement G3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from holdfast.care.conversation.languages import Languages
from holdfast.care.conversation.limits import policy_of
from holdfast.care.conversation.reply import Choice, LanguageNote
from holdfast.care.conversation.state import ConversationState
from holdfast.content import Loaded
from holdfast.safety.jurisdiction.policy import JurisdictionPolicies
from holdfast.turn import Role

__all__ = ["LanguageLimits"]

_ENGLISH = "en"


@dataclass(frozen=True, kw_only=True)
class LanguageLimits:
    """The line that is due to somebody who writes in another language.

    Attributes:
        guess: Returns the tag of the language a message is written in, ``UNKNOWN``, or None for English.
        policies: Say how long an absence makes a new session, in which the line is given again.
    """

    languages: Languages
    guess: Callable[[str], str | None]
    policies: Loaded[JurisdictionPolicies]

    def due(self, message: str, state: ConversationState, now: datetime) -> LanguageNote | None:
        """Return the line due with the reply to ``message``, or None.

        It was given already where an earlier message in the running window is in the same language.
        """
        tag = self.guess(message)
        if tag is None or (self._was_told(tag, state) and not self._was_away(state, now)):
            return None
        learnt = self.languages.by_tag.get(tag)
        said = self.languages.elsewhere if learnt is None else learnt
        return LanguageNote(
            text=said.text,
            language=_ENGLISH if learnt is None else learnt.tag,
            direction="ltr" if learnt is None else learnt.direction,
            help=Choice(label=said.help, path="/help"),
        )

    def _was_told(self, tag: str, state: ConversationState) -> bool:
        return any(turn.role is Role.PERSON and self.guess(turn.text) == tag for turn in state.turns)

    def _was_away(self, state: ConversationState, now: datetime) -> bool:
        """Whether they were away for long enough to begin a session, or the clock ran backwards."""
        if state.last_seen is None:
            return False
        absent = now - state.last_seen
        return absent < timedelta(0) or absent >= policy_of(self.policies.value, state, now).session_gap
