"""Many rows as parameters of a statement, whose text does not depend on their number.

So it is compiled, parsed and planned once. PostgreSQL takes an array a column (`unnest`), SQLite one JSON document
(`json_each`); statements see a table either way.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Dialect,
    FromClause,
    Row,
    Select,
    bindparam,
    cast,
    column,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import NULLTYPE, TypeEngine

# SQLAlchemy 2.1 types a row by its columns; these are rows whose columns the caller names.
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

PLACE = "place"
"""The column that numbers the rows, in the order in which they were given."""


class Speaker(Protocol):
    """A connection, or a database."""

    @property
    def dialect(self) -> Dialect:
        """What is spoken there."""


class Rows:
    """A table of parameters. `name` is unique within a statement."""

    def __init__(self, name: str, **columns: TypeEngine[Any]) -> None:
        self._name = name
        self._columns = columns
        self._parameters = [f"{name}_{column}" for column in columns]

    @property
    def names(self) -> list[str]:
        """The columns, without their number."""
        return list(self._columns)

    def source(self, dialect: str) -> FromClause:
        """The table, for a statement of this dialect (`postgresql` or `sqlite`)."""
        return self._each() if dialect == "sqlite" else self._unnested()

    def parameters(self, to: Speaker, rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
        """What to execute a statement on `source` with. Rows, at least one, have the order of the columns."""
        if to.dialect.name == "sqlite":
            return {self._name: json.dumps(self._as_stored(to.dialect, rows))}
        return dict(zip(self._parameters, zip(*rows, strict=True), strict=True))

    def bound(self) -> dict[str, BindParameter[Any]]:
        """The columns of one row, for a statement that is made for one alone."""
        columns = self._columns.items()
        return {name: bindparam(f"{self._name}_{name}", type_=type_) for name, type_ in columns}

    def values(self, *row: Any) -> dict[str, Any]:  # noqa: ANN401 -- as many types as columns
        """What to execute a statement on `bound` with."""
        return dict(zip(self._parameters, row, strict=True))

    def _unnested(self) -> FromClause:
        # The parameters have no type for SQLAlchemy, which would look at each value.
        arrays = [
            cast(bindparam(parameter, type_=NULLTYPE), ARRAY(type_))
            for parameter, type_ in zip(self._parameters, self._columns.values(), strict=True)
        ]
        columns = [column(name, type_) for name, type_ in self._columns.items()]
        table = func.unnest(*arrays).table_valued(*columns, with_ordinality=PLACE)
        return table.render_derived(self._name)

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
