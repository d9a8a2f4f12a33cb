"""Many rows as one parameter of a statement, whose text does not depend on their number.

So it is compiled, parsed and planned once. The rows travel as one JSON document, which PostgreSQL reads with
`json_to_recordset` and SQLite with `json_each`; statements see a table either way.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Dialect, FromClause, bindparam, cast, column, func, select, type_coerce
from sqlalchemy import Text as SqlText
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

PLACE = "place"
"""The column that numbers the rows, in the order in which they were given."""


class Rows:
    """A table of parameters. `name` is unique within a statement."""

    def __init__(self, name: str, **columns: TypeEngine[Any]) -> None:
        self._name = name
        self._columns = columns

    @property
    def names(self) -> list[str]:
        """The columns, without their number."""
        return list(self._columns)

    def source(self, dialect: str) -> FromClause:
        """The table, for a statement of this dialect (`postgresql` or `sqlite`)."""
        return self._each() if dialect == "sqlite" else self._recordset()

    def parameters(self, connection: AsyncConnection, rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
        """What to execute a statement on `source` with; each row has its values in the order of the columns."""
        if connection.dialect.name == "sqlite":
            return {self._name: json.dumps(self._as_stored(connection.dialect, rows))}
        names = (PLACE, *self._columns)
        records = [dict(zip(names, (place, *row), strict=True)) for place, row in enumerate(rows)]
        return {self._name: json.dumps(records, default=_as_text)}

    def _recordset(self) -> FromClause:
        columns = [column(name, type_) for name, type_ in (*self._columns.items(), (PLACE, BigInteger()))]
        document = cast(bindparam(self._name, type_=SqlText()), JSON())
        return func.json_to_recordset(document).table_valued(*columns).render_derived(self._name, with_types=True)

    def _each(self) -> FromClause:
        document = func.json_each(bindparam(self._name)).table_valued(column("key", BigInteger()), column("value"))
        columns = [
            type_coerce(func.json_extract(document.c.value, f"$[{position}]"), type_).label(name)
            for position, (name, type_) in enumerate(self._columns.items())
        ]
        return select(*columns, document.c.key.label(PLACE)).select_from(document).subquery(self._name)

    def _as_stored(self, dialect: Dialect, rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
        processors: list[Callable[[Any], Any] | None] = [
            type_.dialect_impl(dialect).bind_processor(dialect) for type_ in self._columns.values()
        ]
        return [
            [value if process is None else process(value) for process, value in zip(processors, row, strict=True)]
            for row in rows
        ]


def _as_text(value: object) -> str:
    """What JSON has no word for, as PostgreSQL reads it."""
    if isinstance(value, UUID):
        return str(value)
    assert isinstance(value, datetime)
    return value.isoformat()
