"""Nothing anybody wrote is stored without a standing consent to its purpose, whoever asks for it.

The repositories ask first and say so kindly; this guard sits below them, in the session itself, where every row passes
on its way to the database. It looks at what a unit already knows of a person's consents, and only reads them where the
unit does not know them yet. The crisis state and alerts hold no words, and are not its business.
"""

import re
from typing import Any

from sqlalchemy import Executable, TextClause, event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session

from holdfast.care.conversation.state import Purpose
from holdfast.errors import ConsentError
from holdfast.service.storage.tables import ChatRow, CheckInRow, ConsentRow, ExerciseRow, Table, TurnRow
from holdfast.service.storage.unit import Unit

__all__ = ["WORDS", "guard"]

WORDS: dict[type[Table], tuple[Purpose, tuple[str, ...]]] = {
    ChatRow: (Purpose.CONVERSATION, ("activity",)),
    TurnRow: (Purpose.CONVERSATION, ("text", "reply")),
    CheckInRow: (Purpose.CHECK_INS, ("progress", "result")),
    ExerciseRow: (Purpose.EXERCISES, ("progress",)),
}
"""Each table that keeps words: the purpose they are kept for, and the columns that hold them."""

_TABLES = frozenset(row.__tablename__ for row in WORDS)
_WRITES = re.compile(
    rf"\b(?:insert|update|replace|merge|copy)\b.*\b(?:{'|'.join(sorted(_TABLES))})\b", re.IGNORECASE | re.DOTALL
)


def guard(unit: Unit) -> None:
    """Have every row that ``unit`` writes looked at before it goes to the database."""

    def before_flush(session: Session, _context: Any, _instances: Any) -> None:
        for row in (*session.new, *session.dirty):
            rule = WORDS.get(type(row))
            if rule is not None and _holds_new_words(row, rule[1]):
                _check(unit, session, row.person_id, rule[0])

    session = unit.session.sync_session
    event.listen(session, "before_flush", before_flush)
    event.listen(session, "do_orm_execute", _refuse_statements)


def _holds_new_words(row: Any, columns: tuple[str, ...]) -> bool:
    """Whether words were put into a row; taking them out needs nobody's consent."""
    state = inspect(row)
    return any(state.attrs[name].history.added and state.dict.get(name) is not None for name in columns)


def _check(unit: Unit, session: Session, person_id: Any, purpose: Purpose) -> None:
    if person_id not in unit.standing:
        query = select(ConsentRow.purpose, ConsentRow.version).where(
            ConsentRow.person_id == person_id, ConsentRow.withdrawn_at.is_(None)
        )
        unit.standing[person_id] = {Purpose(name): version for name, version in session.execute(query)}
    if purpose not in unit.standing[person_id]:
        raise ConsentError(f"Consent must be on record for {purpose.value!r}, and is not; ask for it first.")


def _refuse_statements(state: ORMExecuteState) -> None:
    """Refuse statements that would write words past the rows that are looked at."""
    if _writes_words(state.statement):
        raise ConsentError(
            "Words must be kept row by row, where consent is looked up, and a statement was to write many; "
            "use a repository."
        )


def _writes_words(statement: Executable) -> bool:
    if isinstance(statement, TextClause):
        return _WRITES.search(statement.text) is not None
    is_write = getattr(statement, "is_insert", False) or getattr(statement, "is_update", False)
    return bool(is_write) and getattr(getattr(statement, "table", None), "name", None) in _TABLES
