"""One unit of work: a transaction and the repositories inside it."""

from holdfast.service.accounts.person import PersonRepository
from holdfast.service.accounts.steward import StewardRepository
from holdfast.service.check_ins.repository import CheckInRepository
from holdfast.service.consent.repository import ConsentRepository
from holdfast.service.conversation.repository import ChatRepository
from holdfast.service.crisis.alert import AlertRepository
from holdfast.service.crisis.escalation import EscalationRepository
from holdfast.service.crisis.repository import CrisisRepository
from holdfast.service.exercises.repository import ExerciseRepository
from holdfast.service.stewards.duty import DutyRepository
from holdfast.service.storage.counters import Counters
from holdfast.service.storage.unit import Unit
from holdfast.service.trace.repository import TraceRepository

__all__ = ["Work"]


class Work:
    """Everything that can be read and written inside one transaction, which commits or fails as a whole."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.persons = PersonRepository(unit)
        self.consents = ConsentRepository(unit)
        self.chats = ChatRepository(unit, self.consents)
        self.check_ins = CheckInRepository(unit, self.consents)
        self.exercises = ExerciseRepository(unit, self.consents)
        self.crisis = CrisisRepository(unit)
        self.alerts = AlertRepository(unit)
        self.escalations = EscalationRepository(unit)
        self.duty = DutyRepository(unit)
        self.trace = TraceRepository(unit)
        self.stewards = StewardRepository(unit)
        self.counters = Counters(unit)

    async def finish(self) -> None:
        """Write what was held back until the end. ``Database.work`` calls it before it commits."""
        await self.counters.flush()
        await self.unit.session.flush()
