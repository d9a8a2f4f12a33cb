"""Many rows as the parameters of one statement, whose text does not depend on their number.

So it is compiled, parsed and planned once. PostgreSQL gets an array a column (`unnest`), SQLite one JSON document
(`json_each`); statements see a table either way.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Dialect, FromClause, bindparam, column, func, select, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY
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
        return self._json() if dialect == "sqlite" else self._arrays()

    def parameters(self, connection: AsyncConnection, rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
        """What to execute a statement on `source` with; each row has its values in the order of the columns."""
        if connection.dialect.name == "sqlite":
            return {self._name: json.dumps(self._as_stored(connection.dialect, rows))}
        return {
            f"{self._name}_{name}": list(values)
            for name, values in zip(self._columns, zip(*rows, strict=True), strict=True)
        }

    def _arrays(self) -> FromClause:
        arrays = [bindparam(f"{self._name}_{name}", type_=ARRAY(type_)) for name, type_ in self._columns.items()]
        columns = [column(name, type_) for name, type_ in self._columns.items()]
        table = func.unnest(*arrays).table_valued(*columns, with_ordinality=PLACE, name=self._name)
        return table.render_derived()

    def _json(self) -> FromClause:
        document = func.json_each(bindparam(self._name)).table_valued(column("key", BigInteger()), column("value"))
        columns = [
            type_coerce(func.json_extract(document.c.value, f"$[{position}]"), type_).label(name)
            for position, (name, type_) in enumerate(self._columns.items())
        ]
        return select(*columns, document.c.key.label(PLACE)).select_from(document).subquery(self._name)

    def _as_stored(self, dialect: Dialect, rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
        to_stored = [type_.dialect_impl(dialect).bind_processor(dialect) for type_ in self._columns.values()]
        return [
            [value if process is None else process(value) for process, value in zip(to_stored, row, strict=True)]
            for row in rows
        ]
