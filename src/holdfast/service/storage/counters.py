"""How often things happened, by day: numbers to watch a service by, with nobody in them."""

from datetime import date

from sqlalchemy import func, select

from holdfast.service.storage.tables import CounterRow
from holdfast.service.storage.unit import Unit
from holdfast.service.storage.upsert import insert_into

__all__ = ["Counters"]


class Counters:
    """Counts of one unit of work, written together at its end so that units never wait for each other twice."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._pending: dict[tuple[date, str], int] = {}

    def add(self, day: date, kind: str, count: int = 1) -> None:
        """Count ``kind`` on ``day``. ``kind`` is a fixed word of the code's, never anything a person gave."""
        self._pending[day, kind] = self._pending.get((day, kind), 0) + count

    async def of(self, day: date) -> dict[str, int]:
        """Return the counts of ``day`` as committed; kinds that did not happen are absent."""
        query = select(CounterRow.kind, CounterRow.count).where(CounterRow.day == day)
        rows = await self._unit.session.execute(query)
        return {row[0]: row[1] for row in rows}

    async def since(self, day: date) -> dict[str, int]:
        """Return the counts from ``day`` on as committed, added up by kind; kinds that did not happen are absent."""
        query = select(CounterRow.kind, func.sum(CounterRow.count)).where(CounterRow.day >= day)
        rows = await self._unit.session.execute(query.group_by(CounterRow.kind))
        return {kind: int(count) for kind, count in rows}

    async def by_day(self, first: date, last: date) -> dict[tuple[date, str], int]:
        """Return the counts from ``first`` to ``last`` as committed, by day and kind; what did not happen is absent."""
        query = select(CounterRow.day, CounterRow.kind, CounterRow.count)
        rows = await self._unit.session.execute(query.where(CounterRow.day.between(first, last)))
        return {(day, kind): count for day, kind, count in rows}

    async def flush(self) -> None:
        """Write what was counted, in a fixed order."""
        if not self._pending:
            return
        rows = [{"day": day, "kind": kind, "count": count} for (day, kind), count in sorted(self._pending.items())]
        insert = insert_into(self._unit.session, CounterRow).values(rows)
        statement = insert.on_conflict_do_update(
            index_elements=[CounterRow.day, CounterRow.kind],
            set_={"count": CounterRow.count + insert.excluded["count"]},
        )
        await self._unit.session.execute(statement)
        self._pending.clear()
