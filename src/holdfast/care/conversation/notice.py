"""Decide when a person is told that this is software: at first use, at each session, in between, and when asked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from holdfast.care.conversation.limits import policy_of
from holdfast.care.conversation.parts import Notice
from holdfast.care.conversation.state import ConversationState
from holdfast.content import Loaded
from holdfast.safety.jurisdiction.policy import JurisdictionPolicies, Occasion, Policy

__all__ = ["PolicyNotice"]


@dataclass(frozen=True, kw_only=True)
class PolicyNotice:
    """Notices by the policy of the person's region and age (implements ``NoticePolicy``).

    Attributes:
        is_asked: Whether a message asks what this is; ``Identity.asked`` as a predicate. No wording of a message
            can suppress a notice that is due.
        answer_in: Returns the answer in the language a message asks in, or None for English.
    """

    policies: Loaded[JurisdictionPolicies]
    is_asked: Callable[[str], bool]
    answer_in: Callable[[str], str | None] = lambda _: None

    def due(self, message: str, state: ConversationState, now: datetime) -> Notice | None:
        """Return the notice due with the reply to ``message``, or None. A clock that ran backwards makes one due.

        A notice because somebody asked does not put off the next one by the clock.
        """
        policy = policy_of(self.policies.value, state, now)
        occasion = _by_clock(state, now, policy)
        answer = self.answer_in(message) if policy.on_request else None
        is_asked = policy.on_request and (answer is not None or self.is_asked(message))
        if occasion is None and not is_asked:
            return None
        name = f"{self.policies.value.id}@{self.policies.value.version}:{policy.row}"
        text = self._text(occasion or "asked", policy)
        return Notice(
            text=text if answer is None else f"{answer}\n\n{text}",
            reason=occasion or "asked",
            artefact=(name, self.policies.sha256),
            resets_clock=occasion is not None,
        )

    def _text(self, occasion: Occasion, policy: Policy) -> str:
        """Return the words for ``occasion``: a break goes with the clock's reminder, suitability with the first."""
        notices = self.policies.value.notices
        parts = [notices[occasion]]
        if occasion == "interval":
            parts.append(notices["break"])
        if occasion == "first_use" and policy.is_minors:
            parts += [notices["suitability"]] if policy.states_suitability else []
            parts.append(notices["minors"])
        return "\n\n".join(parts)


def _by_clock(state: ConversationState, now: datetime, policy: Policy) -> Occasion | None:
    """Return the notice that the clock makes due; a break that is due brings the reminder with it."""
    if state.last_notice is None:
        return "first_use" if policy.at_first_use else None
    since, absent = now - state.last_notice, now - (state.last_seen or state.last_notice)
    if min(since, absent) < timedelta(0) or since >= policy.longest:
        return "session"
    if policy.at_session_start and (state.last_seen is None or absent >= policy.session_gap):
        return "session"
    return "interval" if since >= min(policy.interval, policy.break_every) else None
