"""What people said in the last half hour, in this process's memory alone, so that risk is judged within a window.

It holds what no chat holds: words without consent to keep them, and words of a turn that was refused; and, for when the
database is gone, what a chat holds too. Nothing of it is written, logged, shown or sent; it is judged and forgotten.
"""

from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from holdfast.safety.detection.window import WINDOW_CHARACTERS, WINDOW_TURNS
from holdfast.service.background import repeating

__all__ = ["HELD_FOR", "MOST_CHARACTERS", "MOST_EXCHANGES", "Exchange", "RecentWords", "fading"]

HELD_FOR = timedelta(minutes=30)
"""How long an exchange is held."""

MOST_EXCHANGES = WINDOW_TURNS
"""How many exchanges of one person are held: as many as detection reads."""

MOST_CHARACTERS = WINDOW_CHARACTERS // 3
"""How many characters of a message, and of a reply, are held, the last ones: one that is too long hides no other."""

_MOST_PEOPLE = 1_000
_EVERY_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A message and the reply that was shown. ``reply`` is None where the turn was refused and nothing was answered.

    ``is_kept`` is whether the database holds it too, under consent.
    """

    at: datetime
    message: str = field(repr=False)
    reply: str | None = field(repr=False)
    is_kept: bool


class RecentWords:
    """The last exchanges of the people who wrote last. Every process has its own.

    Args:
        clock: Returns the current time, with time zone.
        most_people: Of how many people exchanges are held; whoever wrote longest ago is forgotten first.
    """

    def __init__(self, clock: Callable[[], datetime], *, most_people: int = _MOST_PEOPLE) -> None:
        self._clock, self._most_people = clock, most_people
        self._held: OrderedDict[UUID, deque[Exchange]] = OrderedDict()

    def add(self, person_id: UUID, message: str, reply: str | None, *, is_kept: bool) -> None:
        """Hold an exchange. A message without words is nothing to hold."""
        if not message.strip():
            return
        said = Exchange(
            at=self._clock(),
            message=message[-MOST_CHARACTERS:],
            reply=None if reply is None else reply[-MOST_CHARACTERS:],
            is_kept=is_kept,
        )
        self._held.setdefault(person_id, deque(maxlen=MOST_EXCHANGES)).append(said)
        self._held.move_to_end(person_id)
        while len(self._held) > self._most_people:
            self._held.popitem(last=False)

    def of(self, person_id: UUID) -> tuple[Exchange, ...]:
        """Return what is held of a person, oldest first."""
        now = self._clock()
        return tuple(said for said in self._held.get(person_id, ()) if _is_held(said, now))

    def forget(self, person_id: UUID | None) -> None:
        """Forget all that is held of a person; of nobody, nothing is."""
        if person_id is not None:
            self._held.pop(person_id, None)

    def forget_old(self) -> None:
        """Forget everything that was held for long enough."""
        for person_id in tuple(self._held):
            said = self.of(person_id)
            if said:
                self._held[person_id] = deque(said, maxlen=MOST_EXCHANGES)
            else:
                del self._held[person_id]


@asynccontextmanager
async def fading(words: RecentWords, *, every_s: float = _EVERY_S) -> AsyncIterator[None]:
    """Forget what was held for long enough in the background, also while nobody writes, until the block ends."""

    async def forget() -> None:
        words.forget_old()

    async with repeating(forget, every_s=every_s):
        yield


def _is_held(said: Exchange, now: datetime) -> bool:
    """Whether ``said`` is within its time; a clock that was set back does not stretch it."""
    return abs(now - said.at) < HELD_FOR
