"""Keep what a law or an age leaves switched off from the parts that answer; detection and the crisis path see all."""

from dataclasses import dataclass, replace
from datetime import datetime

from holdfast.care.conversation.state import ConversationState, Purpose
from holdfast.content import Loaded
from holdfast.safety.jurisdiction.age import Age
from holdfast.safety.jurisdiction.feature import Feature
from holdfast.safety.jurisdiction.policy import JurisdictionPolicies, Policy

__all__ = ["PolicyLimits", "policy_of"]


def policy_of(policies: JurisdictionPolicies, state: ConversationState, now: datetime) -> Policy:
    """Return what is served to the person of ``state`` at ``now``."""
    age = Age.MINOR if state.is_minor else Age.ADULT
    return policies.policy_for(state.region, age, now=now, role=state.audience.value)


@dataclass(frozen=True, kw_only=True)
class PolicyLimits:
    """What the router and the engines may know of a person, by the policy of their region and age."""

    policies: Loaded[JurisdictionPolicies]

    def within(self, state: ConversationState, now: datetime) -> ConversationState:
        """Return ``state`` as the parts that answer may see it.

        Without memory across sessions they see the last turn alone, so that an exercise can tell whether its question
        was read; without the language model its consent does not count; without affect inference no feeling is told
        from another.
        """
        policy = policy_of(self.policies.value, state, now)
        turns = state.turns if policy.allows(Feature.MEMORY_ACROSS_SESSIONS) else state.turns[-1:]
        consents = state.consents
        if not policy.allows(Feature.LANGUAGE_MODEL):
            consents = consents - {Purpose.LANGUAGE_MODEL}
        return replace(state, turns=turns, consents=consents, infers_affect=policy.allows(Feature.AFFECT_INFERENCE))
