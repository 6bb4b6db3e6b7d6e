"""Decide when a person is told that this is software: at first use, at each session, in between, and when asked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from holdfast.care.conversation.parts import Notice
from holdfast.care.conversation.state import ConversationState
from holdfast.content import Loaded
from holdfast.safety.jurisdiction.policy import JurisdictionPolicies, Occasion, Policy

__all__ = ["PolicyNotice"]


@dataclass(frozen=True, kw_only=True)
class PolicyNotice:
    """Notices by the policy of the person's region (implements ``NoticePolicy``).

    Attributes:
        is_asked: Whether a message asks what this is; ``Identity.asked`` as a predicate. No wording of a message
            can suppress a notice that is due.
    """

    policies: Loaded[JurisdictionPolicies]
    is_asked: Callable[[str], bool]

    def due(self, message: str, state: ConversationState, now: datetime) -> Notice | None:
        """Return the notice due with the reply to ``message``, or None. A clock that ran backwards makes one due."""
        policy = self.policies.value.policy_for(state.region, state.is_minor)
        occasion = self._occasion(message, state, now, policy)
        if occasion is None:
            return None
        name = f"{self.policies.value.id}@{self.policies.value.version}:{policy.row}"
        return Notice(
            text=self.policies.value.notices[occasion], reason=occasion, artefact=(name, self.policies.sha256)
        )

    def _occasion(self, message: str, state: ConversationState, now: datetime, policy: Policy) -> Occasion | None:
        if state.last_notice is None:
            return "first_use" if policy.at_first_use else None
        if policy.on_request and self.is_asked(message):
            return "asked"
        since, absent = now - state.last_notice, now - (state.last_seen or state.last_notice)
        if min(since, absent) < timedelta(0) or since >= policy.longest:
            return "session"
        if policy.at_session_start and (state.last_seen is None or absent >= policy.session_gap):
            return "session"
        return "interval" if since >= policy.interval else None
