"""What a database was asked, and how PostgreSQL would find the answers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from shared.database import Database
from shared.direct import Prepared

GREAT = {
    "attachments",
    "conversations",
    "journal_events",
    "messages",
    "reactions",
    "search_chunks",
    "sessions",
    "users",
}
"""Tables that grow with people and messages."""
SETTING = "SET "


@dataclass
class Recorder:
    """Statements in their order, each with the values of one execution."""

    database: Database
    statements: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    def _note(self, _c: object, _u: object, statement: str, values: Any, _x: object, is_many: bool) -> None:
        if not statement.startswith(SETTING):
            self.statements.append((statement, tuple(values[0] if is_many else values)))

    async def great_scans(self) -> list[str]:
        """Great tables that would be read from end to end, with the statement that does."""
        found = []
        async with self.database._engine.connect() as connection:
            for statement, values in self.statements:
                answer = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values)
                (plan,) = answer.scalar_one()
                read = {node["Relation Name"] for node in _nodes(plan["Plan"]) if node["Node Type"] == "Seq Scan"}
                found += [f"{table}: {statement}" for table in read & GREAT]
        return found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


@contextmanager
def recorded(database: Database) -> Iterator[Recorder]:
    """Every statement within the block."""
    recorder, engine, arguments = Recorder(database), database._engine.sync_engine, Prepared.arguments

    def note_arguments(prepared: Prepared, values: Mapping[str, Any]) -> list[Any]:
        given = arguments(prepared, values)
        recorder.statements.append((prepared.sql, tuple(given)))
        return given

    event.listen(engine, "before_cursor_execute", recorder._note)
    with patch.object(Prepared, "arguments", note_arguments):  # these pass SQLAlchemy's events by
        yield recorder
    event.remove(engine, "before_cursor_execute", recorder._note)
